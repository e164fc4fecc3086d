"""A small starter pack and a merchant of it, for tests that need neither to be large nor real."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.nlu.content import packs

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)

WORDS = {
    "greeting": {
        "nb": ["hei", "hallo", "god dag", "heisann", "hei på deg"],
        "en": ["hello", "good morning", "hi there", "hey", "greetings"],
    },
    "returns": {
        "nb": ["retur", "vil sende tilbake", "kan jeg returnere", "angrer kjøpet", "returlapp"],
        "en": ["return", "send it back", "can i return this", "return label", "regret my purchase"],
    },
    "fallback": {
        "nb": ["asdf", "været i morgen", "hvem vant kampen", "blå elefant", "fortell en vits"],
        "en": ["qwerty", "weather tomorrow", "who won", "purple monkey", "tell me a joke"],
    },
}
"""The examples of each topic; in sv, da and fi the English ones stand with a mark."""

LANGUAGES = ("nb", "sv", "da", "fi", "en")


def everywhere(text: str) -> str:
    """A text in every language, in one line of YAML."""
    return "{" + ", ".join(f'{language}: "{text}"' for language in LANGUAGES) + "}"


def examples(key: str) -> str:
    """A topic's examples as YAML."""
    lines = ["examples:"]
    for language in LANGUAGES:
        lines.append(f"  {language}:")
        own = WORDS[key].get(language) or [f"{one} {language}" for one in WORDS[key]["en"]]
        lines += [f"    - {one}" for one in own]
    return "\n".join(lines)


STARTER = {
    "greeting": f"""\
# Says hello.
key: greeting
title: {everywhere("Hello")}
{examples("greeting")}
answers:
  answer: {everywhere("Hi from {merchant_name}!")}
tests:
  - {{say: heisann hei, language: nb}}
""",
    "returns": f"""\
# How to send something back.
key: returns
title: {everywhere("Returns")}
{examples("returns")}
answers:
  answer:
    nb: "Du har {{return_days, plural, one {{# dag}} other {{# dager}}}}."
    sv: "Du har {{return_days}} dagar."
    da: "Du har {{return_days}} dage."
    fi: "Aikaa on {{return_days}} päivää."
    en: "You have {{return_days}} days."
buttons:
  nb: [hei]
  sv: [hello sv]
  da: [hello da]
  fi: [hello fi]
  en: [hello]
needs:
  - key: order_number
    type: order_number
    pattern: "[0-9]{{8}}"
    ask: {everywhere("Which order?")}
    invalid: {everywhere("Eight digits.")}
intake:
  - key: email
    kind: email
    required: true
    label: {everywhere("E-mail")}
    why: {everywhere("To answer you.")}
tests:
  - {{say: hvordan sender jeg tilbake, language: nb}}
  - {{say: can i send back, language: en}}
""",
    "fallback": f"""\
key: fallback
title: {everywhere("Not understood")}
{examples("fallback")}
answers:
  answer: {everywhere("I did not understand.")}
  offer: {everywhere("Would you like a person?")}
""",
    "other_question": f"""\
key: other_question
title: {everywhere("Something else")}
examples:
  nb: [noe annet]
answers:
  answer: {everywhere("Tell me more.")}
intake:
  - key: description
    kind: long_text
    label: {everywhere("What is it?")}
    why: {everywhere("So that we can help.")}
""",
}

MERCHANT = """\
# An invented shop.
id: fjellbekk
name: Fjellbekk Friluft AS
organisation_number: 000 000 000
address: Bekkeveien 1, 0000 Eksempel
provider: Prat Demo Provider AS
colour: "#0f6e6e"
languages: [nb, en]
time_zone: Europe/Oslo
origins:
  - "${PRAT_SHOP_FJELLBEKK_URL:-https://fjellbekk.example}"
webhook_url: "https://fjellbekk.example/prat/webhook"
notice_url:
  nb: https://fjellbekk.example/privacy
  en: https://fjellbekk.example/privacy
welcome:
  nb: Spør meg.   # said first
  en: Ask me.
hours:
  openings:
    - {weekdays: [0, 1, 2, 3, 4], opens: "07:00", closes: "22:00"}
skills:
  returns: returns
default_skill: general
retention_days: 90
facts:
  # How long a return is possible.
  return_days: 30
"""


def write_starter(folder: Path) -> None:
    """The small starter pack as files."""
    folder.mkdir(parents=True)
    for key, text in STARTER.items():
        (folder / f"{key}.yaml").write_text(text, "utf-8")


def write_merchant(folder: Path, merchant_id: str = "fjellbekk", *own: str) -> Path:
    """A merchant's folder with `own` starter topics copied; its merchant.yaml."""
    (folder / "topics").mkdir(parents=True)
    for key in own:
        (folder / "topics" / f"{key}.yaml").write_text(STARTER[key], "utf-8")
    path = folder / "merchant.yaml"
    path.write_text(MERCHANT.replace("id: fjellbekk", f"id: {merchant_id}"), "utf-8")
    return path


@pytest.fixture
def small_starter(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """The small starter pack in place of the real one."""
    folder = tmp_path_factory.mktemp("starter") / "small"
    write_starter(folder)
    monkeypatch.setattr(packs, "STARTER", folder)
    return folder
