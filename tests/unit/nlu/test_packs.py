"""Packs from files: what stands where, what takes the place of what, what a version is."""

from pathlib import Path

import pytest

from services.nlu.content import packs
from services.nlu.content.packs import load_folder, load_pack, merchant_of, pack_of_texts
from services.nlu.content.yamlfile import ContentError, YamlFile
from tests.unit.nlu.small import MERCHANT, NOW, STARTER, small_starter, write_merchant

__all__ = ["small_starter"]

MERCHANTS = Path(__file__).parents[3] / "deploy" / "demo" / "merchants"

pytestmark = pytest.mark.usefixtures("small_starter")


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A merchant's folder with one topic of its own."""
    return write_merchant(tmp_path / "fjellbekk", "fjellbekk", "returns").parent


def change(path: Path, old: str, new: str) -> None:
    """Rewrites a file."""
    before = path.read_text("utf-8")
    assert old in before
    path.write_text(before.replace(old, new, 1), "utf-8")


def test_a_shop_that_fills_in_one_file_has_a_whole_bot(tmp_path: Path) -> None:
    pack = load_pack(write_merchant(tmp_path / "shop"), {}, NOW)
    assert [topic.key for topic in pack.topics] == sorted(STARTER)
    assert pack.sources == {"merchant.yaml": MERCHANT}


def test_a_merchants_own_topic_takes_the_place_of_the_starters(own: Path) -> None:
    change(own / "topics" / "returns.yaml", 'nb: "Returns"', 'nb: "Bytte"')
    pack = load_pack(own / "merchant.yaml", {}, NOW)
    topic = pack.topic("returns")
    assert topic is not None
    assert topic.title["nb"] == "Bytte"
    assert len(pack.topics) == len(STARTER)
    assert 'nb: "Bytte"' in pack.sources["topics/returns.yaml"]


def test_texts_make_the_same_pack_as_files(own: Path) -> None:
    from_files = load_pack(own / "merchant.yaml", {}, NOW)
    assert pack_of_texts(from_files.sources, {}, NOW) == from_files


def test_problems_of_texts_are_said_with_their_paths() -> None:
    texts = {"merchant.yaml": MERCHANT, "topics/a.yaml": "key: [", "topics/b.yaml": "- x"}
    with pytest.raises(ContentError) as caught:
        pack_of_texts(texts, {}, NOW)
    assert {problem.file for problem in caught.value.problems} == {"topics/a.yaml", "topics/b.yaml"}


def test_a_plain_fact_is_the_same_in_every_language() -> None:
    merchant = merchant_of(YamlFile(Path("merchant.yaml"), MERCHANT))
    assert merchant.facts["return_days"] == dict.fromkeys(("nb", "sv", "da", "fi", "en"), "30")


def test_addresses_come_from_the_environment(own: Path) -> None:
    environ = {"PRAT_SHOP_FJELLBEKK_URL": "http://127.0.0.1:8080"}
    assert load_pack(own / "merchant.yaml", environ, NOW).merchant.origins == (
        "http://127.0.0.1:8080",
    )
    without = load_pack(own / "merchant.yaml", {}, NOW).merchant
    assert without.origins == ("https://fjellbekk.example",)
    change(own / "merchant.yaml", "PRAT_SHOP_FJELLBEKK_URL:-https://fjellbekk.example", "NOT_SET")
    with pytest.raises(ContentError, match="NOT_SET is not set"):
        load_pack(own / "merchant.yaml", {}, NOW)


def test_equal_content_is_the_same_event_and_other_content_another(own: Path) -> None:
    first = load_pack(own / "merchant.yaml", {}, NOW)
    again = load_pack(own / "merchant.yaml", {}, NOW.replace(year=2027))
    assert (again.event_id, again.pack_version) == (first.event_id, first.pack_version)
    change(own / "merchant.yaml", "return_days: 30", "return_days: 60")
    other = load_pack(own / "merchant.yaml", {}, NOW)
    assert other.pack_version != first.pack_version
    assert other.event_id != first.event_id


def test_a_pack_that_no_bus_would_carry_is_refused(
    own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packs, "PACK_BYTES", 4096)
    with pytest.raises(ContentError, match="more than 4"):
        load_pack(own / "merchant.yaml", {}, NOW)


def test_all_problems_of_all_merchants_are_told(own: Path) -> None:
    write_merchant(own.parent / "havsro", "havsro")
    for name in ("fjellbekk", "havsro"):
        change(own.parent / name / "merchant.yaml", "retention_days: 90", "retention_days: 0")
    with pytest.raises(ContentError) as caught:
        load_folder(own.parent, {}, NOW)
    assert {Path(problem.file).parent.name for problem in caught.value.problems} == {
        "fjellbekk", "havsro",
    }  # fmt: skip
    first = caught.value.problems[0]
    assert str(first) in caught.value.cause
    assert "1 more" in caught.value.cause
    assert caught.value.fix == first.fix


def test_a_folder_without_a_merchant(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match="no merchant"):
        load_folder(tmp_path, {}, NOW)


def test_the_demo_merchants_differ_and_are_complete() -> None:
    files = [YamlFile(path) for path in sorted(MERCHANTS.glob("*/merchant.yaml"))]
    assert not [problem for file in files for problem in file.expand(packs.FROM_ENVIRONMENT, {})]
    fjellbekk, havsro = (merchant_of(file) for file in files)
    assert (fjellbekk.languages[0], havsro.languages[0]) == ("nb", "sv")
    assert (fjellbekk.retention_days, havsro.retention_days) == (90, 60)
    for merchant in (fjellbekk, havsro):
        assert set(merchant.languages) == {"nb", "sv", "da", "fi", "en"}
        assert merchant.welcome.keys() == set(merchant.languages)
    assert fjellbekk.welcome != havsro.welcome
