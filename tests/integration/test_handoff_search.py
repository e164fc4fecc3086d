"""Search on a real store: one's own open cases, opened in memory, every hit in the audit log."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from deploy.local.stack import Stack
from libs.contracts.sealed import Purpose
from libs.kit.clock import utc_now
from tests.console_room import KARI, PER, Console, only_case, open_console


@pytest.fixture
async def desk(stack: Stack, tmp_path: Path) -> AsyncIterator[Console]:
    async with open_console(stack.store.url, tmp_path) as opened:
        yield opened


async def case_with(desk: Console, browser: httpx.AsyncClient, text: str) -> str:
    """The id of a case of the browser's agent, with a text in its form."""
    await desk.asks(description=text)
    case_id = await only_case(browser)
    await browser.post(f"/api/cases/{case_id}/claim")
    return case_id


async def find(browser: httpx.AsyncClient, question: str) -> dict[str, Any]:
    found: dict[str, Any] = (await browser.get("/api/search", params={"q": question})).json()
    return found


async def hits(browser: httpx.AsyncClient, question: str) -> list[tuple[str, str]]:
    found = (await find(browser, question))["found"]
    return [(hit["case"]["case_id"], hit["excerpt"]) for hit in found]


async def test_form_transcript_and_notes_are_searched_whatever_the_letters_case(
    desk: Console,
) -> None:
    kari = await desk.logged_in()
    first = await case_with(desk, kari, "Grønt telt,\nmangler   stang")
    second = await case_with(desk, kari, "Blå jakke")
    asked = await desk.asks()
    third = await only_case(kari)
    await kari.post(f"/api/cases/{third}/claim")
    await desk.writes(asked, Purpose.DIALOGUE)
    note = {"client_id": str(uuid4()), "text": "Lageret har grønne telt"}
    await kari.post(f"/api/cases/{second}/notes", json=note)
    assert await hits(kari, "GRØN") == [
        (first, "Grønt telt, mangler stang"), (second, "Lageret har grønne telt")
    ]  # fmt: skip
    assert [case_id for case_id, _ in await hits(kari, "planted canary")] == [third]
    assert [case_id for case_id, _ in await hits(kari, "telt, mangler")] == [first]
    assert await hits(kari, "gr.n") == []


async def test_an_excerpt_shows_what_was_found_and_a_little_beside_it(desk: Console) -> None:
    kari = await desk.logged_in()
    await case_with(desk, kari, f"{'a ' * 200}nål{' b' * 200}")
    ((_, excerpt),) = await hits(kari, "nål")
    assert excerpt.startswith("…")
    assert excerpt.endswith("…")
    assert "nål" in excerpt
    assert len(excerpt) < 120


async def test_only_ones_own_open_cases_are_searched(desk: Console) -> None:
    kari, per = await desk.logged_in(), await desk.logged_in(PER)
    case_id = await case_with(desk, kari, "Grønt telt")
    await desk.asks(description="Et annet grønt telt")
    assert [found for found, _ in await hits(kari, "telt")] == [case_id]
    assert await hits(per, "telt") == []
    await kari.post(f"/api/cases/{case_id}/close", json={"reason": "solved"})
    assert await hits(kari, "telt") == []


async def test_every_hit_is_noted_and_nothing_else_is(desk: Console) -> None:
    kari = await desk.logged_in()
    await case_with(desk, kari, "Grønt telt")
    await case_with(desk, kari, "Blå jakke")
    before = await desk.looks()
    await find(kari, "ingenting")
    assert await desk.looks() == before
    await find(kari, "telt")
    assert (await desk.looks())[len(before) :] == [
        (KARI, "case_found", ("intake", "messages", "notes"))
    ]
    assert "telt" not in str([row async for row in desk.db["audit"].find()])


async def test_while_the_transcript_is_away_that_is_said(desk: Console) -> None:
    kari = await desk.logged_in()
    await case_with(desk, kari, "Grønt telt")
    assert (await find(kari, "telt"))["complete"]
    desk.shelf.is_away = True
    found = await find(kari, "telt")
    assert (len(found["found"]), found["complete"]) == (1, False)


async def test_an_erased_case_is_not_found(desk: Console) -> None:
    asked = await desk.asks(description="Grønt telt")
    kari = await desk.logged_in()
    await kari.post(f"/api/cases/{await only_case(kari)}/claim")
    await desk.ring.destroy(asked.merchant_id, asked.conversation_id, utc_now())
    assert await find(kari, "telt") == {"found": [], "complete": True}


@pytest.mark.parametrize("question", ["", " ", "a", "  a  ", "x" * 101, "\n\t"])
async def test_what_finds_nothing_or_everything_is_refused(desk: Console, question: str) -> None:
    kari = await desk.logged_in()
    answer = await kari.get("/api/search", params={"q": question})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "nothing_asked")


async def test_long_transcripts_are_read_to_their_end(desk: Console) -> None:
    asked = await desk.asks()
    kari = await desk.logged_in()
    await kari.post(f"/api/cases/{await only_case(kari)}/claim")
    desk.shelf.page_size = 2
    for n in range(5):
        await desk.writes(asked, text=f"melding {n}")
    assert len(await hits(kari, "melding 4")) == 1
