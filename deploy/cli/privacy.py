"""`prat privacy`: the privacy papers of a shop's chat, made from what runs, and checked against it."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from deploy.cli import masking, privacy_lint
from deploy.cli.output import faults_reported
from libs.contracts.content import Language

if TYPE_CHECKING:
    from deploy.privacy.source import Running

app = typer.Typer(
    no_args_is_help=True, help="Notice, record of processing, assessment; masking of texts."
)

app.command("lint")(privacy_lint.lint)
app.command("mask")(masking.mask_file)

Shop = Annotated[str, typer.Option("--merchant", help="The shop's id.")]
Content = Annotated[
    Path | None,
    typer.Option(help="Read the shop from this folder, without a store.", show_default=False),
]
Out = Annotated[Path | None, typer.Option(help="Write to this file.", show_default=False)]
Form = Annotated[Literal["md", "json"], typer.Option("--format", help="To read, or for programs.")]


@app.command("notice")
def show_notice(
    merchant: Shop,
    lang: Annotated[
        Language | None, typer.Option(help="The shop's own without.", show_default=False)
    ] = None,
    form: Annotated[
        Literal["md", "html"], typer.Option("--format", help="Markdown, or a page.")
    ] = "md",
    out: Out = None,
    content: Content = None,
) -> None:
    """Write the chat's privacy notice as visitors are shown it."""
    from libs.notice.forms import as_html, as_markdown

    with faults_reported():
        run = _running(merchant, content)
        made = run.notice(lang or run.merchant.languages[0])
    _write(as_html(made) if form == "html" else as_markdown(made), out)


@app.command("record")
def show_record(
    merchant: Shop, form: Form = "md", out: Out = None, content: Content = None
) -> None:
    """Write the record of processing (GDPR Article 30), for controller and processor."""
    from deploy.privacy.record import record, record_page

    _paper(merchant, content, out, record if form == "json" else record_page)


@app.command("dpia")
def show_annex(merchant: Shop, form: Form = "md", out: Out = None, content: Content = None) -> None:
    """Write the annex to an impact assessment (GDPR Article 35): risks, measures, proofs."""
    from deploy.privacy.dpia import annex, annex_page

    _paper(merchant, content, out, annex if form == "json" else annex_page)


def _paper(
    merchant: str, content: Path | None, out: Path | None, make: "Callable[[Running], Any]"
) -> None:
    with faults_reported():
        made = make(_running(merchant, content))
    is_text = isinstance(made, str)
    _write(made if is_text else json.dumps(made, indent=2, ensure_ascii=False) + "\n", out)


def _running(merchant: str, content: Path | None) -> "Running":
    from deploy.privacy.source import running

    return asyncio.run(running(merchant, content))


def _write(text: str, out: Path | None) -> None:
    if out is None:
        typer.echo(text, nl=False)
        return
    with faults_reported():
        save(out, text)
    typer.echo(f"wrote {out}")


def save(out: Path, text: str) -> None:
    """Writes a paper; raises ConfigurationError where that cannot be."""
    from libs.kit.errors import ConfigurationError

    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(
            f"{out} cannot be written: {error.strerror}.", "choose a file in a folder that exists."
        ) from None
