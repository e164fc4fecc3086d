"""Versions and drafts on a real store: what is kept, in which order, and what two editors may do."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from libs.kit.clock import utc_now
from libs.kit.errors import Refused
from libs.kit.mongo import Client, database
from services.nlu.authoring import drafts as drafts_module
from services.nlu.authoring.drafts import Drafts, texts_of
from services.nlu.authoring.previews import preview_of
from services.nlu.authoring.versions import Recorder, Versions, again
from services.nlu.content.packs import pack_of_texts
from tests.authoring_studio import (
    NILS,
    ORIGIN,
    SIRI,
    client,
    pack,
)
from tests.unit.nlu.small import STARTER, small_starter

__all__ = ["client", "small_starter"]


async def test_the_same_event_again_is_one_version(client: Client, small_starter: Path) -> None:
    versions = Versions(client)
    await versions.prepare()
    first, other = pack(), pack(days=60)
    for event in (first, other, first, other):
        await versions.record(event)
    assert [one.version for one in await versions.list("fjellbekk")] == [
        other.pack_version, first.pack_version,
    ]  # fmt: skip
    assert await versions.pack("fjellbekk", first.pack_version) == first
    assert await versions.pack("fjellbekk", "nope") is None
    assert await versions.list("havsro") == []


async def test_equal_content_published_again_changes_nothing_but_going_back_does(
    client: Client, small_starter: Path
) -> None:
    versions = Versions(client)
    await versions.prepare()
    first, other = pack(), pack(days=60)
    back = again(first, utc_now() + timedelta(minutes=1))
    for event in (first, again(first, utc_now()), other, back):
        await versions.record(event)
    for event in (
        first,
        other,
        back,
    ):  # as a process that starts reads the topic from its beginning
        await versions.record(event)
    found = [one.version for one in await versions.list("fjellbekk")]
    assert found == [first.pack_version, other.pack_version, first.pack_version]


async def test_who_and_why_count_once_the_event_has_come(
    client: Client, small_starter: Path
) -> None:
    versions = Versions(client)
    await versions.prepare()
    event = pack()
    await versions.announce(event, SIRI, "Longer returns.")
    assert await versions.list("fjellbekk") == []
    await versions.record(event)
    (one,) = await versions.list("fjellbekk")
    assert (one.who, one.note) == (SIRI, "Longer returns.")
    other = pack(days=61)
    await versions.record(other)
    assert (await versions.list("fjellbekk"))[0].who == "files"


async def test_only_the_newest_versions_are_kept(client: Client, small_starter: Path) -> None:
    versions = Versions(client, kept=2)
    await versions.prepare()
    packs = [again(pack(days=n), utc_now() + timedelta(seconds=n)) for n in (10, 20, 30)]
    for event in packs:
        await versions.record(event)
    assert [one.version for one in await versions.list("fjellbekk")] == [
        packs[2].pack_version, packs[1].pack_version,
    ]  # fmt: skip
    assert await versions.pack("fjellbekk", packs[0].pack_version) is None
    assert await versions.pack("fjellbekk", packs[1].pack_version) is not None


async def test_previews_are_no_versions(client: Client, small_starter: Path) -> None:
    versions, recorder = Versions(client), Recorder()
    await versions.prepare()
    keeping = asyncio.create_task(recorder.keep(versions))
    recorder.take(preview_of(pack(), ORIGIN, utc_now))
    recorder.take(pack())
    async with asyncio.timeout(10):
        while not await versions.list("fjellbekk"):
            await asyncio.sleep(0.02)
    keeping.cancel()
    assert await database(client, "nlu")["packs"].count_documents({}) == 1


async def test_a_pack_without_files_begins_as_files_of_its_values(
    client: Client, small_starter: Path
) -> None:
    own = STARTER["returns"].replace('"Returns"', '"Bytte"')
    bare = pack(returns=own).model_copy(update={"sources": {}})
    texts = texts_of(bare)
    assert sorted(texts) == ["merchant.yaml", "topics/returns.yaml"]
    made = pack_of_texts(texts, {}, utc_now())
    assert made.pack_version == bare.pack_version


async def test_of_two_who_change_the_same_draft_the_second_is_told(
    client: Client, small_starter: Path
) -> None:
    drafts = Drafts(client)
    await drafts.prepare()
    start = await drafts.of(pack())
    first = await drafts.change(start, "topics/a.yaml", "key: a", SIRI)
    for late in (start, first):
        if late is first:
            await drafts.change(first, "topics/a.yaml", "key: aa", SIRI)
        with pytest.raises(Refused) as refused:
            await drafts.change(late, "topics/b.yaml", "key: b", NILS)
        assert (refused.value.status, refused.value.code) == (409, "draft_changed")
        assert SIRI in refused.value.message
    assert "topics/b.yaml" not in (await drafts.of(pack())).files


async def test_many_at_once_are_one_change(client: Client, small_starter: Path) -> None:
    drafts = Drafts(client)
    await drafts.prepare()
    start = await drafts.of(pack())
    tries = (drafts.change(start, "topics/a.yaml", f"key: a{n}", SIRI) for n in range(8))
    done = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(not isinstance(one, Refused) for one in done) == 1


async def test_a_discarded_drafts_mark_is_never_right_again(
    client: Client, small_starter: Path
) -> None:
    drafts = Drafts(client)
    await drafts.prepare()
    start = await drafts.of(pack())
    first = await drafts.change(start, "topics/a.yaml", "key: a", SIRI)
    await drafts.discard(first)
    second = await drafts.change(await drafts.of(pack()), "topics/a.yaml", "key: b", NILS)
    assert second.mark != first.mark
    with pytest.raises(Refused):
        await drafts.change(first, "topics/a.yaml", "key: c", SIRI)
    with pytest.raises(Refused):
        await drafts.discard(first)


async def test_changes_are_undone_one_by_one(client: Client, small_starter: Path) -> None:
    drafts = Drafts(client)
    await drafts.prepare()
    draft = await drafts.of(pack())
    before = draft.files
    for path, text in (
        ("topics/a.yaml", "key: a"),
        ("topics/a.yaml", "key: b"),
        ("merchant.yaml", "x: 1"),
    ):
        draft = await drafts.change(draft, path, text, SIRI)
    draft = await drafts.change(draft, "topics/a.yaml", None, SIRI)
    seen = []
    while draft.steps:
        draft = await drafts.undo(draft, SIRI)
        seen.append(draft.files.get("topics/a.yaml"))
    assert seen == ["key: b\n", "key: b\n", "key: a\n", None]
    assert draft.files == before
    with pytest.raises(Refused, match="nothing_to_undo"):
        await drafts.undo(draft, SIRI)
    assert await database(client, "nlu")["draft_steps"].count_documents({}) == 0


async def test_a_draft_has_a_largest_size_and_its_history_an_end(
    client: Client, small_starter: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drafts = Drafts(client)
    await drafts.prepare()
    draft = await drafts.of(pack())
    monkeypatch.setattr(drafts_module, "UNDOABLE", 3)
    for number in range(5):
        draft = await drafts.change(draft, "topics/a.yaml", f"key: a{number}", SIRI)
    assert len(draft.steps) == 3
    assert await database(client, "nlu")["draft_steps"].count_documents({}) == 3
    monkeypatch.setattr(drafts_module, "PACK_BYTES", 2000)
    with pytest.raises(Refused) as refused:
        await drafts.change(draft, "topics/b.yaml", "å" * 1000, SIRI)
    assert refused.value.code == "draft_too_large"
