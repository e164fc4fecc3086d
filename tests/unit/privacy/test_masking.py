"""Masking: what must go, what must stay, and that nothing a visitor types can break or slow it."""

import string
import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from libs.privacy.masking import MAX_BYTES, OVERSIZE, Masked, Span, mask
from libs.privacy.recognizers import KINDS


def kinds(text: str, context: str | None = None) -> list[str]:
    return [span.kind for span in mask(text, context=context).spans]


GONE = [
    ("skriv til ola.hagen+butikk@post.example takk", "ola.hagen+butikk@post.example", "EMAIL"),
    ("ola @ post.example", "ola @ post.example", "EMAIL"),
    ("ola hagen, det er ola krøllalfa post punktum example", "ola krøllalfa post punktum example",
     "EMAIL"),
    ("min adress: stina snabel-a brev punkt example", "stina snabel-a brev punkt example", "EMAIL"),
    ("mads snabela post punktum example", "mads snabela post punktum example", "EMAIL"),
    ("aino ät posti piste example", "aino ät posti piste example", "EMAIL"),
    ("aino (at) posti (dot) example", "aino (at) posti (dot) example", "EMAIL"),
    ("it is june.reed at mail dot example", "june.reed at mail dot example", "EMAIL"),
    ("june at gmail.com", "june at gmail.com", "EMAIL"),
    ("se https://butikk.example/t?session=8fj2kd9s her", "https://butikk.example/t?session=8fj2kd9s",
     "URL_TOKEN"),
    ("https://butikk.example/reset/9f8e7d6c5b4a3f2e1d", "https://butikk.example/reset/9f8e7d6c5b4a3f2e1d",
     "URL_TOKEN"),
    ("feil fra 192.0.2.44 i dag", "192.0.2.44", "IP"),
    ("fel från 2001:db8:0:1::7f", "2001:db8:0:1::7f", "IP"),
    ("konto NO93 8601 1117 947 takk", "NO93 8601 1117 947", "IBAN"),
    ("till SE4550000000058398257466.", "SE4550000000058398257466", "IBAN"),
    ("kort 4242 4242 4242 4242", "4242 4242 4242 4242", "PAYMENT_CARD"),
    ("fødselsnummer 01815512345", "01815512345", "NATIONAL_ID"),
    ("personnummer 900101-9802", "900101-9802", "NATIONAL_ID"),
    ("henkilötunnus 010190-900X", "010190-900X", "NATIONAL_ID"),
    ("my number is QQ 12 34 56 C", "QQ 12 34 56 C", "NATIONAL_ID"),
    ("ring meg på +47 400 00 123", "+47 400 00 123", "PHONE"),
    ("ring 400 00 123", "400 00 123", "PHONE"),
    ("nå mig på 070-174 06 05", "070-174 06 05", "PHONE"),
    ("ordre 10482217 er ikke kommet", "10482217", "ORDER_NUMBER"),
    ("ordrenr. 1048 2217", "1048 2217", "ORDER_NUMBER"),
    ("tilausnumero: 10.482.217", "10.482.217", "ORDER_NUMBER"),
    ("beställning 48213", "48213", "ORDER_NUMBER"),
    ("sporingsnummer 370700011122233344", "370700011122233344", "TRACKING_NUMBER"),
    ("kolli RR123456789NO", "RR123456789NO", "TRACKING_NUMBER"),
    ("kollit RR 123 456 789 SE", "RR 123 456 789 SE", "TRACKING_NUMBER"),
    ("født 3. mars 1987", "3. mars 1987", "DATE_OF_BIRTH"),
    ("född 1987-03-03", "1987-03-03", "DATE_OF_BIRTH"),
    ("ordre ett null fire åtte to to en sju takk", "ett null fire åtte to to en sju", "ORDER_NUMBER"),
    ("puhelin nolla neljä nolla yksi kaksi kolme", "nolla neljä nolla yksi kaksi kolme", "PHONE"),
    ("kode 4 8 2 1 7 7 2", "4 8 2 1 7 7 2", "NUMBER"),
    ("se x90817263y", "x90817263y", "NUMBER"),
    ("bor i Lille Solbakken 14B nå", "Lille Solbakken 14B", "ADDRESS"),
    ("lever til granveien 7", "granveien 7", "ADDRESS"),
    ("bor på Björkgatan 12 A", "Björkgatan 12 A", "ADDRESS"),
    ("asun Koivukadulla 3", "Koivukadulla 3", "ADDRESS"),
    ("send it to 12 Mill Road please", "12 Mill Road", "ADDRESS"),
    ("0150 Oslo", "0150 Oslo", "POSTCODE_CITY"),
    ("SE-411 05 Göteborg", "SE-411 05 Göteborg", "POSTCODE_CITY"),
    ("postinumero 00100", "00100", "POSTCODE_CITY"),
    ("asun Runeberginkatu 41 A 14", "Runeberginkatu 41 A 14", "ADDRESS"),
    ("vi bor på Istedgade 41, 4. th", "Istedgade 41, 4. th", "ADDRESS"),
    ("bor i Nordre Skogtun 3, 2380 brumunddal", "Nordre Skogtun 3", "ADDRESS"),
    ("we're at Flat 3, 91 Upper Wortley Road", "Flat 3, 91 Upper Wortley Road", "ADDRESS"),
    ("Kirkev. 3 i kjelleren", "Kirkev. 3", "ADDRESS"),
    ("send til PB 88 Sentrum", "PB 88", "ADDRESS"),
    ("Rose Cottage, Mill Lane please", "Rose Cottage, Mill Lane", "ADDRESS"),
    ("my postcode is leeds ls1 4ap", "leeds ls1 4ap", "POSTCODE_CITY"),
    ("jag bor i 211 20 malmö", "211 20 malmö", "POSTCODE_CITY"),
    ("1050 københavn k er min", "1050 københavn k", "POSTCODE_CITY"),
    ("brukernavnet mitt er hakon93 her", "hakon93", "USERNAME"),
    ("mitt användarnamn är skogsmulle", "skogsmulle", "USERNAME"),
    ("käyttäjätunnukseni on sannak nyt", "sannak", "USERNAME"),
    ("glömt lösenord för kontot mmlund", "mmlund", "USERNAME"),
    ("skriv til fjellgeita_77 her", "fjellgeita_77", "USERNAME"),
    ("fått ordrebekreftelse hs66254 nå", "hs66254", "ORDER_NUMBER"),
    ("hva med EWX30072", "EWX30072", "NUMBER"),
    ("check UK20419937 please", "UK20419937", "NUMBER"),
    ("ordre DK-77120 mangler", "DK-77120", "ORDER_NUMBER"),
    ("kundenummer 4711 virker ikke", "4711", "NUMBER"),
    ("date of birth is 3rd June 2014", "3rd June 2014", "DATE_OF_BIRTH"),
    ("se https://butikk.example/x?kode=Zx81k", "https://butikk.example/x?kode=Zx81k", "URL_TOKEN"),
    ("jeg heter Ingvild Moe-Hansen", "Ingvild Moe-Hansen", "PERSON"),
    ("jeg heter ingvild moe og har et spørsmål", "ingvild moe", "PERSON"),
    ("jag heter Stina", "Stina", "PERSON"),
    ("Jeg hedder Mads", "Mads", "PERSON"),
    ("minun nimeni on Aino Virta", "Aino Virta", "PERSON"),
    ("Olen Aino Virta, hei", "Aino Virta", "PERSON"),
    ("hi, my name is June Reed", "June Reed", "PERSON"),
    ("Takk\nMvh Ingvild Moe", "Ingvild Moe", "PERSON"),
    ("Hei, Ingvild her", "Ingvild", "PERSON"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "personal", "kind"), GONE)
def test_what_may_identify_somebody_becomes_a_token(text: str, personal: str, kind: str) -> None:
    masked = mask(text)
    start = text.index(personal)
    assert Span(start, start + len(personal), kind) in masked.spans
    assert personal not in masked.text
    assert f"<{kind}>" in masked.text


@pytest.mark.parametrize(
    "text",
    [
        "hvor lang tid tar det?",
        "jakken koster 1 299 kr og 12 990,-",
        "1299.00 NOK",
        "kommer den før 24.12.2026?",
        "åpent 10.00-18.00",
        "varenr 1048221700 i blå",
        "en to tre fire fem",
        "EAN 7038010000123",
        "størrelse 42 eller 44",
        "versjon 4.2.1.0 virker ikke",
        "se https://butikk.example/jakker/bla",
        "jeg er ikke fornøyd",
        "140x220 eller 200 x 300 cm",
        "str 128/134",
        "27.-30.11. på nett",
        "EN13356 eller ISO9001",
        "artikkelnummer AB123456 i rødt",
        "iphone15 og WH1000",
        "100 000 poeng",
        "versjon av appen, 10.2.31.4",
        "item 7702-114 in red",
        "hva er organisasjonsnummeret deres? er det 984 342 293",
        "leverer dere til Bergen",
        "Bruker vanligvis 44",
        "hvordan oppretter jeg en brukerkonto",
        "jeg bor i nr 14",
        "olen tilannut takin",
        "I'm looking at the blue one",
        "look at the dot on the map",
        "3 stk håndklær til 2 personer",
        "Ingen gate i nærheten",
        "",
        "   ",
    ],
)
def test_harmless_words_stay(text: str) -> None:
    assert mask(text) == Masked(text, ())


def test_tokens_stand_where_the_values_stood() -> None:
    text = "Jeg heter Ingvild Moe, ordre 10482217, ingvild@post.example. Når kommer den?"
    assert mask(text).text == "Jeg heter <PERSON>, ordre <ORDER_NUMBER>, <EMAIL>. Når kommer den?"


def test_the_bots_question_explains_a_bare_answer() -> None:
    assert kinds("rose", "Hva heter du?") == ["PERSON"]
    assert kinds("rose") == []
    assert kinds("Tjorgunn", "Vad heter du?") == ["PERSON"]
    assert kinds("vil ikke si", "Hva heter du?") == []
    assert kinds("482177", "Hva er ordrenummeret?") == ["ORDER_NUMBER"]
    assert kinds("482177") == ["NUMBER"]


@pytest.mark.parametrize(
    "hidden",
    [
        "104\u200b82\u2060217",
        "１０４８２２１７",
        "\u0661\u0660\u0664\u0668\u0662\u0662\u0661\u0667",
        "1\u03380\u033848\u033822\u03381\u03387",
        "1\ufe0f\u20e30\ufe0f\u20e348221\ufe0f\u20e37",
        "104\u00ad822\u00ad17",
        "1048\u2011 2217",
        "①⓪48221⑦",
        "104\ufffc82217",
    ],
)
def test_disguised_digits_are_digits(hidden: str) -> None:
    masked = mask(f"ordre {hidden} takk")
    assert masked.text == "ordre <ORDER_NUMBER> takk"
    assert masked.spans == (Span(6, 6 + len(hidden), "ORDER_NUMBER"),)


def test_disguised_mail_is_mail() -> None:
    assert mask("ola\u200b@\uff50ost.ex\u00adample!").text == "<EMAIL>!"


def test_spans_count_in_code_points_of_the_original() -> None:
    text = "🙂 ﬁnt, ordre 10482217"
    (span,) = mask(text).spans
    assert text[span.start : span.end] == "10482217"


@pytest.mark.parametrize("text", [case[0] for case in GONE])
def test_masking_a_masked_text_changes_nothing(text: str) -> None:
    once = mask(text)
    assert mask(once.text) == Masked(once.text, ())


PIECES = st.sampled_from([
    *(case[0] for case in GONE), "@", " at ", " dot ", "<EMAIL>", "<PERSON", "jeg heter ", "NO93", "+",
    "1", "12", "-", ".", "/", ":", "\u200b", "\u0301", "\u20e3", "ﬀ", "½", "gate ", "0150 ",
    "\ufffc",
])  # fmt: skip
TEXTS = st.one_of(st.text(max_size=200), st.lists(PIECES, max_size=12).map("".join))


@settings(max_examples=400, deadline=None)
@given(TEXTS, st.one_of(st.none(), TEXTS))
@example("\ud800", None)
@example("1" + "\u0338" * 40 + "23456", None)
@example("@" * 50, "Hva heter du?")
@example("HENKILÖTUNNUS:000000000000A:0000", None)
@example("0@0.¼@0.0,0000", None)
def test_any_text_gives_ordered_spans_and_settles(text: str, context: str | None) -> None:
    masked = mask(text, context=context)
    end = 0
    for span in masked.spans:
        assert end <= span.start < span.end <= len(text)
        assert span.kind in (*KINDS, OVERSIZE)
        end = span.end
    assert mask(masked.text, context=context).spans == ()


@settings(max_examples=200, deadline=None)
@given(
    st.text(alphabet=string.digits, min_size=6, max_size=24),
    st.sampled_from(["", " ", "-", "."]),
    st.text(alphabet=string.ascii_letters + " ,.!?", max_size=30),
)
def test_a_long_number_never_survives(digits: str, separator: str, around: str) -> None:
    written = separator.join(digits[n : n + 3] for n in range(0, len(digits), 3))
    masked = mask(f"kode {written}! {around}")
    assert written not in masked.text


HOSTILE = [
    "a." * 2000, "a@" * 2000, "@" * 4000, "a at " * 800, "a dot " * 700, "1 " * 2000, "1-1/" * 1000,
    "NO12 " * 800, "XX99A" * 800, "::a" * 1300, "my name is " * 360, "Aa " * 1300, "gate " * 800,
    "x://" * 1000, "http://x/?" + "key" * 1300, "a-" * 2000, "0150 Ab " * 500, "ordre 1" * 570,
    "kr 1 " * 800, " " * 4000, "(" * 4000, "a\u0301" * 2000, "e" + "\u0301\u0316" * 2000,
    "1." * 2000, "12.12.2026 " * 360, "\ufdfa" * 1300,
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: text[:10].encode("ascii", "replace"))
def test_hostile_text_costs_linear_time(text: str) -> None:
    assert _cost(text * 4) < max(8 * _cost(text), 0.05)


def test_the_known_killer_of_link_patterns_is_harmless() -> None:
    assert _cost("a." * 2000) < 0.05


def _cost(text: str) -> float:
    """The least of three in processor time of this thread, so that a busy machine fails nobody."""
    return min(_seconds(text) for _ in range(3))


def _seconds(text: str) -> float:
    started = time.thread_time()
    mask(text)
    return time.thread_time() - started


def test_text_beyond_the_cap_goes_as_a_whole() -> None:
    text = "ø" * (MAX_BYTES // 2 + 1)
    assert mask(text) == Masked("<OVERSIZE>", (Span(0, len(text), "OVERSIZE"),))
    assert mask("<OVERSIZE>") == Masked("<OVERSIZE>", ())


def test_text_at_the_cap_is_masked_as_usual() -> None:
    assert mask("x " * (MAX_BYTES // 2)).spans == ()


def test_text_that_only_its_tokens_make_too_long_goes_as_a_whole() -> None:
    text = "a@b.no " * (MAX_BYTES // 7)
    assert mask(text).text == "<OVERSIZE>"
