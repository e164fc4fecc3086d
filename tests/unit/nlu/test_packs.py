"""Content that is wrong is refused with file, line, column and fix; never with a traceback."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from services.nlu.packs import STARTER, load_folder, load_pack
from services.nlu.yamlfile import ContentError, Problem
from tests.unit.nlu.kitchen import LANGUAGES, MERCHANTS, NOW

Change = Callable[[str], str]


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A merchant's folder with one topic of its own."""
    folder = tmp_path / "fjellbekk"
    (folder / "topics").mkdir(parents=True)
    shutil.copy(MERCHANTS / "fjellbekk" / "merchant.yaml", folder)
    shutil.copy(STARTER / "returns.yaml", folder / "topics")
    shutil.copy(STARTER / "track_parcel.yaml", folder / "topics")
    return folder


def problems_of(folder: Path) -> tuple[Problem, ...]:
    """What is wrong with the merchant in `folder`."""
    with pytest.raises(ContentError) as caught:
        load_folder(folder, {}, NOW)
    first = caught.value.problems[0]
    assert str(first) in caught.value.cause
    assert caught.value.fix == first.fix
    return caught.value.problems


def changed(path: Path, change: Change) -> None:
    """Rewrites a file."""
    before = path.read_text("utf-8")
    after = change(before)
    assert after != before
    path.write_text(after, "utf-8")


def line_of(path: Path, text: str) -> int:
    """The number of the first line that holds `text`."""
    lines = path.read_text("utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if text in line)


def swap(old: str, new: str) -> Change:
    """Replaces the first occurrence."""
    return lambda text: text.replace(old, new, 1)


def without(*prefixes: str) -> Change:
    """Leaves out lines that start like this."""
    return lambda text: "\n".join(
        line for line in text.splitlines() if not line.startswith(prefixes)
    )


@pytest.mark.parametrize(
    ("change", "at", "says"),
    [
        (swap("key: returns", "key: returns\n- oops"), "- oops", "this is not YAML"),
        (swap("key: returns", "key: returns\nkey: returns"), "key: returns", "duplicate key"),
        (swap("title: {", "title: [["), "title", "this is not YAML"),
        (swap("key: returns", "key: refunds"), "key: refunds", "the file's name is not"),
        (swap("intake:", "intakes:"), "intakes:", "`intakes` is not known here"),
        (swap("kind: email", "kind: e-mail"), "e-mail", "intake.1.kind"),
        (swap("kind: email", "kind: 7"), "kind: 7", "intake.1.kind"),
        (swap("    sv: Så", "    se: Så"), "    se: Så", "intake.0.why.se"),
        (swap("    da: Så", "    # Så"), "      nb: Så", "`intake.0.why` has no text in da"),
        (swap(", fi: Tilausnumero", ""), "Ordrenummer", "`intake.0.label` has no text in fi"),
        (swap("{return_days} dager", "{return_day} dager"), "{return_day} ", "{return_day} is unknown"),
        (swap("label: {nb: Ordrenummer", "label: {nb: 'X {provider}'"), "provider", "{provider} is unknown"),
        (swap("  en: [Talk to a person]", ""), "nb: [Snakk", "`buttons` has no text in en"),
        (swap("  answer:", "  reply:"), "  reply:", "the answer `answer` is missing"),
    ],
)  # fmt: skip
def test_a_broken_topic_is_said_with_its_place(
    own: Path, change: Change, at: str, says: str
) -> None:
    path = own / "topics" / "returns.yaml"
    changed(path, change)
    problems = problems_of(own)
    found = next(problem for problem in problems if says in problem.cause)
    assert found.file == str(path)
    assert abs(found.line - line_of(path, at)) <= 1
    assert found.column >= 1
    assert found.fix


def test_columns_count_from_one(own: Path) -> None:
    path = own / "topics" / "returns.yaml"
    changed(path, swap("    kind: email", "    kind: e-mail"))
    problem = problems_of(own)[0]
    text = path.read_text("utf-8").splitlines()[problem.line - 1]
    assert text[problem.column - 1 :] == "e-mail"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (swap("  late:", "  later:"), "the answer `late` is missing"),
        (swap("{expected_on}", "{expected}"), "{expected} is unknown"),
        (swap('"[0-9]{8}"', '"[0-9"'), "not a regular expression"),
        (swap("key: order_number\n  pattern", "key: size\n  pattern"), "needs.key"),
        (lambda text: re.sub(r"needs:\n(  .*\n)+", "", text), "`needs` is missing"),
    ],
)
def test_a_topic_that_looks_orders_up_needs_its_parts(own: Path, change: Change, says: str) -> None:
    changed(own / "topics" / "track_parcel.yaml", change)
    assert any(says in problem.cause for problem in problems_of(own))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (swap("id: fjellbekk", "id: Fjellbekk!"), "`id`"),
        (swap('colour: "#0f6e6e"', "colour: green"), "`colour`"),
        (without("time_zone"), "`time_zone` is missing"),
        (swap("    nb: Legg", "    # Legg"), "`facts.return_how` has no text in nb"),
        (swap("  return_days:", "  return_time:"), "{return_days} is unknown for merchant fjellbekk"),
        (swap("  en: Ask me", "  # Ask me"), "`welcome` has no text in en"),
        (swap("retention_days: 90", "retention_days: 91"), "`retention_days`"),
        (swap("http://127.0.0.1:8080}/feed.xml", "x}${NOT_SET}/feed.xml"), "NOT_SET is not set"),
        (lambda _: "- a\n- b\n", "does not hold keys"),
        (lambda _: "", "does not hold keys"),
    ],
)  # fmt: skip
def test_a_broken_merchant_is_said_with_its_place(own: Path, change: Change, says: str) -> None:
    changed(own / "merchant.yaml", change)
    problem = next(p for p in problems_of(own) if says in p.cause)
    assert problem.fix
    assert problem.line >= 1


def test_files_that_cannot_be_read(own: Path) -> None:
    (own / "topics" / "latin.yaml").write_bytes("key: brød".encode("latin-1"))
    assert "not UTF-8" in problems_of(own)[0].cause
    with pytest.raises(ContentError, match="is missing"):
        load_pack(own / "no.yaml", {}, NOW)
    with pytest.raises(ContentError, match="no merchant"):
        load_folder(own / "topics", {}, NOW)


def test_all_problems_of_all_merchants_are_told(own: Path) -> None:
    changed(own / "merchant.yaml", swap("retention_days: 90", "retention_days: 0"))
    second = own.parent / "havsro"
    shutil.copytree(own, second)
    assert {Path(problem.file).parent.name for problem in problems_of(own.parent)} == {
        "fjellbekk", "havsro",
    }  # fmt: skip


def test_a_merchants_own_topic_takes_the_place_of_the_starters(own: Path) -> None:
    path = own / "topics" / "returns.yaml"
    changed(path, swap("nb: Retur og reklamasjon", "nb: Bytte"))
    pack = load_pack(own / "merchant.yaml", {}, NOW)
    assert [topic.title["nb"] for topic in pack.topics if topic.key == "returns"] == ["Bytte"]
    assert len(pack.topics) == len(list(STARTER.glob("*.yaml")))


def test_addresses_come_from_the_environment(own: Path) -> None:
    environ = {"PRAT_SHOP_FJELLBEKK_URL": "https://shop.example"}
    merchant = load_pack(own / "merchant.yaml", environ, NOW).merchant
    assert merchant.origins == ("https://shop.example",)
    assert merchant.webhook_url == "https://shop.example/prat/webhook"
    assert merchant.feed_url == "https://shop.example/feed.xml"
    assert merchant.notice_url["nb"] == "https://shop.example/privacy?lang=nb"


def test_equal_content_is_the_same_event_and_other_content_another(own: Path) -> None:
    first = load_pack(own / "merchant.yaml", {}, NOW)
    again = load_pack(own / "merchant.yaml", {}, NOW.replace(year=2027))
    assert (again.event_id, again.pack_version) == (first.event_id, first.pack_version)
    changed(own / "merchant.yaml", swap("79 kr", "89 kr"))
    other = load_pack(own / "merchant.yaml", {}, NOW)
    assert other.pack_version != first.pack_version
    assert other.event_id != first.event_id


def test_the_demo_merchants_differ_and_are_complete() -> None:
    packs = {pack.merchant_id: pack for pack in load_folder(MERCHANTS, {}, NOW)}
    fjellbekk, havsro = packs["fjellbekk"].merchant, packs["havsro"].merchant
    assert (fjellbekk.languages[0], havsro.languages[0]) == ("nb", "sv")
    assert (fjellbekk.retention_days, havsro.retention_days) == (90, 60)
    assert fjellbekk.skill_for("track_parcel") == "delivery"
    assert havsro.skill_for("returns") == "aftersales"
    for merchant in (fjellbekk, havsro):
        assert set(merchant.languages) == set(LANGUAGES)
        assert merchant.welcome.keys() == set(LANGUAGES)
    assert fjellbekk.welcome != havsro.welcome
