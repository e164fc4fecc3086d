"""The record of processing (GDPR Article 30) of one merchant's chat, from the data map."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from deploy.markdown import table
from deploy.privacy.source import Running
from libs.contracts.content import Merchant
from libs.contracts.datamap import Nature, Row, Use, say_time
from libs.notice.authorities import EEA


@dataclass(frozen=True)
class Activity:
    """Why something is done, and what makes it lawful."""

    use: Use
    title: str
    aim: str
    basis: str
    people: str


ACTIVITIES = (
    Activity(
        Use.DIALOGUE, "Conversations with the chatbot",
        "Answer visitors' questions; offer a person where the bot cannot.",
        "Article 6(1)(f): legitimate interest in helping visitors.", "visitors of the web shop",
    ),
    Activity(
        Use.CASE, "Cases with customer service",
        "Solve what visitors turn to a person with; the form before the queue shortens the wait.",
        "Article 6(1)(b): the contract about a purchase; otherwise Article 6(1)(f).",
        "visitors who ask for a person; agents",
    ),
    Activity(
        Use.SECURITY, "Security and proof",
        "Keep floods and strangers out; show who looked at what and that an erasure was carried out.",
        "Article 6(1)(f): secure operation; Article 6(1)(c): duty to document.",
        "visitors; agents, editors",
    ),
)  # fmt: skip

MEASURES = (
    (
        "Personal fields are sealed with AES-256-GCM under a key of their conversation and purpose "
        "({sealed} fields and collections of the data map); without the key no copy can be read."
    ),
    "Each purpose has its own key-encryption key; analytics and the bot hold none for cases.",
    "The store deletes by TTL index; what has expired is never shown, even before it is gone.",
    "An erasure destroys the keys first and is complete when all five services have acknowledged.",
    (
        "Agents have personal accounts with roles; who looked at which field of a case is logged for "
        "{audit_days} days in a chained, signed log."
    ),
    "Statistics are counts of known words: no text and no id.",
    "Logs, errors and metrics carry ids and counts, never what somebody wrote.",
)

NO_COUNTS = "Counts of conversations per day, week and month hold no personal data and are kept."


def record(run: Running) -> dict[str, Any]:
    """The record as data: what the controller (30(1)) and the processor (30(2)) must have."""
    merchant, rows = run.merchant, run.data_map()
    return {
        "record": "Record of processing activities, GDPR Article 30",
        "content_version": run.pack.pack_version, "valid_from": run.since.isoformat(),
        "controller": _controller(merchant), "processor": _processor(merchant),
        "sub_processors": _below(merchant), "transfers": _transfers(merchant),
        "activities": [_activity(one, rows, merchant) for one in ACTIVITIES],
        "statistics": NO_COUNTS,
        "security_measures": [
            text.format(sealed=sum(row.sealed for row in rows), audit_days=run.audit_days)
            for text in MEASURES
        ],
    }  # fmt: skip


def record_page(run: Running) -> str:
    """The record to read."""
    made = record(run)
    below = [f"{one['name']} ({one['country']}): {one['does']}" for one in made["sub_processors"]]
    transfers = [
        f"{one['name']}, {one['country']}: {one['safeguard']}" for one in made["transfers"]
    ]
    parts = [
        f"# {made['record']}",
        (f"{made['controller']['name']}: the chat. Content version {made['content_version']}, valid "
        f"from {made['valid_from']}. Made by `prat privacy record`; do not edit."),
        "## Controller", _listed(made["controller"]), "## Processor", _listed(made["processor"]),
        "## Sub-processors", _points(below), "## Transfers outside of the EEA", _points(transfers),
        *(part for one in made["activities"] for part in _activity_parts(one)),
        "## Statistics", made["statistics"],
        "## Security measures (Article 32)", _points(made["security_measures"]),
    ]  # fmt: skip
    return "\n\n".join(parts) + "\n"


def limit(row: Row, merchant: Merchant) -> str:
    """How long a row is kept at the most, in words."""
    longest = row.life.longest(merchant)
    return say_time(longest) if longest else str(row.life)


def _controller(merchant: Merchant) -> dict[str, Any]:
    privacy = merchant.privacy
    return {
        "name": merchant.name, "organisation_number": merchant.organisation_number,
        "address": merchant.address, "contact": privacy.contact if privacy else None,
        "data_protection_officer": privacy.officer if privacy else None,
    }  # fmt: skip


def _processor(merchant: Merchant) -> dict[str, Any]:
    privacy = merchant.privacy
    agreed = privacy.agreed_on if privacy else None
    return {
        "name": merchant.provider, "acts": "on the controller's behalf only",
        "agreement": privacy.agreement if privacy else None,
        "agreed_on": agreed.isoformat() if agreed else None,
    }  # fmt: skip


def _below(merchant: Merchant) -> list[dict[str, Any]]:
    below = merchant.privacy.sub_processors if merchant.privacy else ()
    return [
        {
            "name": one.name, "country": one.country, "safeguard": one.safeguard,
            "does": one.does.get("en") or next(iter(one.does.values()), ""),
        }
        for one in below
    ]  # fmt: skip


def _transfers(merchant: Merchant) -> list[dict[str, Any]]:
    return [one for one in _below(merchant) if one["country"] not in EEA]


def _activity(one: Activity, rows: Iterable[Row], merchant: Merchant) -> dict[str, Any]:
    mine = [row for row in rows if one.use in row.uses and row.nature is not Nature.NONE]
    personal = [row for row in mine if row.nature is not Nature.LINKED]
    return {
        "purpose": one.use.value, "title": one.title, "aim": one.aim, "legal_basis": one.basis,
        "data_subjects": one.people,
        "data": sorted({_in_words(row) for row in personal}),
        "recipients": sorted({who for row in mine for who in (row.holder, *row.readers)}),
        "places": _places(mine, merchant),
    }  # fmt: skip


def _in_words(row: Row) -> str:
    """Without the name of the model that the contract names first."""
    model, _, words = row.holds.partition("Body: ")
    return words if words and model.isalpha() else row.holds


def _places(rows: Iterable[Row], merchant: Merchant) -> list[dict[str, str]]:
    found = {
        row.place: {"place": row.place, "kept_by": row.holder, "at_most": limit(row, merchant)}
        for row in rows
    }
    return list(found.values())


def _activity_parts(one: dict[str, Any]) -> list[str]:
    rows = [(f"`{p['place']}`", p["kept_by"], p["at_most"]) for p in one["places"]]
    return [
        f"## {one['title']} (`{one['purpose']}`)",
        _points([
            f"Aim: {one['aim']}", f"Legal basis: {one['legal_basis']}",
            f"People: {one['data_subjects']}.", f"Services: {', '.join(one['recipients'])}.",
        ]),
        "Personal data:", _points(one["data"]),
        table(("place", "kept by", "at most"), rows).rstrip(),
    ]  # fmt: skip


def _listed(values: dict[str, Any]) -> str:
    return _points([
        f"{name.replace('_', ' ').capitalize()}: {value}" for name, value in values.items() if value
    ])  # fmt: skip


def _points(lines: list[str]) -> str:
    return "\n".join(f"- {line}" for line in lines) if lines else "None."
