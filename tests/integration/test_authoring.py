"""Authoring on a real store: versions, drafts, who may do what, and what bad input is told."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from argon2 import PasswordHasher

from deploy.local.stack import Stack
from libs.contracts.content import PackPublished
from libs.contracts.envelope import Event
from libs.kit.clock import utc_now
from libs.kit.content import Packs
from libs.kit.errors import Refused
from libs.kit.mongo import Client, Database, connect, database
from services.nlu.authoring import drafts as drafts_module
from services.nlu.authoring.desk import AuthoringDesk
from services.nlu.authoring.doorway import Doorway
from services.nlu.authoring.drafts import Drafts, texts_of
from services.nlu.authoring.editors import Editors, EditorStore
from services.nlu.authoring.previews import preview_of
from services.nlu.authoring.routes import MAX_BODY_BYTES, AuthoringRoutes
from services.nlu.authoring.versions import Recorder, Versions, again
from services.nlu.content.packs import pack_of_texts
from services.nlu.understanding.brains import Brains
from tests.unit.nlu.small import MERCHANT, STARTER, small_starter

__all__ = ["small_starter"]

CANARY = "Planted canary 4711 kari@kunde.example"
SIRI, NILS = "siri@fjellbekk.example", "nils@havsro.example"
PASSWORDS = {SIRI: "fjell-1", NILS: "hav-1"}
QUICK = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
OWN = {"x-prat-authoring": "1"}
ORIGIN = "http://authoring"
GATEWAY = "http://127.0.0.1:8090"
SHOP = "/api/shops/fjellbekk"


def pack(merchant_id: str = "fjellbekk", days: int = 30, **own: str) -> PackPublished:
    """The small shop's pack."""
    text = MERCHANT.replace("id: fjellbekk", f"id: {merchant_id}")
    text = text.replace("return_days: 30", f"return_days: {days}")
    files = {"merchant.yaml": text} | {f"topics/{key}.yaml": one for key, one in own.items()}
    return pack_of_texts(files, {}, utc_now())


@dataclass
class Loop:
    """A bus that brings back what is said, as the real one does to the process that said it."""

    content: Packs
    brains: Brains
    versions: Versions

    async def publish(self, event: Event) -> None:
        assert isinstance(event, PackPublished)
        self.content.put(event)
        if not event.merchant_id.endswith("-preview"):
            await self.versions.record(event)
        await self.brains.learn(event)


@dataclass
class Studio:
    """The page's application, and what stands behind it."""

    app: Any
    db: Database
    desk: AuthoringDesk
    editors: Editors

    def browser(self) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(self.app)
        return httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers=OWN)

    async def logged_in(self, email: str = SIRI) -> "Page":
        browser = self.browser()
        form = {"email": email, "password": PASSWORDS[email]}
        assert (await browser.post("/api/login", json=form)).status_code == 200
        return Page(browser)


@dataclass
class Page:
    """A browser that is logged in and knows its draft's mark."""

    browser: httpx.AsyncClient
    shop: str = SHOP

    async def get(self, path: str = "") -> Any:
        answer = await self.browser.get(self.shop + path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def mark(self) -> str:
        return str((await self.get())["mark"])

    async def send(self, method: str, path: str, **body: Any) -> httpx.Response:
        body.setdefault("mark", await self.mark())
        if body["mark"] is None:
            del body["mark"]
        return await self.browser.request(method, self.shop + path, json=body)

    async def trial(self) -> Any:
        assert (await self.send("POST", "/trial")).status_code == 202
        async with asyncio.timeout(60):
            while (found := await self.get("/trial"))["state"] in ("learning", "testing"):
                await asyncio.sleep(0.05)
        return found


@pytest.fixture
async def client(stack: Stack) -> AsyncIterator[Client]:
    client = connect(stack.store.url)
    await client.drop_database("prat_nlu")
    yield client
    client.close()


@pytest.fixture
async def studio(client: Client, small_starter: Path, tmp_path: Path) -> AsyncIterator[Studio]:
    versions, drafts, store = Versions(client), Drafts(client), EditorStore(client)
    for prepare in (versions.prepare, drafts.prepare, store.prepare):
        await prepare()
    editors = Editors(store, QUICK)
    (tmp_path / "editors.json").write_text(json.dumps(PASSWORDS))
    assert await editors.seed(tmp_path / "editors.json") == 2
    content, brains = Packs(), Brains(on_learned=lambda _: None)
    loop = Loop(content, brains, versions)
    await loop.publish(pack())
    await loop.publish(pack("havsro"))
    desk = AuthoringDesk(content, drafts, versions, brains, loop, utc_now, {})
    app = AuthoringRoutes(desk, Doorway(editors, content, GATEWAY), ORIGIN).app()
    yield Studio(app, database(client, "nlu"), desk, editors)
    await desk.close()


# --- Versions


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


# --- Drafts


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


# --- The door


async def test_the_page_is_locked_by_its_policy(studio: Studio) -> None:
    page = await studio.browser().get("/")
    policy = page.headers["content-security-policy"]
    for rule in (
        "default-src 'none'", f"script-src 'self' {GATEWAY};", "style-src 'self';",
        f"connect-src 'self' {GATEWAY} ws://127.0.0.1:8090;", "frame-ancestors 'none'",
        "require-trusted-types-for 'script'", "trusted-types prat-authoring",
    ):  # fmt: skip
        assert rule in policy
    assert "unsafe" not in policy
    assert "*" not in policy


async def test_a_session_cookie_is_out_of_reach_for_scripts_and_other_sites(studio: Studio) -> None:
    browser = studio.browser()
    form = {"email": "SIRI@fjellbekk.example", "password": PASSWORDS[SIRI]}
    answer = await browser.post("/api/login", json=form)
    assert answer.json()["editor"]["name"] == "Siri"
    assert [shop["id"] for shop in answer.json()["editor"]["merchants"]] == ["fjellbekk"]
    cookie = answer.headers["set-cookie"].lower()
    for mark in ("httponly", "samesite=strict", "path=/", "max-age=28800"):
        assert mark in cookie
    token = browser.cookies["prat_authoring"]
    assert [token not in one["_id"] async for one in studio.db["sessions"].find()] == [True]
    await browser.post("/api/logout")
    thief = studio.browser()
    thief.cookies.set("prat_authoring", token)
    assert (await thief.get("/api/me")).json()["editor"] is None
    assert (await thief.get(SHOP)).status_code == 401


async def test_log_ins_are_counted(studio: Studio) -> None:
    browser = studio.browser()
    form = {"email": SIRI, "password": "wrong"}
    codes = [(await browser.post("/api/login", json=form)).status_code for _ in range(6)]
    assert codes == [401] * 5 + [429]


ADDRESSES = (
    ("GET", ""), ("GET", "/topics/returns"), ("PUT", "/topics/returns"),
    ("DELETE", "/topics/returns"), ("POST", "/topics"), ("GET", "/facts"), ("PUT", "/facts"),
    ("POST", "/undo"), ("POST", "/discard"), ("GET", "/diff"), ("GET", "/trial"),
    ("POST", "/trial"), ("POST", "/preview"), ("POST", "/inspect"), ("POST", "/publish"),
    ("GET", "/versions"), ("GET", "/versions/x"), ("POST", "/rollback"),
)  # fmt: skip


async def test_every_address_is_for_the_shops_own_editors(studio: Studio) -> None:
    known = {
        (method, route.path.removeprefix("/api/shops/{shop}").format(key="returns", version="x"))
        for route in studio.app.routes
        if getattr(route, "path", "").startswith("/api/shops")
        for method in route.methods - {"HEAD"}
    }
    assert known == set(ADDRESSES)
    nobody, nils = studio.browser(), await studio.logged_in(NILS)
    before = await nils.browser.get("/api/shops/havsro")
    for method, path in ADDRESSES:
        assert (await nobody.request(method, SHOP + path)).status_code == 401
        answers = [
            await nils.browser.request(method, f"/api/shops/{shop}{path}", json={})
            for shop in ("fjellbekk", "unheard-of", "fjellbekk-preview", "%00")
        ]
        assert {answer.status_code for answer in answers} == {404}
        assert len({answer.content for answer in answers}) == 1
    assert (await nils.browser.get("/api/shops/havsro")).json() == before.json()


@pytest.mark.parametrize(
    "headers",
    [
        {"x-prat-authoring": "0"}, {"origin": "https://evil.example"}, {"origin": "null"},
        {"origin": "http://authoring:81"}, {"origin": "https://fjellbekk.example"},
    ],
)  # fmt: skip
async def test_another_sites_page_changes_nothing(studio: Studio, headers: dict[str, str]) -> None:
    page = await studio.logged_in()
    mark = await page.mark()
    for method, path in (*ADDRESSES, ("POST", "login"), ("POST", "logout")):
        if method == "GET":
            continue
        address = SHOP + path if path.startswith("/") else f"/api/{path}"
        answer = await page.browser.request(method, address, json={"mark": mark}, headers=headers)
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "foreign_page")
    assert await page.mark() == mark


# --- Editing


async def test_the_list_of_topics(studio: Studio) -> None:
    page = await studio.logged_in()
    found = await page.get()
    rows = {row["key"]: row for row in found["topics"]}
    assert sorted(rows) == sorted(STARTER)
    assert rows["returns"]["examples"]["nb"] == 5
    assert rows["returns"] | {"title": 0, "examples": 0} == {
        "key": "returns", "title": 0, "action": "answer", "examples": 0, "own": False,
        "starter": True, "changed": False, "problems": 0,
    }  # fmt: skip
    assert (found["stored"], found["behind"], found["problems"]) == (False, False, [])


async def test_a_topic_is_changed_by_its_form_and_only_there(studio: Studio) -> None:
    page = await studio.logged_in()
    topic = (await page.get("/topics/returns"))["topic"]
    assert topic["variables"]["values"]["nb"]["return_days"] == "30"
    assert "opening_hours" in topic["variables"]["names"]
    data = topic["data"]
    data["answers"]["answer"]["nb"] = "Ny tekst, {return_days}."
    answer = await page.send("PUT", "/topics/returns", data=data)
    changed = answer.json()["topic"]
    assert (changed["own"], changed["problems"]) == (True, [])
    old, new = STARTER["returns"].splitlines(), changed["text"].splitlines()
    assert [line for line in new if line not in old] == ['    nb: "Ny tekst, {return_days}."']
    assert answer.json()["draft"] | {"mark": 0, "changed_at": 0} == {
        "mark": 0, "stored": True, "undoable": 1, "who": SIRI, "changed_at": 0, "behind": False,
    }  # fmt: skip
    overview = await page.get()
    assert [row["key"] for row in overview["topics"] if row["changed"]] == ["returns"]


async def test_a_wrong_text_is_kept_and_explained_at_its_line(studio: Studio) -> None:
    page = await studio.logged_in()
    text = STARTER["returns"].replace("{return_days} days", "{return_dagar} days")
    (problem,) = (await page.send("PUT", "/topics/returns", text=text)).json()["topic"]["problems"]
    assert (problem["file"], problem["line"]) == ("topics/returns.yaml", 41)
    assert "return_dagar" in problem["fix"]
    broken = (await page.send("PUT", "/topics/returns", text="key: [")).json()["topic"]
    assert (broken["data"], broken["text"]) == (None, "key: [\n")
    for path in ("/publish", "/trial", "/preview"):
        answer = await page.send("POST", path)
        assert (answer.status_code, answer.json()["error"]["code"]) == (422, "draft_has_problems")
    assert (await page.browser.get(f"{SHOP}/diff")).status_code == 422
    row = next(row for row in (await page.get())["topics"] if row["key"] == "returns")
    assert row["problems"] == 1


async def test_the_starters_own_text_is_no_change(studio: Studio) -> None:
    page = await studio.logged_in()
    await page.send("PUT", "/topics/returns", text=STARTER["returns"] + "# more\n")
    await page.send("PUT", "/topics/returns", text=STARTER["returns"])
    assert (await page.get("/topics/returns"))["topic"]["own"] is False


async def test_topics_come_and_go(studio: Studio) -> None:
    page = await studio.logged_in()
    made = (await page.send("POST", "/topics", key="repairs")).json()["topic"]
    assert made["data"]["answers"] == {"answer": {"nb": "", "en": ""}}
    assert any("0 examples in nb" in one["cause"] for one in made["problems"])
    copy = (await page.send("POST", "/topics", key="swaps", like="returns")).json()["topic"]
    assert copy["data"]["key"] == "swaps"
    assert copy["data"]["intake"][0]["key"] == "email"
    assert copy["data"]["examples"] == {"nb": [], "en": []}
    assert "tests" not in copy["data"]
    assert (await page.send("POST", "/topics", key="swaps")).status_code == 409
    assert (await page.send("POST", "/topics", key="more", like="nope")).status_code == 404
    for key in ("repairs", "swaps"):
        assert (await page.send("DELETE", f"/topics/{key}")).status_code == 200
    assert [row["key"] for row in (await page.get())["topics"]] == sorted(STARTER)
    assert (await page.browser.get(f"{SHOP}/topics/repairs")).status_code == 404


async def test_the_facts_are_one_form(studio: Studio) -> None:
    page = await studio.logged_in()
    form = (await page.get("/facts"))["form"]
    assert form["facts"] == [{"name": "return_days", "value": 30, "used_in": ["returns"]}]
    assert form["welcome"] == {"nb": "Spør meg.", "en": "Ask me."}
    values = {"facts": {"return_days": "60"}, "wrong_answer_rate": 0.1}
    answer = await page.send("PUT", "/facts", values=values)
    assert answer.json()["form"]["facts"][0]["value"] == "60"
    text = (await studio.desk.draft("fjellbekk")).files["merchant.yaml"]
    assert '  # How long a return is possible.\n  return_days: "60"\n' in text
    assert "nb: Spør meg.   # said first" in text
    missing = (await page.send("PUT", "/facts", values={"facts": {}})).json()["form"]
    assert missing["facts"] == [{"name": "return_days", "value": None, "used_in": ["returns"]}]


@pytest.mark.parametrize("name", ["id", "origins", "webhook_url", "retention_days", "colour"])
async def test_what_is_not_an_editors_business_stays(studio: Studio, name: str) -> None:
    page = await studio.logged_in()
    answer = await page.send("PUT", "/facts", values={name: "x"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "not_editable")
    draft = await studio.desk.draft("fjellbekk")
    text = draft.files["merchant.yaml"].replace("id: fjellbekk", "id: havsro")
    smuggled = await studio.desk.drafts.change(
        draft, "merchant.yaml", text.replace("${PRAT", "${PATH}${PRAT"), SIRI
    )
    built = await studio.desk.right(smuggled)
    assert (built.merchant.id, built.merchant.origins) == (
        "fjellbekk", ("https://fjellbekk.example",),
    )  # fmt: skip


async def test_the_processs_own_environment_is_not_readable(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRAT_PLANTED", CANARY)
    page = await studio.logged_in()
    answer = await page.send("PUT", "/facts", values={"facts": {"return_days": "${PRAT_PLANTED}"}})
    assert "PRAT_PLANTED is not set" in answer.json()["form"]["problems"][0]["cause"]
    assert CANARY not in answer.text


async def test_of_two_editors_the_second_keeps_nothing_by_accident(studio: Studio) -> None:
    page, other = await studio.logged_in(), await studio.logged_in()
    mark = await page.mark()
    text = STARTER["greeting"] + "# mine\n"
    assert (await page.send("PUT", "/topics/greeting", text=text)).status_code == 200
    for method, path, body in (
        ("PUT", "/topics/greeting", {"text": STARTER["greeting"]}),
        ("PUT", "/topics/returns", {"text": STARTER["returns"]}), ("DELETE", "/topics/greeting", {}),
        ("PUT", "/facts", {"values": {}}), ("POST", "/topics", {"key": "more"}),
        ("POST", "/undo", {}), ("POST", "/discard", {}), ("POST", "/publish", {}),
        ("POST", "/preview", {}), ("POST", "/trial", {}),
    ):  # fmt: skip
        answer = await other.send(method, path, mark=mark, **body)
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "draft_changed")
        assert SIRI in answer.json()["error"]["message"]
    assert (await page.get("/topics/greeting"))["topic"]["text"] == text


async def test_undo_and_discard(studio: Studio) -> None:
    page = await studio.logged_in()
    for mark in ("# one\n", "# two\n"):
        await page.send("PUT", "/topics/greeting", text=STARTER["greeting"] + mark)
    assert (await page.send("POST", "/undo")).json()["undoable"] == 1
    assert "# one" in (await page.get("/topics/greeting"))["topic"]["text"]
    assert (await page.send("POST", "/discard")).json()["stored"] is False
    assert (await page.get("/topics/greeting"))["topic"]["own"] is False
    assert (await page.send("POST", "/undo")).status_code == 409


async def test_bad_requests_are_refused_without_quoting_them(studio: Studio) -> None:
    page = await studio.logged_in()
    mark = await page.mark()
    for method, path, body, status in (
        ("PUT", "/topics/returns", b"{", 400), ("PUT", "/topics/returns", b"", 400),
        ("PUT", "/topics/returns", {"mark": mark}, 400),
        ("PUT", "/topics/returns", {"text": CANARY}, 400),
        ("PUT", "/topics/returns", {"mark": mark, "text": 5}, 400),
        ("PUT", "/topics/returns", {"mark": mark, "data": [CANARY]}, 400),
        ("PUT", "/topics/returns", {"mark": mark, "text": "a" * MAX_BODY_BYTES}, 413),
        ("PUT", "/topics/..%2Fmerchant", {"mark": mark, "text": CANARY}, 405),
        ("PUT", "/topics/Returns", {"mark": mark, "text": CANARY}, 404),
        ("POST", "/topics", {"mark": mark, "key": CANARY}, 400),
        ("POST", "/publish", {"mark": mark, "note": CANARY * 20}, 400),
        ("POST", "/inspect", {"text": CANARY, "locale": "xx"}, 400),
        ("POST", "/inspect", {"text": CANARY * 100, "locale": "nb"}, 400),
        ("POST", "/rollback", {"version": CANARY}, 404),
        ("GET", "/versions/none", None, 404),
    ):  # fmt: skip
        sent = {"content": body} if isinstance(body, bytes) else {"json": body}
        answer = await page.browser.request(method, SHOP + path, **sent)
        assert answer.status_code == status, (path, body, answer.text)
        assert CANARY not in answer.text
    assert await page.mark() == mark


# --- Trying, publishing, going back


async def test_a_trial_sets_the_draft_beside_what_is_published(studio: Studio) -> None:
    page = await studio.logged_in()
    text = STARTER["returns"].replace(
        "    - return\n", "    - return\n    - can i send it to you\n"
    )
    text += "  - {say: can i send stuff, language: en}\n"
    await page.send("PUT", "/topics/returns", text=text)
    trial = await page.trial()
    assert trial["state"] == "done"
    result = trial["result"]
    rows = {row["topic"]: row for row in result["rows"]}
    assert rows["returns"]["after"]["total"] == 3
    assert rows["returns"]["after"]["passed"] >= rows["returns"]["before"]["passed"]
    assert 0 <= result["after"]["wrong"] <= 1
    assert result["curve"]
    assert trial["done"] == trial["of"] == 2 * result["after"]["tests"]
    assert (await page.browser.get("/api/me")).status_code == 200


async def test_a_preview_is_the_draft_for_this_page_alone(studio: Studio) -> None:
    page = await studio.logged_in()
    text = STARTER["greeting"].replace('nb: "Hi from', 'nb: "Morn fra')
    await page.send("PUT", "/topics/greeting", text=text)
    made = (await page.send("POST", "/preview")).json()
    shown = studio.desk.content.get(made["merchant"])
    assert made == {"merchant": "fjellbekk-preview", "version": shown.pack_version}
    assert shown.merchant.origins == (ORIGIN,)
    assert shown.merchant.retention_days == 1
    topic = shown.topic("greeting")
    assert topic is not None
    assert topic.answers["answer"]["nb"].startswith("Morn")
    published = studio.desk.content.get("fjellbekk").topic("greeting")
    assert published is not None
    assert published.answers["answer"]["nb"].startswith("Hi")
    assert len((await page.get("/versions"))["versions"]) == 1


async def test_the_inspector_shows_what_was_understood_and_masked(studio: Studio) -> None:
    page = await studio.logged_in()
    body = {"text": "hei, jeg vil ha retur, kari@kunde.example 10482217", "locale": "nb"}
    found = (await page.send("POST", "/inspect", mark=None, **body)).json()
    assert found["language"] == "nb"
    assert 0 <= found["confidence"] <= 1
    assert "kari@kunde.example" not in found["masked"]
    assert {span["kind"] for span in found["spans"]} >= {"EMAIL"}
    assert any(entity["value"] == "10482217" for entity in found["entities"])


async def test_publishing_and_going_back(studio: Studio) -> None:
    page = await studio.logged_in()
    first = (await page.get())["version"]
    await page.send("PUT", "/facts", values={"facts": {"return_days": "60"}})
    (change,) = (await page.get("/diff"))["changes"][:1]
    assert (change["topic"], change["kind"], change["after"]) == (None, "changed", "60")
    answer = await page.send("POST", "/publish", note="Longer returns.")
    second = answer.json()["version"]
    now = await page.get()
    assert (now["version"], now["stored"], now["behind"]) == (second, False, False)
    assert 'return_days: "60"' in (await studio.desk.draft("fjellbekk")).files["merchant.yaml"]
    assert (await page.get("/diff"))["changes"] == []
    versions = (await page.get("/versions"))["versions"]
    assert [(one["version"], one["who"], one["note"], one["current"]) for one in versions] == [
        (second, SIRI, "Longer returns.", True), (first, "files", "", False),
    ]  # fmt: skip
    assert (await page.get(f"/versions/{first}"))["changes"][0]["after"] == "30"
    answer = await page.send("POST", "/rollback", mark=None, version=first, note="Too long.")
    assert answer.status_code == 200
    versions = (await page.get("/versions"))["versions"]
    assert [(one["version"], one["current"]) for one in versions] == [
        (first, True), (second, False), (first, False),
    ]  # fmt: skip
    assert (await page.get())["version"] == first


async def test_a_draft_that_something_was_published_under_says_so(studio: Studio) -> None:
    page = await studio.logged_in()
    await page.send("PUT", "/topics/greeting", text=STARTER["greeting"] + "# mine\n")
    await studio.desk.bus.publish(pack(days=99))
    assert (await page.get())["behind"] is True


async def test_another_shops_versions_are_unknown(studio: Studio) -> None:
    nils = await studio.logged_in(NILS)
    nils.shop = "/api/shops/havsro"
    foreign = studio.desk.content.get("fjellbekk").pack_version
    answer = await nils.send("POST", "/rollback", mark=None, version=foreign)
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "unknown_version")
