"""`prat nlu diff` and `prat nlu replay`: what a change of content does, and that nothing else changes."""

import asyncio
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from deploy.cli.nlu_lines import heading, show_table
from deploy.cli.nlu_source import (
    DEMO,
    Folder,
    Light,
    MerchantId,
    PackName,
    all_reported,
    chosen_pack,
    chosen_packs,
    learner,
    notes,
)
from deploy.cli.output import AsJson
from deploy.local.errors import LocalFault

if TYPE_CHECKING:
    from libs.contracts.content import PackPublished
    from services.nlu.content.changes import Change
    from services.nlu.evaluation.comparing import Comparison
    from services.nlu.evaluation.differences import Turned

PUBLISHED, STARTER = "published", "starter"
MOST_SHOWN = 60


def diff(
    folder: Annotated[
        Path,
        typer.Argument(help="A folder with merchant.yaml, or with one such folder per merchant."),
    ],
    against: Annotated[
        str,
        typer.Option(
            help="`published` (what the bus has), `starter` (nothing of the shop's own), or a folder."
        ),
    ] = PUBLISHED,
    *,
    questions: Annotated[
        Path | None,
        typer.Option(
            help='JSON lines {"text", "label"?, "lang"?} to ask both.', show_default=False
        ),
    ] = None,
    fail_on_worse: Annotated[
        bool, typer.Option("--fail-on-worse", help="Exit 1 if a line was right and is no longer.")
    ] = False,
    light: Light = False,
    as_json: AsJson = False,
) -> None:
    """Show what FOLDER would change: content, and lines understood otherwise.

    The lines are the topics' tests, and those of --questions.

    Example: prat nlu diff shops/fjellbekk --questions questions.jsonl

    Exit code: 0, or 1 when the content has problems; with --fail-on-worse also
    when a line was understood rightly and no longer is.
    """
    from services.nlu.evaluation.comparing import compare, lines_of

    with all_reported(as_json=as_json):
        after = chosen_packs(folder, None)
        before = other_packs(against, after)
        asked = lines_of(questions) if questions else []
        teacher = learner(light=light)
        found = []
        for new in after:
            with notes().status(f"Comparing {new.merchant_id} …"):
                found.append(compare(before[new.merchant_id], new, asked, teacher))
    if as_json:
        rows = [asdict(one) for one in found]
        typer.echo(json.dumps({"against": against, "merchants": rows}, ensure_ascii=False))
    else:
        for one in found:
            _show_comparison(one, against)
    if fail_on_worse and any(turn.better is False for one in found for turn in one.turned):
        raise typer.Exit(1)


def replay(
    file: Annotated[Path, typer.Argument(help='JSON lines {"at", "text", "locale"?, "finding"?}.')],
    folder: Folder = None,
    *,
    pack: PackName = None,
    merchant: MerchantId = None,
    expect: Annotated[
        str | None, typer.Option(help="The sha256 that the replies must have.", show_default=False)
    ] = None,
    against: Annotated[
        Path | None, typer.Option(help="A file of replies to be equal to.", show_default=False)
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Write the replies here, one a line.", show_default=False)
    ] = None,
    light: Light = False,
    as_json: AsJson = False,
) -> None:
    """Say a conversation's lines to the bot again: are the replies the same?

    The same lines on the same pack give the same bytes; the sha256 is that of
    the replies as --out writes them. Without FOLDER it is the demo merchants.

    Example: prat nlu replay talk.jsonl shops/fjellbekk --against before.jsonl

    Exit code: 0, or 1 when the replies are not as expected, or a file has
    problems.
    """
    from services.nlu.evaluation.comparing import different_replies, digest, said_lines

    with all_reported(as_json=as_json):
        chosen = chosen_pack(chosen_packs(folder, pack, DEMO), merchant)
        lines = said_lines(file)
        with notes().status(f"Learning {chosen.merchant_id} …"):
            brain = learner(light=light).learn(chosen).brain
        from services.nlu.evaluation.replay import replay as say_again

        replies = say_again(brain, lines)
        wrong = different_replies(replies, _bytes(against)) if against else []
        if out:
            _write(out, replies)
    sha = digest(replies)
    equal = not wrong and expect in (None, sha)
    row = {
        "merchant_id": chosen.merchant_id, "pack_version": chosen.pack_version,
        "replies": len(replies), "sha256": sha, "equal": equal, "different": wrong,
    }  # fmt: skip
    if as_json:
        typer.echo(json.dumps(row))
    else:
        _show_replay(row, expect)
    if not equal:
        raise typer.Exit(1)


def other_packs(against: str, packs: Sequence["PackPublished"]) -> dict[str, "PackPublished"]:
    """What each merchant's pack is compared with; nothing published counts as the starter pack."""
    from services.nlu.content.starter import bare_of

    starter = {pack.merchant_id: bare_of(pack) for pack in packs}
    if against == STARTER:
        return starter
    if against == PUBLISHED:
        found = asyncio.run(published_packs())
    else:
        found = {pack.merchant_id: pack for pack in chosen_packs(Path(against), None)}
    missing = [name for name in starter if name not in found]
    if missing:
        text = "is not there, so it is compared with the starter pack"
        notes().print(f"[yellow]note[/] {against}: {', '.join(missing)} {text}")
    return starter | found


async def published_packs() -> dict[str, "PackPublished"]:
    """Every merchant's newest pack on the bus."""
    from aiokafka.errors import KafkaError

    from deploy.local.kafka import is_reachable
    from libs.kit.content import ContentView
    from libs.kit.settings import CommonSettings

    settings = CommonSettings()
    if not await is_reachable(settings.kafka_bootstrap):
        fix = "Start it (`prat up` does), give KAFKA_BOOTSTRAP, or compare --against starter."
        raise LocalFault(f"No broker answers at {settings.kafka_bootstrap}", fix)
    view = ContentView(settings)
    try:
        await view.start()
        return {pack.merchant_id: pack for pack in view.all()}
    except KafkaError as error:
        cause = f"The broker does not give out the content ({type(error).__name__})"
        raise LocalFault(cause, "Look whether it is up, or compare --against starter.") from None
    finally:
        await view.stop()


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise LocalFault(f"{path} cannot be read ({error.strerror})", "Check the path.") from None


def _write(path: Path, replies: Sequence[bytes]) -> None:
    from services.nlu.evaluation.comparing import as_file

    try:
        path.write_bytes(as_file(replies))
    except OSError as error:
        raise LocalFault(f"{path} cannot be written ({error.strerror})", "Check it.") from None


def _show_replay(row: dict[str, Any], expect: str | None) -> None:
    typer.echo(f"{row['merchant_id']} {row['pack_version']}: {row['replies']} replies")
    typer.echo(f"sha256 {row['sha256']}")
    if row["different"]:
        show_table(("reply", "differs in"), [(one["reply"], one["in"]) for one in row["different"]])
    if not row["equal"] and not row["different"]:
        typer.echo(f"expected {expect}: the replies are not those.")


def _show_comparison(found: "Comparison", against: str) -> None:
    heading(f"{found.merchant_id}: {found.before} ({against}) → {found.after}")
    if not found.changes:
        typer.echo("The content is the same.")
    else:
        rows = change_rows(found.changes)
        show_table(("", "topic", "what", "before", "after"), rows[:MOST_SHOWN])
        if len(rows) > MOST_SHOWN:
            typer.echo(f"… and {len(rows) - MOST_SHOWN} more; --json has all.")
    heading(f"Understood differently: {len(found.turned)} of {found.lines} lines")
    if found.turned:
        rows = [_turned_row(turn) for turn in found.turned[:MOST_SHOWN]]
        show_table(("", "in", "said", "before", "after"), rows)
    better = sum(turn.better is True for turn in found.turned)
    worse = sum(turn.better is False for turn in found.turned)
    typer.echo(f"{better} better, {worse} worse.")


def change_rows(changes: Sequence["Change"]) -> list[tuple[str, str, str, str, str]]:
    """The changes for people: examples and tests only counted, one row for each topic and language."""
    rows: list[tuple[str, str, str, str, str]] = []
    counted: Counter[tuple[str, str, str]] = Counter()
    for one in changes:
        if one.where.split(".")[0] in ("examples", "tests"):
            counted[one.topic or "", one.where, one.kind] += 1
            continue
        rows.append((one.kind, one.topic or "(shop)", one.where, one.before or "", one.after or ""))
    for topic, where in dict.fromkeys((topic, where) for topic, where, _ in counted):
        new, gone = counted[topic, where, "added"], counted[topic, where, "removed"]
        rows.append(("changed", topic, where, f"-{gone}" if gone else "", f"+{new}" if new else ""))
    return rows


def _turned_row(turn: "Turned") -> tuple[str, str, str, str, str]:
    mark = {True: "better", False: "worse", None: ""}[turn.better]
    return mark, turn.line.language, turn.line.text, turn.before, turn.after
