"""What is wrong in a file is said with file, line, column and fix; never with a traceback."""

from pathlib import Path

import pytest

from libs.contracts.content import Topic
from services.nlu.content.yamlfile import ContentError, Problem, YamlFile
from tests.unit.nlu.small import STARTER


def problems(text: str) -> tuple[Problem, ...]:
    """What is wrong with a topic's text."""
    with pytest.raises(ContentError) as caught:
        YamlFile(Path("topics/a.yaml"), text).model(Topic)
    return caught.value.problems


@pytest.mark.parametrize(
    ("text", "line", "column", "says"),
    [
        ("key: a\n- oops\n", 2, 1, "this is not YAML"),
        ("key: a\nkey: b\n", 2, 1, "duplicate key"),
        ("key: a\ntitle: [[\n", 3, 1, "this is not YAML"),
        ("key: a\n\t- x: :\n", 2, 1, "this is not YAML"),
        ("- a\n", 1, 1, "does not hold keys"),
        ("", 1, 1, "does not hold keys"),
        ("key: \x07\n", 1, 1, "this is not YAML"),
        ("key: aa\n", 1, 1, "`title` is missing"),
        ("key: aa\ntitle: {nb: A}\nintakes: []\n", 3, 10, "`intakes` is not known"),
        ("key: aa\ntitle: {nb: A, se: B}\n", 2, 20, "`title.se`"),
        ("key: A!\ntitle: {nb: A}\n", 1, 6, "`key`"),
        ("key: aa\ntitle: {nb: A}\nexamples:\n  nb:\n    - ok\n    - 7\n", 6, 7, "examples.nb.1"),
        ("key: aa\ntitle: {nb: A}\ntests:\n  - {say: a, language: xx}\n", 4, 24, "tests.0.language"),
        ("key: aa\ntitle: {nb: A}\nneeds:\n  - key: a\n    type: size\n", 4, 10, "needs.0.key"),
    ],
)  # fmt: skip
def test_the_place_is_named(text: str, line: int, column: int, says: str) -> None:
    found = next(problem for problem in problems(text) if says in str(problem))
    assert (found.file, found.line) == ("topics/a.yaml", line)
    assert found.column == column
    assert found.fix


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    latin = tmp_path / "latin.yaml"
    latin.write_bytes("key: brød".encode("latin-1"))
    with pytest.raises(ContentError, match="not UTF-8"):
        YamlFile(latin)
    with pytest.raises(ContentError, match="is missing"):
        YamlFile(tmp_path / "no.yaml")


def test_variables_are_filled_in_at_every_depth() -> None:
    text = 'a: "${HOST:-x}/y"\nb: ["${HOST}", {c: "${NOT_SET}"}]\nd: "${NOT_SET}"\ne: 5\n'
    file = YamlFile(Path("f.yaml"), text)
    missing = file.expand(("a", "b", "e", "not_there"), {"HOST": "h"})
    assert (file.data["a"], file.data["b"]) == ("h/y", ["h", {"c": ""}])
    assert [(one.line, one.column) for one in missing] == [(2, 20)]
    assert "NOT_SET" in missing[0].fix
    assert file.data["d"] == "${NOT_SET}"


def test_reading_the_same_text_again_shares_nothing_that_changes() -> None:
    first = YamlFile(Path("a"), STARTER["returns"])
    first.data["title"]["nb"] = "changed"
    assert YamlFile(Path("b"), STARTER["returns"]).data["title"]["nb"] == "Returns"
