"""What an editor does in the authoring page, and what bad input is told."""

import pytest

from services.nlu.authoring.routes import MAX_BODY_BYTES
from tests.authoring_studio import (
    CANARY,
    NILS,
    ORIGIN,
    SHOP,
    SIRI,
    Studio,
    client,
    pack,
    studio,
)
from tests.unit.nlu.small import STARTER, small_starter

__all__ = ["client", "small_starter", "studio"]


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
