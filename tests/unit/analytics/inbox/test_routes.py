"""The inbox's interface: only what many share, for the key's shop, and noted before it is shown."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import httpx
import pytest

from libs.kit.audit import Audit
from libs.kit.content import Packs
from services.analytics.figures import Figures
from services.analytics.inbox.routes import InboxRoutes
from services.analytics.inbox.store import Samples
from services.analytics.inbox.views import size_of
from services.analytics.keys import Right
from services.analytics.routes import AnalyticsRoutes
from services.analytics.settings import AnalyticsSettings
from tests.builders import NOW, pack, secrets_folder
from tests.unit.analytics.fakes import MemoryDoor, MemoryFigures, made_key
from tests.unit.analytics.inbox.fakes import MemoryAudit, MemorySamples

K = 10

WAREHOUSE, HELPER = "a key that may read figures", "a key that may look into the inbox"


@dataclass
class Desk:
    """The page with its shop's key."""

    samples: MemorySamples
    audit: MemoryAudit
    client: httpx.AsyncClient
    headers: dict[str, str]

    async def look(self, **query: str) -> dict[str, Any]:
        answer = await self.get(**query)
        assert answer.status_code == 200
        found: dict[str, Any] = answer.json()
        return found

    async def get(self, **query: str) -> httpx.Response:
        params = {"merchant": "fjellbekk"} | query
        return await self.client.get("/api/inbox", params=params, headers=self.headers)

    async def post(self, path: str, **body: str) -> httpx.Response:
        body = {"merchant": "fjellbekk"} | body
        return await self.client.post(f"/api/inbox/{path}", json=body, headers=self.headers)


@pytest.fixture
async def desk(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Desk]:
    secrets = secrets_folder(tmp_path)
    settings = AnalyticsSettings(secrets_dir=secrets)
    door = MemoryDoor(
        {WAREHOUSE: made_key(Right.READ), HELPER: made_key(Right.INBOX, name="helper")}
    ).door(settings)
    packs, samples, audit = Packs(pack(), pack("havsro")), MemorySamples(), MemoryAudit()
    inbox = InboxRoutes(
        cast(Samples, samples), packs, cast(Audit, audit), door, lambda: NOW,
        is_on=getattr(request, "param", True), authoring_url="http://write.example",
    )  # fmt: skip
    figures = cast(Figures, MemoryFigures())
    routes = AnalyticsRoutes(figures, packs, settings, door, lambda: NOW, tuple(inbox.routes()))
    transport = httpx.ASGITransport(app=routes.app(), raise_app_exceptions=False)
    token = (secrets / "stats-fjellbekk.token").read_text().strip()
    async with httpx.AsyncClient(transport=transport, base_url="http://statistics") as client:
        yield Desk(samples, audit, client, {"authorization": f"Bearer {token}"})


async def test_what_k_conversations_share_is_shown_and_nothing_else(desk: Desk) -> None:
    desk.samples.ask("Kan jeg bytte <UNKNOWN> i gavekort?", K)
    desk.samples.ask("Har dere kajakk til Ingvild?", K - 1, by="d")
    answer = await desk.get()
    (cluster,) = answer.json()["clusters"]
    assert cluster["phrases"] == [
        [{"text": "Kan jeg bytte "}, {"token": "UNKNOWN"}, {"text": " i gavekort?"}]
    ]
    assert cluster["size"] == {"from": 10, "to": 19}
    assert cluster["language"] == "nb"
    assert "kajakk" not in answer.text.casefold()
    assert not any(one.id in answer.text for _at, one in desk.samples.phrases)
    assert desk.samples.opened == K


async def test_a_word_a_language_and_a_guess_of_few_are_not_shown(desk: Desk) -> None:
    desk.samples.ask("gavekort", K, guess="return_item")
    desk.samples.ask("gavekort til Storfjordbygda", 2, by="x", guess="damaged_item")
    desk.samples.ask("presentkort", K - 1, by="s", language="sv")
    answer = await desk.get()
    (cluster,) = answer.json()["clusters"]
    assert cluster["language"] == "nb"
    assert "presentkort" not in answer.text
    assert cluster["guess"] == "return_item"
    assert "storfjordbygda" not in answer.text.casefold()
    assert [{"text": "gavekort "}, {"token": "RARE"}, {"text": " "}, {"token": "RARE"}] in cluster[
        "phrases"
    ]


async def test_a_choice_has_its_own_k_and_says_why_it_is_empty(desk: Desk) -> None:
    assert (await desk.look())["empty"] == "few"
    desk.samples.ask("gavekort", K - 1)
    desk.samples.ask("gavekort", 1, by="s", days=40)
    assert len((await desk.look())["clusters"]) == 1
    for query in ({"days": "7"}, {"days": "30"}, {"language": "fi"}):
        found = await desk.look(**query)
        assert (found["clusters"], found["empty"]) == ([], "filtered")


@pytest.mark.parametrize("desk", [False], indirect=True)
async def test_without_a_share_it_says_so(desk: Desk) -> None:
    assert (await desk.look())["empty"] == "off"


async def test_put_away_brought_back_and_all_of_it_noted(desk: Desk) -> None:
    desk.samples.ask("gavekort", K)
    (cluster,) = (await desk.look())["clusters"]
    done = await desk.post(cluster["id"], how="taught", topic="gift_card")
    assert (await desk.look())["empty"] == "away"
    again = await desk.post(cluster["id"], how="dismissed")
    assert (again.status_code, again.json()["error"]["code"]) == (409, "cluster_changed")
    await desk.post("undo", undo=done.json()["undo"])
    assert len((await desk.look())["clusters"]) == 1
    assert desk.audit.entries == [
        ("inbox_viewed", "fjellbekk", ""), ("inbox_taught", "fjellbekk", "gift_card"),
        ("inbox_viewed", "fjellbekk", ""), ("inbox_restored", "fjellbekk", ""),
        ("inbox_viewed", "fjellbekk", ""),
    ]  # fmt: skip


async def test_what_cannot_be_noted_is_neither_shown_nor_done(desk: Desk) -> None:
    desk.samples.ask("gavekort", K)
    (cluster,) = (await desk.look())["clusters"]
    desk.audit.is_away = True
    answers = [await desk.get(), await desk.post(cluster["id"], how="dismissed")]
    assert all(answer.status_code >= 500 for answer in answers)
    assert not any("gavekort" in answer.text for answer in answers)
    assert desk.samples.away == {}


async def test_the_log_names_the_key_and_only_one_for_the_inbox_opens_it(desk: Desk) -> None:
    await desk.look()
    desk.headers = {"authorization": f"Bearer {HELPER}"}
    await desk.look()
    desk.headers = {"authorization": f"Bearer {WAREHOUSE}"}
    answers = [await desk.get(), await desk.post("x", how="dismissed")]
    answers.append(await desk.post("undo", undo="0" * 32))
    assert [answer.json()["error"]["code"] for answer in answers] == ["key_may_not"] * 3
    assert desk.audit.who == ["key:first", "key:helper"]


async def test_another_shops_key_opens_nothing(desk: Desk) -> None:
    desk.samples.ask("gavekort", K)
    name = "0" * 32
    for answer in (
        await desk.get(merchant="havsro"),
        await desk.get(merchant="nobody"),
        await desk.post(name, merchant="havsro", how="dismissed"),
        await desk.post("undo", merchant="havsro", undo=name),
    ):
        assert answer.status_code == 401
    assert desk.audit.entries == []


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("x", {"how": "published"}),
        ("x", {}),
        ("x", {"how": "taught", "topic": "../x"}),
        ("x", {"how": "dismissed", "days": "1"}),
        ("x", {"how": "dismissed", "more": "x"}),
        ("x", {"how": "dismissed", "language": "xx"}),
        ("undo", {"undo": "x"}),
    ],
)
async def test_bad_changes_are_refused_and_not_quoted(
    desk: Desk, path: str, body: dict[str, str]
) -> None:
    answer = await desk.post(path, **body)
    assert answer.status_code == 400
    assert "../x" not in answer.text


@pytest.mark.parametrize("query", [{"days": "1"}, {"days": ""}, {"language": "xx"}])
async def test_a_choice_that_could_single_out_is_refused(desk: Desk, query: dict[str, str]) -> None:
    assert (await desk.get(**query)).status_code == 400


async def test_the_page_and_what_it_shares_are_served_strictly(desk: Desk) -> None:
    for path in ("/inbox/", "/inbox/inbox.js", "/inbox/shared/words.js", "/inbox/shared/base.css"):
        answer = await desk.client.get(path)
        assert answer.status_code == 200
        assert "default-src 'none'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("conversations", "size"),
    [
        (10, {"from": 10, "to": 19}),
        (19, {"from": 10, "to": 19}),
        (20, {"from": 20, "to": 49}),
        (5000, {"from": 1000, "to": None}),
    ],
)
def test_sizes_are_steps(conversations: int, size: dict[str, int | None]) -> None:
    assert size_of(conversations, K) == size
