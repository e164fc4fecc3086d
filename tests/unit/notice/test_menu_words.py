"""Where the notice names a button of the chat, the chat has that button under that name."""

import json
import re
from pathlib import Path

import pytest

from libs.contracts.content import LANGUAGES, Language
from libs.notice.document import texts

WIDGET = Path(__file__).parents[3] / "services" / "gateway" / "widget"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_objection_is_called_as_in_the_gear_menu(language: Language) -> None:
    statistics = texts(language)["statistics"]
    assert not isinstance(statistics, str)
    named = re.search(r"[«”»“](.+?)[»”«]", str(statistics["objection"]))
    words = json.loads((WIDGET / "words" / f"{language}.json").read_text("utf-8"))
    assert named
    assert words["chat"]["menu"]["object"] == named[1]
