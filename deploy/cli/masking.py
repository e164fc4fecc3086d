"""`prat privacy mask`: hides what may identify somebody in a file of texts, as the statistics do."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, TYPE_CHECKING, Annotated, Any

import typer

from deploy.cli.output import counted, faults_reported
from deploy.local.errors import LocalFault

if TYPE_CHECKING:
    from libs.privacy.products import Allowed

EACH = 500
"""Lines between two words on how far it is."""

FORM = 'one JSON object a line: {"text": "…", "lang": "nb", "ctx": "the question before"}'


class Mode(StrEnum):
    """How much is masked: `balanced` for counting, `strict` also unknown words, for people to read."""

    balanced = "balanced"
    strict = "strict"


def mask_file(
    source: Annotated[Path, typer.Option("--in", help=f"Texts to mask, {FORM}.")],
    target: Annotated[Path, typer.Option("--out", help="Where the same lines go, masked.")],
    mode: Annotated[Mode, typer.Option(help="How much is masked.")] = Mode.balanced,
    allow: Annotated[
        Path | None,
        typer.Option(help="Names of your brands and products, one a line: they are no people."),
    ] = None,
) -> None:
    """Mask personal data in a file of texts; what is in the lines beside it stays.

    Every line gets `masked`, the text with tokens like <PERSON>, and `spans` with the start, the end and
    the type of each token in code points of the original. `lang` and `ctx` may be left out. Nothing is
    written to --out unless all lines could be masked.
    """
    with faults_reported():
        rows = list(_rows(source))
        count = _write(target, rows, strict=mode is Mode.strict, listed=_listed(allow))
    typer.echo(f"{len(rows)} texts, {count} of them with something masked: {target}")


def _rows(source: Path) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(_lines(source), 1):
        if line.strip():
            yield _row(line, f"Line {number} of {source}")


def _lines(source: Path) -> list[bytes]:
    try:
        return source.read_bytes().split(b"\n")
    except OSError as error:
        raise LocalFault(
            cause=f"{source} cannot be read: {error.strerror}.",
            fix="Give a file that is there and may be read.",
        ) from None


def _row(line: bytes, place: str) -> dict[str, Any]:
    """The object of one line; errors name the line, never what is in it."""
    try:
        row = json.loads(line.decode())
    except UnicodeDecodeError as error:
        raise _fault(place, f"is not UTF-8 (byte {error.start + 1})") from None
    except (ValueError, RecursionError):
        raise _fault(place, "is not JSON") from None
    if not isinstance(row, dict):
        raise _fault(place, "is JSON, but no object")
    if not isinstance(row.get("text"), str):
        raise _fault(place, 'has no "text"')
    for name in ("lang", "ctx"):
        if not isinstance(row.get(name), str | None):
            raise _fault(place, f'has a "{name}" that is no text')
    return row


def _fault(place: str, what: str) -> LocalFault:
    return LocalFault(cause=f"{place} {what}.", fix=f"Write {FORM}.")


def _listed(allow: Path | None) -> "Allowed | None":
    from libs.privacy.products import Allowed

    if allow is None:
        return None
    try:
        return Allowed(line.decode() for line in _lines(allow))
    except UnicodeDecodeError:
        raise LocalFault(cause=f"{allow} is not UTF-8.", fix="Save it as UTF-8.") from None


def _write(
    target: Path, rows: list[dict[str, Any]], *, strict: bool, listed: "Allowed | None"
) -> int:
    """Writes beside the target and moves it there when whole; how many texts had something to mask."""
    from libs.privacy.masking import mask

    count = 0
    with _beside(target) as file, counted() as progress:
        for number, row in enumerate(rows, 1):
            masked = mask(
                row["text"], row.get("lang"), row.get("ctx"), strict=strict, listed=listed
            )
            spans = [{"start": s.start, "end": s.end, "type": s.kind} for s in masked.spans]
            count += bool(spans)
            file.write(_encoded({**row, "spans": spans, "masked": masked.text}) + b"\n")
            if number % EACH == 0:
                progress(number, len(rows))
    return count


@contextmanager
def _beside(target: Path) -> Iterator[IO[bytes]]:
    """A file that takes the target's place at the end, and is gone if it does not come to that."""
    try:
        file = NamedTemporaryFile(dir=target.parent, prefix=f".{target.name}.", delete=False)  # noqa: SIM115 - closed below
    except OSError as error:
        raise LocalFault(
            cause=f"{target} cannot be written: {error.strerror}.",
            fix="Give a file in a folder that is there with --out.",
        ) from None
    try:
        with file:
            yield file
        Path(file.name).replace(target)
    finally:
        Path(file.name).unlink(missing_ok=True)


def _encoded(row: dict[str, Any]) -> bytes:
    """As readable as it can be: half of a pair of code units has no UTF-8, so it stays escaped."""
    try:
        return json.dumps(row, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return json.dumps(row).encode()
