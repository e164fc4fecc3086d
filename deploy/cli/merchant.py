"""`prat merchant`: what a whole merchant is, taken along and erased when its contract ends."""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from deploy.cli.output import AsJson, counted, faults_reported
from deploy.cli.published import Merchant, newest_pack, opened_store, settings_of, speaking
from libs.kit.clock import utc_now
from libs.kit.errors import ConfigurationError

if TYPE_CHECKING:
    from deploy.merchant.leaving import Leaving, Progress
    from libs.kit.transcript import TranscriptClient

app = typer.Typer(no_args_is_help=True, help="A whole shop: take everything along, or erase it.")

ResultT = TypeVar("ResultT")
Work = Callable[[Any, "TranscriptClient"], Awaitable[ResultT]]


@app.command("show")
def show(merchant: Merchant, as_json: AsJson = False) -> None:
    """Count what there is of MERCHANT, place by place."""
    with faults_reported(as_json=as_json):
        found = asyncio.run(_count(merchant))
    _say({"merchant": merchant, "found": found}, found, "Nothing is kept of it.", as_json=as_json)


@app.command("export")
def export(
    merchant: Merchant,
    *,
    out: Annotated[Path, typer.Option(help="The archive to write (ZIP); must not exist.")],
    as_json: AsJson = False,
) -> None:
    """Write everything of MERCHANT to one archive: it holds what people wrote, in clear."""
    with faults_reported(as_json=as_json):
        if out.exists():
            raise ConfigurationError(f"{out} exists already.", "choose another name.")
        counts = _with_progress(lambda tell: _export(merchant, out, tell), quiet=as_json)
    _say({"merchant": merchant, "file": str(out), "counts": counts}, counts, "", as_json=as_json)


@app.command("erase")
def erase(
    merchant: Merchant,
    *,
    confirm: Annotated[str, typer.Option(help="The shop's id once more.")] = "",
    minutes: Annotated[float, typer.Option(help="Give up after this time.")] = 60.0,
    as_json: AsJson = False,
) -> None:
    """Erase every conversation, the content and the accounts of MERCHANT; nothing can undo it.

    Without --confirm it is only counted. What was stopped in the middle goes on with the same command.
    """
    with faults_reported(as_json=as_json):
        if confirm != merchant:
            found = asyncio.run(_count(merchant))
            total = sum(found.values())
            raise ConfigurationError(
                f"Nothing was erased: {total} things are kept of {merchant}.",
                f"if they shall go for ever, run it again with --confirm {merchant}.",
            )
        gone = _with_progress(lambda tell: _erase(merchant, minutes, tell), quiet=as_json)
    _say(gone, gone["erased"], "There was nothing.", as_json=as_json)
    if not as_json:
        typer.echo(f"{merchant} is gone. {STAYS_BEHIND}")


STAYS_BEHIND = (
    "Sealed copies without a key leave the bus within 74 hours; proofs of erasure and the log of who "
    "looked at what end by themselves. Remove its folder of content and its webhook secret by hand."
)


async def _count(merchant: str) -> dict[str, int]:
    from deploy.merchant.reach import count

    async with opened_store() as client:
        return await count(client, merchant)


async def _export(merchant: str, out: Path, progress: "Progress") -> dict[str, int]:
    from deploy.merchant.export import Taking

    async def work(client: Any, retention: "TranscriptClient") -> dict[str, int]:
        pack = await newest_pack(merchant)
        await _note(client, "merchant_exported", merchant)
        return await Taking(client, retention, utc_now).to_file(pack, out, progress)

    return await _with_retention(work)


async def _erase(merchant: str, minutes: float, progress: "Progress") -> dict[str, Any]:
    async def work(client: Any, retention: "TranscriptClient") -> dict[str, Any]:
        from deploy.merchant.leaving import Leaving

        await _note(client, "merchant_erased", merchant)
        async with speaking() as bus:
            leaving = Leaving(client, bus, retention, settings_of(os.environ), utc_now)
            return await _leave(leaving, merchant, minutes, progress)

    return await _with_retention(work)


async def _note(client: Any, what: str, merchant: str) -> None:
    """Before it is done: who takes or erases a whole shop is seen, however it ends."""
    from libs.kit.audit import KEY_FILE, Audit

    log = Audit(client, "handoff", settings_of(os.environ).key(KEY_FILE))
    await log.prepare()
    await log.add("command line", what, merchant_id=merchant)


async def _leave(
    leaving: "Leaving", merchant: str, minutes: float, progress: "Progress"
) -> dict[str, Any]:
    from deploy.merchant.leaving import unfinished

    before = await leaving.left(merchant)
    try:
        async with asyncio.timeout(minutes * 60):
            conversations = await leaving.leave(merchant, progress)
    except TimeoutError:
        raise unfinished(await leaving.left(merchant)) from None
    after = await leaving.left(merchant)
    if after:
        raise unfinished(after)
    return {"merchant": merchant, "erased": before, "conversations": conversations, "left": after}


async def _with_retention(work: "Work[ResultT]") -> ResultT:
    from libs.kit.errors import Unavailable

    async with opened_store() as client, _retention() as retention:
        try:
            return await work(client, retention)
        except Unavailable:
            raise ConfigurationError(
                "Retention does not answer.",
                "start the services (`prat up`), or give its address in PRAT_RETENTION_URL.",
            ) from None


@asynccontextmanager
async def _retention() -> "AsyncIterator[TranscriptClient]":
    from libs.kit.transcript import TranscriptClient
    from services.handoff.settings import HandoffSettings

    settings = HandoffSettings()
    client = TranscriptClient(settings.retention_url, settings.secret("internal.token"))
    try:
        yield client
    finally:
        await client.close()


def _with_progress(work: "Callable[[Progress], Any]", *, quiet: bool) -> Any:
    if quiet:
        return asyncio.run(work(lambda _done, _of: None))
    with counted() as progress:
        return asyncio.run(work(progress))


def _say(body: Mapping[str, Any], counts: Mapping[str, int], none: str, *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(body))
        return
    for place, number in counts.items():
        typer.echo(f"{number:>8}  {place}")
    if not counts:
        typer.echo(none)
