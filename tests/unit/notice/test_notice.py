"""The notice says what is true of the shop and of the running house, and nothing that is not."""

from datetime import date, timedelta

import pytest

from libs.contracts.content import LANGUAGES, Country, Language, Merchant
from libs.contracts.datamap import BUS_KEPT, ERASURE_MARKS_KEPT, KEY_BACKUPS_KEPT
from libs.contracts.topics import TOPICS
from libs.kit.errors import ConfigurationError
from libs.notice.authorities import ADDRESSES, AUTHORITIES
from libs.notice.document import notice
from libs.notice.facts import facts_of
from libs.notice.forms import as_html, as_markdown, page_policy, style
from services.gateway.settings import GatewaySettings
from services.handoff.settings import HandoffSettings
from services.retention import evidence
from services.retention.ledger import MARK_KEPT
from tests.builders import merchant
from tests.unit.notice.shops import shop

FROM = date(2026, 3, 2)


def markdown(of: Merchant, language: Language = "en", audit_days: int = 400) -> str:
    return as_markdown(notice(facts_of(of, language, FROM, audit_days)))


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_names_who_is_responsible_and_what_they_promise(language: Language) -> None:
    text = markdown(shop(retention_days=60, case_cap_days=200), language, audit_days=123)
    for said in (
        "Fjellbekk Friluft AS", "000 000 000", "Bekkeveien 1, 0000 Eksempel", "60 ", "200 ", "123 ",
        "Prat Demo Provider AS", "<personvern@fjellbekk.example>", "GDPR", "2026",
        "<https://fjellbekk.example/privacy>", AUTHORITIES["NO"][language], ADDRESSES["NO"],
    ):  # fmt: skip
        assert said in text, said


@pytest.mark.parametrize("country", ["NO", "SE", "DK", "FI"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_complaints_go_to_the_authority_of_the_shops_country(
    country: Country, language: Language
) -> None:
    text = markdown(shop(country=country), language)
    assert AUTHORITIES[country][language] in text
    assert [address for address in ADDRESSES.values() if address in text] == [ADDRESSES[country]]


def test_a_shop_without_a_help_desk_or_order_system_does_not_speak_of_them() -> None:
    assert "order system" not in markdown(shop())
    assert "customer service system" not in markdown(shop())
    with_both = shop(webhook_url="https://x.example/a", case_webhook_url="https://x.example/b")
    assert "order system" in markdown(with_both)
    assert "customer service system" in markdown(with_both)


@pytest.mark.parametrize("language", LANGUAGES)
def test_files_are_named_with_their_last_day_only_where_the_shop_takes_them(
    language: Language,
) -> None:
    takes = notice(facts_of(shop(attachments="people", case_cap_days=31), language, FROM, 400))
    named, kept = takes.paragraph("what.files"), takes.paragraph("kept.files")
    assert named
    assert kept
    assert "PDF" in named.lines[0]
    assert "31 " in kept.lines[0]
    assert "PDF" not in markdown(shop(), language)


def test_sub_processors_are_named_or_it_is_said_that_there_are_none() -> None:
    assert "no subcontractors" in markdown(shop())
    text = markdown(shop("below"))
    assert "no subcontractors" not in text
    assert "- Nordvakt Drift AS (NO): servers" in text
    assert "not transferred to countries outside" in text


def test_data_outside_of_the_eea_are_said_with_what_protects_them() -> None:
    text = markdown(shop("abroad"))
    assert "- Farhost Inc (US, outside the EEA): e-mail" in text
    assert "protected by the EU's standard contractual clauses." in text
    assert "not transferred" not in text


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("nb", "2. mars 2026"), ("sv", "2 mars 2026"), ("da", "2. marts 2026"),
        ("fi", "2. maaliskuuta 2026"), ("en", "2 March 2026"),
    ],
)  # fmt: skip
def test_its_date_is_said_as_people_say_it(language: Language, words: str) -> None:
    assert words in markdown(shop(), language)


def test_one_day_is_one_day() -> None:
    assert "1 day," in markdown(shop(retention_days=1))


def test_a_shop_that_has_not_said_what_is_needed_gets_no_half_notice() -> None:
    with pytest.raises(ConfigurationError, match="add `privacy:`"):
        facts_of(merchant(), "nb", FROM, 400)


def test_the_houses_own_times_are_the_codes() -> None:
    assert ERASURE_MARKS_KEPT == MARK_KEPT
    assert KEY_BACKUPS_KEPT == evidence.KEY_BACKUPS_KEPT
    longest = max(topic.retention_ms for topic in TOPICS if topic.purposes)
    assert timedelta(milliseconds=longest) < BUS_KEPT <= timedelta(hours=74)
    ours, theirs = GatewaySettings.model_fields, HandoffSettings.model_fields
    assert ours["handoff_audit_days"].default == theirs["handoff_audit_days"].default


def test_what_a_shop_calls_itself_is_text_and_never_markup() -> None:
    name = "<img src=x onerror=alert(1)> [a](javascript:b) & Co"
    made = notice(facts_of(shop(name=name), "nb", FROM, 400))
    page, text = as_html(made), as_markdown(made)
    assert "<img" not in page
    assert "&lt;img src=x onerror=alert(1)&gt;" in page
    assert "\\<img" in text
    assert "\\[a\\](javascript" in text
    assert 'href="javascript' not in page


def test_the_page_runs_and_loads_nothing() -> None:
    page = as_html(notice(facts_of(shop(), "sv", FROM, 400)), {"nb": "nb", "sv": "sv"})
    assert '<html lang="sv">' in page
    assert '<a href="sv" lang="sv" hreflang="sv" aria-current="page">Svenska</a>' in page
    for forbidden in ("<script", "<link", "<img", "style=", " on"):
        assert forbidden not in page.replace(style(), "").replace(" on ", "")
    policy = page_policy()
    assert "default-src 'none'; style-src 'sha256-" in policy
    assert "unsafe" not in policy


def test_links_in_the_contents_lead_to_their_sections() -> None:
    made = notice(facts_of(shop(), "da", FROM, 400))
    page = as_html(made)
    for section in made.sections:
        assert f'href="#{section.key}"' in page
        assert f'id="{section.key}"' in page
