"""Order numbers are found however they are typed, and what only looks like one is not."""

from functools import cache

import pytest

from libs.contracts.content import EntityType
from services.nlu.reading.entities import Entities, find_entities
from tests.bench.entities import measure

EIGHT = "[0-9]{8}"


@pytest.mark.parametrize(
    "text",
    [
        "10482217", "1048 2217", "10 48 22 17", "1048-2217", "1048.2217", "10.48.22.17",
        "nr10482217", "nr. 10482217", "#10482217", "ordre10482217", "Ordrenummer: 10482217.",
        "１０４８２２１７", "10482217?", "(10482217)", "det er 10482217 takk", "1048\u00a02217",
        "1048\u200b2217", "hvor er 10482217", "1048 - 2217", "nej, 20735524 menar jag 10482217",
        "ikke 20735524, men 10482217", "20735524 10482217", "bestilt 03.11.2026, ordre 10482217",
        "tlf 400 00 000, ordre 10482217", "10482217 (mobil +47 400 00 000)", "1048_2217",
        "tilausta10482217", "+47 400 00 000 og 10482217",
    ],
)  # fmt: skip
def test_found(text: str) -> None:
    assert find_entities(text, EIGHT).order_number == "10482217"


@pytest.mark.parametrize(
    "text",
    [
        "", "hei", "1048221", "104822170", "1048 2217 0", "25.11.2026", "2026-11-25", "25/11/2026",
        "+4740000000", "tlf 40000000", "puh. 040 123 4567", "4000 0000 0000 0000", "NB123456785NO",
        "1299 kr",
    ],
)  # fmt: skip
def test_not_found(text: str) -> None:
    assert find_entities(text, EIGHT).order_number is None


def test_digits_that_do_not_fit_are_noticed() -> None:
    assert find_entities("1234567", EIGHT).number_like
    assert not find_entities("str 42", EIGHT).number_like
    assert not find_entities("25.11.2026", EIGHT).number_like


@pytest.mark.parametrize(
    "text", ["nei, den andre", "den andra beställningen", "den anden ordre", "se toinen tilaus",
             "the other one", "feil nummer", "Den ANDRE"],
)  # fmt: skip
def test_a_correction_is_heard(text: str) -> None:
    assert find_entities(text, EIGHT).other_order


@pytest.mark.parametrize(
    "text",
    [
        "10482217,20735524",
        "10482217/20735524",
        "10482217+20735524",
        "1048-2217 2073-5524",
        "1048 2217 og 2073 5524",
    ],
)
def test_two_numbers_in_one_message(text: str) -> None:
    assert found(text, "order_number") == ["10482217", "20735524"]


def test_without_a_pattern_no_number_is_one() -> None:
    assert find_entities("10482217", None) == Entities(number_like=True)


def found(text: str, kind: EntityType, pattern: str | None = EIGHT) -> list[str]:
    """The values of one kind."""
    return [one.value for one in find_entities(text, pattern).found if one.type == kind]


@pytest.mark.parametrize(
    ("text", "pattern", "value"),
    [
        ("ordre FB-104822", "FB-[0-9]{6}", "FB-104822"),
        ("nr fb 104822", "FB-[0-9]{6}", "FB-104822"),
        ("nrFB104822", "FB-[0-9]{6}", "FB-104822"),
        ("ordre CB2247424.", "[A-Z]{2}[0-9]{7}", "CB2247424"),
        ("order W 679 112", "[A-Z]-[0-9]{6}", "W-679112"), ("104822", "#[0-9]{6}", "#104822"),
        ("4821-77123", r"\d{4}-\d{5}", "4821-77123"), ("482177123", r"\d{4}-\d{5}", "4821-77123"),
        ("SO104822", r"(?:SO|WEB)\d{6}", "SO104822"),
    ],
)  # fmt: skip
def test_the_merchants_pattern_is_kept_to(text: str, pattern: str, value: str) -> None:
    assert find_entities(text, pattern).order_number == value


def test_a_word_before_a_number_is_no_part_of_it() -> None:
    assert find_entities("nr 104822", "[A-Z]{2}[0-9]{6}").order_number is None


@pytest.mark.parametrize(
    "text",
    [
        "ett null fire åtte to to en sju", "ett noll fyra åtta två två ett sju",
        "et nul fire otte to to et syv",
        "yksi nolla neljä kahdeksan kaksi kaksi yksi seitsemän",
        "one zero four eight two two one seven",
        "one, oh, four, eight, two, two, one, seven", "ti førtiåtte tjueto sytten",
        "ten forty-eight twenty-two seventeen",
        "ordre: ett null 48 to to en sju",
    ],
)  # fmt: skip
def test_digits_may_be_spelled_out(text: str) -> None:
    assert find_entities(text, EIGHT).order_number == "10482217"


@pytest.mark.parametrize(
    "text", ["en to tre", "one of the two or three", "jeg vil ha to eller tre"]
)
def test_number_words_in_a_sentence_are_words(text: str) -> None:
    assert find_entities(text, "[0-9]{3}").found == ()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("RR123456785NO", "RR123456785NO"), ("rr 123 456 785 no", "RR123456785NO"),
        ("spor 370700011122233344", "370700011122233344"),
        ("3707 0001 1122 2333 44", "370700011122233344"),
        ("70438101268018539", "70438101268018539"),
        ("JJFI64574900000123456", "JJFI64574900000123456"),
        ("JJD000390007865432109", "JJD000390007865432109"),
        ("GLS 12345678901", "12345678901"), ("kollinummer 1234567890", "1234567890"),
        ("1Z999AA10123456784", "1Z999AA10123456784"),
        ("sporingsnummer RR123456789NO", "RR123456789NO"),
        ("https://spor.example/370700011122233344", "370700011122233344"),
        ("84531234567SE", "84531234567SE"),
        ("kolliCS123456785NO", "CS123456785NO"), ("Instabox ABC123456789", "ABC123456789"),
    ],
)  # fmt: skip
def test_parcel_numbers(text: str, value: str) -> None:
    assert found(text, "tracking_number") == [value]


@pytest.mark.parametrize(
    "text",
    ["RR123456789NO", "4242 4242 4242 4242", "NO93 8601 1117 947", "EAN 7038010000123", "10482217"],
)
def test_no_parcel_numbers(text: str) -> None:
    assert found(text, "tracking_number") == []


@pytest.mark.parametrize(
    "text",
    [
        "kari.nordmann@eksempel.no", "Kari.Nordmann@Eksempel.no.", "kari.nordmann @ eksempel.no",
        "<kari.nordmann@eksempel.no>",
        "kari punktum nordmann krøllalfa eksempel punktum no",
        "kari.nordmann snabel-a eksempel punkt no",
        "kari.nordmann(at)eksempel(dot)no", "kari dot nordmann at eksempel dot no",
        "kari piste nordmann ät eksempel piste no",
        "kari.nordmann＠eksempel.no", "kari.nordmann@\u200beksempel.no",
        "reach me at kari dot nordmann at eksempel dot no",
        "min e-post er kari.nordmann at eksempel.no", "kari.nordmann krøllalfa eksempel no",
        "kari.nordmann@eksempel. no", "kari.nordmann@eksempel,no",
        "kari.nordmann@eksempel.no. Takk for hjelpen",
    ],
)  # fmt: skip
def test_mail_addresses(text: str) -> None:
    assert found(text, "email") == ["kari.nordmann@eksempel.no"]


@pytest.mark.parametrize(
    "text",
    [
        "look at the dot on the map",
        "I ordered at nordlys.example",
        "bought 2 at nordlys.example",
        "han sa at pakken. Punktum",
        "@",
    ],
)
def test_no_mail_addresses(text: str) -> None:
    assert found(text, "email") == []


@pytest.mark.parametrize(
    ("text", "kind", "values"),
    [
        ("+47 400 00 000", "phone", ["+4740000000"]), ("tlf 40000000", "phone", ["40000000"]),
        ("040 123 4567", "phone", ["0401234567"]),
        ("riktig telefonnummer på ordren er 400 00 123", "phone", ["40000123"]),
        ("0046 70 174 06 05", "phone", ["+46701740605"]),
        ("25.11.2026 eller 24/12", "date", ["2026-11-25", "--12-24"]),
        ("5. joulukuuta 2026", "date", ["2026-12-05"]),
        ("Nov 12th", "date", ["--11-12"]), ("i overmorgen", "date", ["day_after_tomorrow"]),
        ("neste fredag", "date", ["next friday"]),
        ("maanantaina", "date", ["monday"]), ("vecka 48", "date", ["W48"]),
        ("31.02.2026", "date", []),
        ("1 299,50 kr", "amount", ["1299.50 kr"]), ("299,-", "amount", ["299 kr"]),
        ("299:-", "amount", ["299 kr"]),
        ("NOK 12 499", "amount", ["12499 NOK"]), ("€29.90", "amount", ["29.90 EUR"]),
        ("45 euroa", "amount", ["45 EUR"]),
        ("strl 42", "size", ["42"]), ("størrelse M", "size", ["M"]), ("koko 38", "size", ["38"]),
        ("S eller M", "size", ["S", "M"]),
        ("EU 42,5", "size", ["EU 42.5"]), ("140 x 200 cm", "size", ["140x200"]),
        ("extra large", "size", ["XL"]),
        ("it's 3 weeks", "size", []), ("mørkeblå", "colour", ["dark blue"]),
        ("ljusgrön", "colour", ["light green"]),
        ("tummansinistä", "colour", ["dark blue"]), ("morkegra", "colour", ["dark grey"]),
        ("mosegrønn", "colour", ["green"]),
        ("knekkebrød dubbla sort of", "colour", []),
    ],
)  # fmt: skip
def test_other_facts(text: str, kind: EntityType, values: list[str]) -> None:
    assert found(text, kind) == values


def test_places_are_those_of_what_was_typed() -> None:
    text = "🙂 ﬁnt: １０４８ ２２１７ til KARI@eksempel.no i blå"
    entities = find_entities(text, EIGHT)
    assert [text[one.start : one.end] for one in entities.found] == [
        "１０４８ ２２１７", "KARI@eksempel.no", "blå",
    ]  # fmt: skip
    assert entities.last("email") == "kari@eksempel.no"
    assert entities.last("phone") is None


def test_facts_do_not_overlap_and_come_in_order() -> None:
    text = "ordre 10482217 for 1 299 kr den 25.11.2026, str 42 i mørkeblå, RR123456785NO, +47 400 00 000"
    kinds = [one.type for one in find_entities(text, EIGHT).found]
    assert kinds == ["order_number", "amount", "date", "size", "colour", "tracking_number", "phone"]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("UK 8", ["UK 8"]), ("uk8", ["UK 8"]), ("UK8.5", ["UK 8.5"]), ("uk 8½", ["UK 8.5"]),
        ("UK 12 1/2", ["UK 12.5"]), ("str. 42 EU", ["EU 42"]), ("str EU 42", ["EU 42"]),
        ("har dere 42 EU?", ["EU 42"]), ("42eu", ["EU 42"]), ("EU-42", ["EU 42"]),
        ("skor i storlek 9 US", ["US 9"]), ("size 8 UK", ["UK 8"]), ("UK size 8", ["UK 8"]),
        ("størrelse 8 (UK)", ["UK 8"]), ("koko 42,5 eu", ["EU 42.5"]), ("EU koko 42", ["EU 42"]),
        ("US L", ["US L"]), ("size L (US)", ["US L"]), ("in us 9", ["US 9"]), ("us size 9", ["US 9"]),
        ("str. 42 EU / 8 UK", ["EU 42", "UK 8"]), ("8 UK eller 9 UK", ["UK 8", "UK 9"]),
        ("str 42", ["42"]), ("W32 L32", ["W32 L32"]),
    ],
)  # fmt: skip
def test_a_size_keeps_the_system_that_it_is_written_in(text: str, values: list[str]) -> None:
    assert found(text, "size") == values


@pytest.mark.parametrize(
    "text",
    ["can you help us 2 times", "they gave us 10 days", "tell us 8", "27 EU countries", "3 EU-land",
     "do you ship to 2 UK addresses", "it cost 100 US dollars", "betalte 42 EUR", "EUR 42"],
)  # fmt: skip
def test_what_is_no_size_of_a_system(text: str) -> None:
    assert found(text, "size") == []


def test_us_is_a_word_before_a_size_too() -> None:
    assert found("please send us size 9 instead", "size") == ["9"]


@pytest.mark.parametrize("kind", ["order_number", "tracking_number", "email"])
def test_formats_that_were_not_developed_on(kind: str) -> None:
    assert held_out()[kind, "all"] >= 0.99


@cache
def held_out() -> dict[tuple[str, str], float]:
    """The figures on the set that is kept apart, in short."""
    return measure("held_out", rounds=6)
