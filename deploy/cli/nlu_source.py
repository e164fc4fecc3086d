"""What the commands of `prat nlu` share: which packs are meant, how they are learned, how faults look."""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape

from deploy.cli.output import faults_reported
from deploy.local.errors import LocalFault
from libs.kit.clock import utc_now

if TYPE_CHECKING:
    from libs.contracts.content import PackPublished
    from services.nlu.content.yamlfile import Problem
    from services.nlu.evaluation.learning import Learner
    from services.nlu.understanding.embeddings import Embeddings

DEMO = Path(__file__).parents[1] / "demo" / "merchants"
"""The two demo merchants: who is talked to when nobody else is named."""

RETAIL = "retail"

Folder = Annotated[
    Path | None,
    typer.Argument(
        help="A folder with merchant.yaml, or with one such folder per merchant.",
        show_default=False,
    ),
]
PackName = Annotated[
    str | None,
    typer.Option(
        "--pack", help="`retail`: the starter pack by itself; or such a folder.", show_default=False
    ),
]
MerchantId = Annotated[
    str | None,
    typer.Option("--merchant", help="Which merchant of the folder.", show_default=False),
]
Light = Annotated[
    bool, typer.Option("--light", help="Letters and words alone, without the sentence encoder.")
]


def chosen_packs(
    folder: Path | None, name: str | None, otherwise: Path | None = None
) -> list["PackPublished"]:
    """The packs that are meant: a folder's, or the starter pack where none is named."""
    from services.nlu.content.packs import load_folder
    from services.nlu.content.starter import starter_pack

    if folder and name:
        raise LocalFault("A folder and --pack are both given", "Name one of the two.")
    if name == RETAIL:
        return [starter_pack(utc_now())]
    wanted = folder or (Path(name) if name else otherwise)
    if wanted is None:
        return [starter_pack(utc_now())]
    if not wanted.is_dir():
        fix = f"Name a folder that holds merchant.yaml, or `{RETAIL}` with --pack."
        raise LocalFault(f"There is no folder {wanted}", fix)
    return load_folder(wanted, os.environ, utc_now())


def chosen_pack(packs: list["PackPublished"], merchant_id: str | None) -> "PackPublished":
    """The merchant's pack, or the first; LocalFault for a merchant who is not there."""
    found = [pack for pack in packs if merchant_id in (None, pack.merchant_id)]
    if not found:
        names = ", ".join(pack.merchant_id for pack in packs)
        raise LocalFault(f"There is no merchant {merchant_id} here", f"There are: {names}.")
    return found[0]


def learner(*, light: bool, anew: bool = False) -> "Learner":
    """Learns with the encoder where it was built; `anew` what was learned before, too."""
    from deploy.encoder.places import learned_folder
    from deploy.local.places import Places
    from services.nlu.evaluation.learning import Learner
    from services.nlu.understanding.kept import Lessons

    folder = None if anew else learned_folder(Places.at(None).cache)
    return Learner(Lessons(embeddings(light=light), folder))


def embeddings(*, light: bool, kept: bool = True) -> "Embeddings | None":
    """The house's encoder; None where it is not wanted, or not there.

    Vectors of content are `kept` for the next time; those of other people's lines are not.
    """
    from deploy.encoder.places import encoder_folder, learned_folder
    from deploy.local.places import Places
    from services.nlu.settings import NluSettings
    from services.nlu.understanding.embeddings import embeddings_for

    cache = Places.at(None).cache
    settings = NluSettings(
        nlu_encoder="off" if light else "auto",
        nlu_encoder_folder=encoder_folder(cache),
        nlu_cache_folder=learned_folder(cache) if kept else None,
    )
    return embeddings_for(settings)


def notes() -> Console:
    """Standard error: progress and remarks, so that standard output is the result alone."""
    return Console(stderr=True, highlight=False, soft_wrap=True)


def quiet_logs() -> None:
    """Sends the logs of what is called to standard error, too."""
    import structlog

    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))


@contextmanager
def all_reported(*, as_json: bool = False) -> Iterator[None]:
    """Turns problems of content files, and any other fault, into messages and exit code 1."""
    from services.nlu.content.yamlfile import ContentError

    quiet_logs()
    with faults_reported(as_json=as_json):
        try:
            yield
        except ContentError as error:
            show_problems(error.problems, as_json=as_json)
            raise typer.Exit(1) from None


def show_problems(problems: tuple["Problem", ...], *, as_json: bool) -> None:
    """Each problem with file, line, column and fix."""
    if as_json:
        rows = [asdict(problem) for problem in problems]
        typer.echo(json.dumps({"valid": False, "problems": rows}, ensure_ascii=False))
        return
    for problem in problems:
        notes().print(f"{escape(str(problem))}\n  [bold]Fix:[/] {escape(problem.fix)}")
