"""Names: what makes a word one, and what has a name without being anybody."""

import pytest

from libs.privacy.lexicon import FAMILY, GIVEN, SURE, TOWN, WORD, known
from libs.privacy.masking import mask
from libs.privacy.products import Allowed


def people(text: str, context: str | None = None, language: str | None = None) -> list[str]:
    found = mask(text, language, context).spans
    return [text[span.start : span.end] for span in found if span.kind == "PERSON"]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("hva med pakken til kari nygård da", "kari nygård"),
        ("det var Karis pakke", "Karis"),
        ("it was emma's parcel", "emma's"),
        ("det var Lars' pakke", "Lars"),
        ("paketti on Pekalta", "Pekalta"),
        ("onko Mikko Virtasen paketti tullut", "Mikko Virtasen"),
        ("puhuin eilen Juhanin kanssa", "Juhanin"),
        ("gave til Tjorgunn", "Tjorgunn"),
        ("min kone Tjorgunn bestilte", "Tjorgunn"),
        ("utlevert til K. Fossheim", "K. Fossheim"),
        ("kan Sissel Grønnestølen hente", "Sissel Grønnestølen"),
        ("er Stein på jobb", "Stein"),
        ("takk! Kjersti W.", "Kjersti W"),
        ("hilsen en litt trøtt Tjorgunn", "Tjorgunn"),
        ("mvh tjorgunn", "tjorgunn"),
        ("JEG HETER TERJE MYKLEBUST OG ER SINT", "TERJE MYKLEBUST"),
        ("bestilt av Ann-Sofie af Geijerstam i går", "Ann-Sofie af Geijerstam"),
        ("Mottaker: tjorgunn hoel, ring meg", "tjorgunn hoel"),
        ("my name is Paul Smith", "Paul Smith"),
        ("bestillingen til Tjorgunn Hoelsrud mangler", "Tjorgunn Hoelsrud"),
        ("This is Dr. Pattel", "Pattel"),
        ("Hansen har ikke fått pakken", "Hansen"),
        ("Will here, any news?", "Will"),
        ("det är Stig eller Bo jag pratar med", "Stig"),
    ],
)
def test_people_are_found(text: str, name: str) -> None:
    assert people(text, language="fi" if "paketti" in text else None)[:1] == [name]


@pytest.mark.parametrize(
    "text",
    [
        "er Odd Molly på salg",
        "Paul Smith-lommeboka",
        "finnes Tove-genseren i blått",
        "is the Grace cardigan warm",
        "löytyykö tyyny Helmi",
        "en stein i skoen",
        "det er liv og røre",
        "will it mark the floor",
        "i may come on sunday",
        "hva heter hovedstaden",
        "sender dere til Bergen og Lillehammer",
        "vad är det för ros på mönstret",
        "hans jakke er for stor",
        "sender dere til Nordre Toten",
        "Merry Christmas to all",
        "Bestilling sendt i dag",
    ],
)
def test_what_is_nobody_stays(text: str) -> None:
    assert people(text) == []


@pytest.mark.parametrize(
    ("question", "answer", "name"),
    [
        ("Hva heter du?", "linh", ["linh"]),
        ("Mikä on nimesi?", "Satu", ["Satu"]),
        ("What's your name?", "Will", ["Will"]),
        ("Vad heter du?", "vill inte säga", []),
        ("Hvad hedder du?", "hvorfor vil du vide det", []),
        ("Hva er brukernavnet ditt?", "skogstrollet", []),
    ],
)
def test_an_answer_to_the_question_for_a_name(question: str, answer: str, name: list[str]) -> None:
    assert people(answer, question) == name


def test_an_answer_around_something_else_is_a_name_on_both_sides() -> None:
    masked = mask("linh, linh@post.example tran", context="Hva heter du?")
    assert masked.text == "<PERSON>, <EMAIL> <PERSON>"


def test_what_the_merchant_lists_is_no_person() -> None:
    listed = Allowed(["Kjersti Vik", "Ida"])
    assert mask("er Kjersti Vik på lager", listed=listed).spans == ()
    assert mask("har Kjersti Viks lampe kommet", listed=listed).spans == ()
    assert people("er Kjersti Vik på lager") == ["Kjersti Vik"]


def test_one_given_name_on_the_list_hides_nobody() -> None:
    assert mask("kan Ida hente pakken", listed=Allowed(["Ida"])).text == "kan <PERSON> hente pakken"


def test_who_says_a_name_is_believed_even_if_it_is_a_brand() -> None:
    listed = Allowed(["Kjersti Vik"])
    assert mask("jeg heter Kjersti Vik", listed=listed).text == "jeg heter <PERSON>"


def test_the_list_knows_names_towns_and_words_apart() -> None:
    assert known("Kari") & (GIVEN | SURE | WORD) == GIVEN | SURE
    assert known("virtanen") & FAMILY
    assert known("bergen") & TOWN
    assert known("stein") & WORD
    assert known("xyzzyplugh") == 0


def test_finnish_endings_need_finnish_or_a_capital() -> None:
    assert people("tilaus on pekan", language="fi") == ["pekan"]
    assert people("hvor er hanken på koppen", language="da") == []
