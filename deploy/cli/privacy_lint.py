"""`prat privacy lint`: what a notice lacks, and where it says something else than what runs."""

import asyncio
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from deploy.cli.output import AsJson, faults_reported, screen
from libs.contracts.content import LANGUAGES, Language
from libs.contracts.sealed import Purpose
from libs.kit.errors import ConfigurationError

if TYPE_CHECKING:
    from deploy.privacy.linting.findings import Expected, Finding
    from deploy.privacy.source import Running

Checked = tuple[str, "Finding"]
"""Where a finding is, and what it is."""

SHORTEST = 30
"""Sentences with fewer letters say too little of their language."""


def lint(
    file: Annotated[
        Path | None, typer.Argument(help="A notice: Markdown, text or HTML.", show_default=False)
    ] = None,
    merchant: Annotated[
        str, typer.Option(help="Compare with this shop; without FILE its own notice.")
    ] = "",
    lang: Annotated[
        Language | None, typer.Option(help="The notice's language.", show_default="found out")
    ] = None,
    content: Annotated[
        Path | None,
        typer.Option(help="Read the shop from this folder, without a store.", show_default=False),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Find gaps in a privacy notice, and differences from what runs; exit code 1 for any.

    A FILE without --merchant is compared with the house's defaults: 90 days, cases 365.
    """
    with faults_reported(as_json=as_json):
        found = list(_checked(file, merchant, lang, content))
    if as_json:
        rows = [asdict(finding) | {"file": where} for where, finding in found]
        typer.echo(json.dumps({"findings": rows}, ensure_ascii=False))
    else:
        _show(found)
    if found:
        raise typer.Exit(1)


def _checked(
    file: Path | None, merchant: str, lang: Language | None, content: Path | None
) -> Iterator[Checked]:
    from deploy.privacy.source import running

    run = asyncio.run(running(merchant, content)) if merchant else None
    if run is not None and content is None:
        yield from _of_store(run, lang)
    if file is not None:
        yield from _of_file(file, lang, run)
    elif run is not None:
        for language in (lang,) if lang else run.merchant.languages:
            yield from _of_shop(run, language)
    else:
        raise ConfigurationError("There is nothing to check.", "name a file, or --merchant.")


def _of_file(file: Path, lang: Language | None, run: "Running | None") -> Iterator[Checked]:
    from deploy.privacy.linting.lint import lint as findings_in

    text = _text(file)
    language = lang or _language_of(text)
    for finding in findings_in(text, _expected(language, run)):
        yield str(file), finding


def _of_shop(run: "Running", language: Language) -> Iterator[Checked]:
    from deploy.privacy.linting.lint import lint as findings_in
    from libs.notice.forms import as_markdown

    text = as_markdown(run.notice(language))
    for finding in findings_in(text, _expected(language, run)):
        yield f"{run.merchant.id}.{language}.md", finding


def _of_store(run: "Running", lang: Language | None) -> Iterator[Checked]:
    from deploy.privacy.linting.findings import Finding
    from deploy.privacy.stored import has_files, outliving

    codes = {Purpose.DIALOGUE: "conversation_outlives", Purpose.CASE: "case_outlives"}
    expected = _expected(lang or run.merchant.languages[0], run)
    for purpose, days in asyncio.run(outliving(run.merchant)):
        cause = f"messages for {purpose} are stored that end later than the {days} days told"
        code = codes[purpose]
        yield "store", Finding(code, 1, cause, expected.sentence(code))
    if not run.takes_files and asyncio.run(has_files(run.merchant)):
        cause = "files are stored, and no paper speaks of them: the content takes none any more"
        code = "attachments_unsaid"
        yield "store", Finding(code, 1, cause, expected.sentence(code))


def _expected(language: Language, run: "Running | None") -> "Expected":
    from deploy.privacy.linting.findings import Expected

    return Expected(language, run.facts(language) if run else None)


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except OSError as error:
        cause = f"{file} cannot be read: {error.strerror}."
        raise ConfigurationError(cause, "name a file that exists.") from None
    except UnicodeDecodeError:
        raise ConfigurationError(
            f"{file} is not text in UTF-8.", "save it as Markdown, text or HTML in UTF-8."
        ) from None


def _language_of(text: str) -> Language:
    """The language of most sentences; each is asked alone, as names and addresses mislead."""
    from deploy.privacy.linting.reading import sentences
    from services.nlu.reading.language import LanguageDetector

    detector = LanguageDetector()
    votes: Counter[Language] = Counter(
        detector.language(sentence.text, "en", LANGUAGES)
        for sentence in sentences(text)
        if len(sentence.text) >= SHORTEST
    )
    return votes.most_common(1)[0][0] if votes else "en"


def _show(found: list[Checked]) -> None:
    for where, finding in found:
        screen().print(
            f"{escape(where)}:{finding.line}: [bold]{finding.code}[/]: {escape(finding.cause)}\n"
            f"  [bold]Write for instance:[/] {escape(finding.suggestion)}"
        )
    count = f"{len(found)} finding{'s' if len(found) > 1 else ''}."
    typer.echo(count if found else "Nothing is missing, and nothing differs.")
