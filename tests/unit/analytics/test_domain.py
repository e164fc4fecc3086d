"""What is counted, and that only known words can become part of a count."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from uuid import uuid4

import pytest

from libs.contracts.bot import Outcome, ReplyComposed
from libs.contracts.case import CaseAssigned, CaseClosed, CaseFiled, CaseQueued
from libs.contracts.sealed import Purpose
from libs.contracts.visitor import CaseRated
from libs.privacy.recognizers import KINDS
from services.analytics import domain
from services.analytics.domain import Cell, MessageFacts, Moment, Table, TurnFacts
from tests.builders import NOW, conversation_id, message_received, pack, sealed

MOMENT = Moment(date(2026, 3, 2), 13)
HOUR = Cell(Table.HOURS, "13")
PACK = pack()
FACTS = TurnFacts(topic="track_parcel", language="nb", outcome="answered", hour=NOW)


def turn(**changes: object) -> ReplyComposed:
    fields = {
        "event_id": uuid4(), "merchant_id": "fjellbekk", "conversation_id": conversation_id(),
        "occurred_at": NOW, "intent": "track_parcel", "language": "nb", "confidence": 0.9,
        "outcome": Outcome.ANSWERED, "pack_version": "test", "message": sealed(),
    }  # fmt: skip
    return ReplyComposed.model_validate(fields | changes)


def case_fields() -> dict[str, object]:
    return {
        "event_id": uuid4(), "merchant_id": "fjellbekk", "conversation_id": conversation_id(),
        "occurred_at": NOW, "case_id": uuid4(), "version": 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("at", "zone", "day", "hour"),
    [
        (datetime(2026, 3, 2, 12, 59, tzinfo=UTC), "Europe/Oslo", "2026-03-02", 13),
        (datetime(2026, 3, 2, 23, 30, tzinfo=UTC), "Europe/Oslo", "2026-03-03", 0),
        (datetime(2026, 7, 2, 22, 30, tzinfo=UTC), "Europe/Helsinki", "2026-07-03", 1),
        (datetime(2026, 3, 2, 12, 59, tzinfo=UTC), "UTC", "2026-03-02", 12),
    ],
)
def test_days_and_hours_are_those_of_the_merchant(
    at: datetime, zone: str, day: str, hour: int
) -> None:
    event = message_received(conversation_id(), occurred_at=at)
    assert domain.moment_of(event, zone) == Moment(date.fromisoformat(day), hour)


@pytest.mark.parametrize(
    ("characters", "length"),
    [(0, "short"), (40, "short"), (41, "medium"), (200, "medium"), (201, "long")],
)
def test_lengths_are_coarse(characters: int, length: str) -> None:
    assert domain.message_facts(characters, ()).length == length


def test_kinds_are_named_once_and_in_order() -> None:
    facts = domain.message_facts(10, ["PHONE", "EMAIL", "PHONE"])
    assert facts.mentions == ("email", "phone")
    assert domain.message_cells(MOMENT, facts) == (
        domain.BEGUN, domain.MESSAGE, HOUR, Cell(Table.LENGTHS, "short"),
        Cell(Table.MENTIONS, "email"), Cell(Table.MENTIONS, "phone"),
    )  # fmt: skip


def test_a_turn_is_one_question() -> None:
    facts = domain.turn_facts(turn(), PACK)
    assert domain.turn_cells(MOMENT, facts) == (
        domain.BEGUN, domain.QUESTION, HOUR, Cell(Table.TOPICS, "track_parcel"),
        Cell(Table.LANGUAGES, "nb"), Cell(Table.OUTCOMES, "answered"),
    )  # fmt: skip


def test_a_turns_time_is_cut_to_the_hour() -> None:
    at = datetime(2026, 3, 2, 12, 34, 56, 789, tzinfo=UTC)
    facts = domain.turn_facts(turn(occurred_at=at), PACK)
    assert facts.hour == datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize("text", ["jeg heter Kari", "a|b|c", "", "returns ", "10482217"])
def test_words_that_the_merchant_did_not_publish_are_not_counted(text: str) -> None:
    facts = domain.turn_facts(turn(intent=text, language=text), PACK)
    assert (facts.topic, facts.language) == ("other", "other")


def test_without_a_pack_no_topic_is_known() -> None:
    assert domain.turn_facts(turn(), None).topic == "other"


def test_a_text_that_could_not_be_stripped_is_counted_as_that() -> None:
    cells = domain.message_cells(MOMENT, None)
    assert cells[-1] == Cell(Table.LENGTHS, "unmaskable")


def test_cases_are_counted_by_step() -> None:
    waiting = case_fields() | {"skill": "delivery", "topic": "track_parcel"}
    queued = CaseQueued.model_validate(waiting | {"position": 1, "open_now": True})
    filed = CaseFiled.model_validate(waiting)
    closed = CaseClosed.model_validate(case_fields() | {"reason": "solved", "handled_seconds": 9})
    assigned = CaseAssigned.model_validate(
        case_fields() | {"agent": sealed(Purpose.CASE), "waited_seconds": 61}
    )
    rated = CaseRated.model_validate(case_fields() | {"score": 4})
    for case, step in ((queued, "queued"), (filed, "filed")):
        assert domain.waiting_cells(MOMENT, case) == (
            domain.BEGUN, domain.HANDED_OVER, HOUR, Cell(Table.CASES, step),
        )  # fmt: skip
    assert words(domain.assigned_cells(assigned)) == ["cases assigned", "waits 120"]
    assert words(domain.closed_cells(closed)) == ["cases solved", "handling 10"]
    assert words(domain.rated_cells(rated)) == ["ratings 4"]
    assert words(domain.erased_cells()) == ["erasures asked"]


def words(cells: Iterable[Cell]) -> list[str]:
    return [f"{cell.table} {cell.word}" for cell in cells]


@pytest.mark.parametrize(
    ("seconds", "word"),
    [(0, "10"), (10, "10"), (10.1, "30"), (14400, "14400"), (14401, "longer"), (1e12, "longer")],
)
def test_times_fall_into_coarse_steps(seconds: float, word: str) -> None:
    assert domain.time_word(seconds) == word


def test_a_published_question_leads_back_to_nobody() -> None:
    message = MessageFacts(length="short", mentions=("email",))
    told = domain.question(uuid4(), "fjellbekk", message, FACTS)
    assert set(told.model_dump(exclude_none=True)) == {
        "event_id", "schema_version", "type", "merchant_id", "occurred_at", "topic", "language",
        "outcome", "mentions", "length",
    }  # fmt: skip
    assert told.cause_id is None
    assert told.key == "fjellbekk"


def test_every_kind_of_masking_fits_the_words_of_a_key() -> None:
    assert all(kind.lower().replace("_", "").isalpha() for kind in KINDS)
