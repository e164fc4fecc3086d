"""What each service's collections hold, beside the code that declares them; lengths are the code's own."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

from libs.contracts.datamap import (
    KEY_BACKUPS_KEPT,
    LOGS_KEPT,
    STORE_BACKUPS_KEPT,
    Ends,
    Life,
    Nature,
    Row,
    Use,
    bus_rows,
)
from libs.kit import accounts, audit, expiry, outbox, single_sign_on, try_counts
from libs.kit.keystore import KEYS
from libs.kit.login import SESSION_HOURS
from libs.kit.mongo import Collection
from libs.kit.tries import HOUR
from services.analytics import halves, keys
from services.analytics import store as analytics
from services.analytics.inbox import store as samples
from services.gateway import store as gateway
from services.handoff import (
    figures,
    given,
    marks,
    notes,
    roster,
    rows,
    webhook_lanes,
    webhook_store,
)
from services.handoff.rightsdesk import request_store
from services.handoff.rightsdesk.requests import LONGEST_OPEN
from services.handoff.settings import HandoffSettings
from services.nlu import store as nlu
from services.nlu.authoring import drafts, versions
from services.retention import attachments, daily, ledger
from services.retention import store as retention

AGENTS = Collection("agents", expiring=False)
EDITORS = Collection("editors", expiring=False)
"""The collections that `Accounts` makes under the names it is given."""

FILES = f"retention.{attachments.ATTACHMENTS.name}"
"""Where files lie, at shops that take them."""

BOTH = (Use.DIALOGUE, Use.CASE)
CONVERSATION, EITHER = Life(Ends.CONVERSATION), Life(Ends.EITHER)
MERCHANT, ACCOUNT, NEWEST = Life(Ends.MERCHANT), Life(Ends.ACCOUNT), Life(Ends.NEWEST)


def fixed(time: timedelta) -> Life:
    """A life of this length."""
    return Life(Ends.FIXED, time)


def data_map(audit_days: int | None = None) -> tuple[Row, ...]:
    """Everything that is kept anywhere: each field on the bus, each collection, and what is neither.

    `audit_days` is the running setting; its default without.
    """
    days = audit_days or HandoffSettings.model_fields["handoff_audit_days"].default
    return (*bus_rows(), *collections(days), *elsewhere())


def collections(audit_days: int) -> tuple[Row, ...]:
    """A row for each collection of each service."""
    return (
        *_keys(), *_gateway(), *_nlu(), *_handoff(), *_agents(audit_days), *_retention(),
        *_analytics(audit_days),
    )  # fmt: skip


def elsewhere() -> tuple[Row, ...]:
    """What is kept outside of topics and collections."""
    return (
        Row("browser", "localStorage", "the conversation's id and token, once the visitor has acted",
            Nature.LINKED, (Use.DIALOGUE,), "visitor", (), sealed=False, life=CONVERSATION),
        Row("memory", "network address", "a hash with a salt of the process's own, to limit floods",
            Nature.LINKED, (Use.SECURITY,), "gateway", (), sealed=False, life=Life(Ends.PROCESS)),
        Row("logs", "", "ids, counts and times; never what somebody wrote", Nature.LINKED,
            (Use.SECURITY,), "operator", (), sealed=False, life=fixed(LOGS_KEPT)),
        Row("key backups", "", "wrapped keys; without them nothing sealed can be read",
            Nature.LINKED, BOTH, "operator", (), sealed=True, life=fixed(KEY_BACKUPS_KEPT)),
        Row("store backups", "", "sealed copies; unreadable once their key is gone",
            Nature.PERSONAL, BOTH, "operator", (), sealed=True, life=fixed(STORE_BACKUPS_KEPT)),
    )  # fmt: skip


def _row(  # noqa: PLR0917 - the columns of a table, in order
    service: str, collection: Collection, holds: str, nature: Nature, uses: tuple[Use, ...],
    life: Life, *, sealed: bool = False, readers: tuple[str, ...] = (),
) -> Row:  # fmt: skip
    place = f"{service}.{collection.name}"
    return Row(place, "", holds, nature, uses, service, readers, sealed, life)


def _keys() -> tuple[Row, ...]:
    readers = ("gateway", "nlu", "handoff", "retention", "analytics")
    return (
        _row("keys", KEYS, "a wrapped key per conversation and purpose, or the mark of a destroyed one",
             Nature.LINKED, BOTH, EITHER, readers=readers),
        _row("journal", expiry.TOLD, "how many documents each service's collections had that were to end "
             "on a day: numbers only", Nature.NONE, (), fixed(expiry.TOLD_KEPT),
             readers=("retention",)),
    )  # fmt: skip


def _gateway() -> tuple[Row, ...]:
    row = partial(_row, "gateway")
    return (
        row(gateway.SESSIONS, "hash of the token, language, who answers now; sealed: an agent's name, and "
            "name, e-mail and customer number by the shop's word",
            Nature.LINKED, BOTH, CONVERSATION),
        row(gateway.HOLDERS, "which gateway has the open tabs of a conversation", Nature.LINKED, BOTH,
            fixed(gateway.HOLDER_KEPT)),
    )  # fmt: skip


def _nlu() -> tuple[Row, ...]:
    row = partial(_row, "nlu")
    return (
        row(nlu.DIALOGUES, "where the talk stands; facts that the visitor gave, sealed",
            Nature.PERSONAL, (Use.DIALOGUE,), CONVERSATION, sealed=True),
        row(versions.PACKS, "published content", Nature.NONE, (), MERCHANT),
        row(versions.PUBLICATIONS, "who published which content, and why", Nature.STAFF,
            (Use.SECURITY,), MERCHANT),
        row(drafts.DRAFTS, "content being written, and by whom", Nature.STAFF, (Use.SECURITY,),
            MERCHANT),
        row(drafts.STEPS, "steps of editing that can be undone", Nature.NONE, (), MERCHANT),
        *_people(row, EDITORS),
    )  # fmt: skip


def _handoff() -> tuple[Row, ...]:
    row, case = partial(_row, "handoff"), (Use.CASE,)
    return (
        row(rows.CASES, "topic, times, who has it; the form of before the queue, sealed",
            Nature.PERSONAL, case, Life(Ends.CASE), sealed=True),
        row(notes.NOTES, "agents' notes on a case, sealed", Nature.PERSONAL, case, Life(Ends.CASE),
            sealed=True),
        row(given.GIVEN, "keyed marks of e-mail addresses and order numbers that were given in a case, by "
            "visitor or shop",
            Nature.LINKED, case, Life(Ends.CASE)),
        row(given.MENTIONED, "keyed marks of e-mail addresses and order numbers that the bot was told, and "
            "of the address that the shop signed", Nature.LINKED, BOTH, CONVERSATION),
        row(request_store.REQUESTS, "what people asked of a shop about their data: steps and times; a "
            "keyed mark of their address, and conversations, until it is closed, then 90 days",
            Nature.LINKED, (Use.SECURITY,), fixed(LONGEST_OPEN)),
        row(marks.CONVERSATIONS, "that something of a conversation is kept here, or that it is erased",
            Nature.LINKED, BOTH, Life(Ends.CASE)),
        row(marks.INBOX, "ids of events that were dealt with", Nature.LINKED, (Use.SECURITY,),
            fixed(marks.INBOX_KEPT)),
        row(figures.HANDLED, "how long cases took: a number and its queue", Nature.NONE, (),
            fixed(figures.HANDLED_KEPT)),
        row(figures.FORECASTS, "how long a queue is expected to take", Nature.NONE, (), NEWEST),
        row(webhook_store.DELIVERIES, "notices to the shop's help desk: ids and times",
            Nature.LINKED, case, fixed(webhook_lanes.KEPT)),
        row(webhook_lanes.LANES, "which notices wait", Nature.LINKED, case,
            fixed(webhook_lanes.KEPT)),
        row(webhook_store.STOPS, "addresses of help desks that do not answer", Nature.NONE, (),
            NEWEST),
        *_relayed(row),
    )  # fmt: skip


def _agents(audit_days: int) -> tuple[Row, ...]:
    row, security = partial(_row, "handoff"), (Use.SECURITY,)
    return (
        *_people(row, AGENTS),
        row(single_sign_on.BEGUN, "log-ins that were begun", Nature.STAFF, security,
            fixed(single_sign_on.TIME)),
        row(roster.PRESENCE, "an agent's choices, and when the console was last heard of",
            Nature.STAFF, (Use.CASE,), fixed(roster.CHOICE_KEPT)),
        row(roster.STAFFING, "how many agents are there", Nature.NONE, (), NEWEST),
        row(audit.ENTRIES, "who looked at which field of which case, and when; never what it said",
            Nature.STAFF, security, fixed(timedelta(days=audit_days))),
        row(audit.ENDS, "the signed ends of that log", Nature.NONE, (), NEWEST),
    )  # fmt: skip


def _retention() -> tuple[Row, ...]:
    row, security = partial(_row, "retention"), (Use.SECURITY,)
    readers = ("gateway", "handoff")
    return (
        row(retention.MESSAGES, "what was said and filled in, sealed", Nature.PERSONAL, BOTH, EITHER,
            sealed=True, readers=readers),
        row(attachments.ATTACHMENTS, "images and PDFs that were given to people, sealed; no names of files",
            Nature.PERSONAL, (Use.CASE,), Life(Ends.CASE), sealed=True, readers=readers),
        row(retention.CONVERSATIONS, "how many messages there are, or that all are erased; sealed: name, "
            "e-mail and customer number by the shop's word",
            Nature.LINKED, (*BOTH, Use.SECURITY), fixed(ledger.MARK_KEPT)),
        row(daily.STATEMENTS, "the signed statement of each day: numbers only", Nature.NONE, (),
            fixed(daily.STATEMENTS_KEPT)),
        row(ledger.ERASURES, "when a conversation was erased, and how much; the signed receipt",
            Nature.LINKED, security, fixed(ledger.MARK_KEPT)),
        *_relayed(row),
    )  # fmt: skip


def _analytics(audit_days: int) -> tuple[Row, ...]:
    row = partial(_row, "analytics")
    return (
        row(analytics.COUNTS, "in how many conversations known words occur, per day, week and month: "
            "no text, no id", Nature.NONE, (), MERCHANT),
        row(analytics.RELEASES, "what of these counts has been shown", Nature.NONE, (), MERCHANT),
        row(analytics.MARKS, "which counts a conversation is in already: keyed hashes, under one of "
            "its id", Nature.LINKED, (Use.DIALOGUE,), fixed(analytics.MARKS_KEPT)),
        row(analytics.POSITIONS, "how far the topics are counted", Nature.NONE, (), NEWEST),
        row(analytics.FRESHNESS, "when something was last counted", Nature.NONE, (), NEWEST),
        row(analytics.INBOX, "ids of events that were counted", Nature.LINKED, (Use.SECURITY,),
            fixed(analytics.INBOX_KEPT)),
        row(halves.OBJECTIONS, "whose questions are not to improve anything: a conversation's id",
            Nature.LINKED, (Use.DIALOGUE,), CONVERSATION),
        row(samples.SAMPLES, "questions that the bot was unsure of, strictly masked, under keyed hashes",
            Nature.LINKED, (Use.DIALOGUE,), CONVERSATION),
        row(audit.ENTRIES, "who looked into the improvement inbox, and who made which key; never what "
            "was seen", Nature.STAFF, (Use.SECURITY,), fixed(timedelta(days=audit_days))),
        row(audit.ENDS, "the signed ends of that log", Nature.NONE, (), NEWEST),
        row(keys.KEYS, "hashes of the shops' keys to the statistics: name, rights, day of the last use",
            Nature.STAFF, (Use.SECURITY,), fixed(keys.LONGEST)),
        row(try_counts.TRIES, "hashes of addresses that tried a wrong key", Nature.LINKED,
            (Use.SECURITY,), fixed(2 * HOUR)),
        row(halves.PENDING, "half of a question's facts until the other half comes, sealed",
            Nature.LINKED, (Use.DIALOGUE,), fixed(halves.PENDING_KEPT), sealed=True),
        *_relayed(row),
    )  # fmt: skip


def _relayed(row: Callable[..., Row]) -> tuple[Row, ...]:
    return (
        row(outbox.OUTBOX, "events on their way to the bus; what is personal in them is sealed",
            Nature.PERSONAL, BOTH, fixed(outbox.SENT_ROWS_KEPT), sealed=True),
        row(outbox.COUNTERS, "the number of the last event", Nature.NONE, (), NEWEST),
    )  # fmt: skip


def _people(row: Callable[..., Row], people: Collection) -> tuple[Row, ...]:
    security = (Use.SECURITY,)
    return (
        row(people, "name, e-mail address, rights, hash of the password", Nature.STAFF, security,
            ACCOUNT),
        row(accounts.SESSIONS, "hash of the session's token", Nature.STAFF, security,
            fixed(timedelta(hours=SESSION_HOURS))),
        row(try_counts.TRIES, "hashes of addresses that tried to log in", Nature.STAFF, security,
            fixed(2 * HOUR)),
        row(accounts.CHANGES, "how often accounts changed", Nature.NONE, (), NEWEST),
    )  # fmt: skip
