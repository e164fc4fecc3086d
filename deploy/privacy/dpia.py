"""The annex to a data protection impact assessment (GDPR Article 35): risks, measures and their proofs."""

from dataclasses import dataclass
from typing import Any, Literal

from deploy.markdown import table
from deploy.privacy.record import record
from deploy.privacy.source import Running

Level = Literal["low", "medium", "high"]


@dataclass(frozen=True)
class Risk:
    """What may happen to a person; how grave it is, how likely before and after the measures."""

    what: str
    severity: Level
    before: Level
    after: Level
    measures: str
    proofs: tuple[str, ...]


RISKS = (
    Risk(
        "Somebody reads conversations who may not: on the bus, in the store, in a backup.",
        "high", "medium", "low",
        "Sealed per conversation and purpose; keys apart from the data; services hold only the keys "
        "that they need.",
        ("tests/unit/privacy/test_sealing.py", "tests/contracts/test_data_map.py"),
    ),
    Risk(
        "Conversations are kept for longer than promised.", "medium", "medium", "low",
        "TTL indexes are checked at start; reads pass over what has expired. Conversations: "
        "{retention_days} days; cases: {case_cap_days} days; bus: {bus_hours} hours.",
        ("tests/integration/test_store_rules.py", "tests/contracts/test_data_map.py"),
    ),
    Risk(
        "A deletion is incomplete, or undone by a late event.", "high", "medium", "low",
        "Keys are destroyed first; five services acknowledge with counts; marks refuse late events "
        "for {mark_days} days.",
        ("tests/walk/test_one_message.py", "tests/integration/test_retention_store.py",
         "tests/contracts/test_acknowledgements.py"),
    ),
    Risk(
        "Visitors write what nobody asked for: health, card numbers, other people.",
        "high", "high", "medium",
        "Nothing is needed to use the bot; the notice asks people not to; statistics take no text; "
        "deletion in two clicks.",
        ("tests/unit/privacy/test_masking.py", "tests/unit/analytics/test_handlers.py"),
    ),
    Risk(
        "A person can be recognised in the statistics.", "medium", "medium", "low",
        "Counts of conversations in words that the shop itself has published: no text, no id; what "
        "fewer than k share is withheld, against subtraction and repeated looks, too.",
        ("tests/unit/analytics/test_releasing.py", "tests/unit/analytics/test_domain.py"),
    ),
    Risk(
        "The bot answers wrongly, and somebody relies on it.", "medium", "high", "low",
        "Each bot turn is labelled; the bot answers from the shop's own content and takes no "
        "decisions; a person is two clicks away.",
        ("tests/e2e/test_five_things.py", "tests/unit/nlu/test_calibration.py"),
    ),
    Risk(
        "Staff look at cases that are not theirs.", "medium", "medium", "low",
        "Roles per shop; every look at a personal field is logged for {audit_days} days in a chained, "
        "signed log: `prat audit verify`.",
        ("tests/integration/test_audit.py", "tests/unit/handoff/test_rights.py"),
    ),
    Risk(
        "One shop sees another shop's conversations.", "high", "medium", "low",
        "The merchant comes from the session only; what is foreign is as unknown as what never was.",
        ("tests/integration/test_visitor_api.py", "tests/integration/test_handoff_doors.py"),
    ),
    Risk(
        "A stolen session opens somebody's conversation.", "medium", "medium", "low",
        "Random 256-bit token, stored as a hash, bound to the shop's origins; gone on deletion.",
        ("tests/integration/test_visitor_api.py", "tests/unit/gateway/test_socket.py"),
    ),
)  # fmt: skip

FILES = Risk(
    "A file that a visitor gives shows more than was meant, or harms whoever opens it.",
    "high", "high", "medium",
    "Only for people, and only images and PDFs, told by their content; images are drawn anew, so that "
    "place, time and camera are gone; files are sealed, kept for {case_cap_days} days at most, and leave "
    "as downloads that run nothing; who fetches one is logged. What a PDF says of itself stays in it.",
    ("tests/unit/gateway/test_inspection.py", "tests/unit/gateway/test_attachments.py",
     "tests/integration/test_attachments.py", "tests/integration/test_handoff_attachments.py"),
)  # fmt: skip

ABROAD = Risk(
    "Data outside of the EEA are reached by authorities or with less protection.",
    "medium", "medium", "medium",
    "Transfers to {abroad}, under {safeguards}; what is stored there is sealed.",
    ("tests/unit/notice/test_notice.py",),
)  # fmt: skip

SCREENING = {
    "decisions with legal effect": "No: the bot informs, people decide.",
    "systematic monitoring": "No: nothing is stored in the browser before the visitor writes.",
    "special categories": "Not asked for; may be written unasked (see the risks).",
    "vulnerable people": "Not aimed at; children may write as any visitor.",
    "new technology": "A chatbot without generated answers, trained on the shop's own examples.",
    "large scale": "The shop judges by its own number of visitors.",
}
"""The questions by which a shop sees whether it needs an assessment at all."""


def annex(run: Running) -> dict[str, Any]:
    """The annex as data."""
    made = record(run)
    return {
        "annex": "Annex to a data protection impact assessment, GDPR Article 35",
        "content_version": made["content_version"], "valid_from": made["valid_from"],
        "controller": made["controller"], "processor": made["processor"],
        "screening": SCREENING,
        "processing": [
            {key: one[key] for key in ("purpose", "title", "aim", "legal_basis", "data")}
            for one in made["activities"]
        ],
        "risks": [_as_json(risk, run) for risk in risks_of(run)],
    }  # fmt: skip


def risks_of(run: Running) -> tuple[Risk, ...]:
    """The risks of this merchant's chat."""
    files = (FILES,) if run.takes_files else ()
    abroad = (ABROAD,) if record(run)["transfers"] else ()
    return (*RISKS, *files, *abroad)


def annex_page(run: Running) -> str:
    """The annex to read."""
    made = annex(run)
    screening = [(question, answer) for question, answer in made["screening"].items()]
    processing = [
        (one["title"], one["aim"], one["legal_basis"], "; ".join(one["data"]))
        for one in made["processing"]
    ]
    columns = ("risk", "severity", "before", "measures", "after", "proofs")
    risks = [tuple(str(row[name]) for name in columns) for row in made["risks"]]
    parts = [
        f"# {made['annex']}",
        (f"{made['controller']['name']}: the chat of {made['processor']['name']}. Content version "
        f"{made['content_version']}, valid from {made['valid_from']}. Made by `prat privacy dpia`; "
        "the shop's own judgement goes beside it, not into it."),
        "## Is an assessment needed?", table(("question", "answer"), screening).rstrip(),
        "## What is done", table(("activity", "aim", "legal basis", "personal data"), processing)
        .rstrip(),
        "## Risks, measures, proofs",
        ("`before` and `after` say how likely a risk is without and with the measures. Each proof is a "
        "test that runs with every change."),
        table(("risk", "severity", "before", "measures", "after", "proofs"), risks).rstrip(),
    ]  # fmt: skip
    return "\n\n".join(parts) + "\n"


def _as_json(risk: Risk, run: Running) -> dict[str, str]:
    return {
        "risk": risk.what, "severity": risk.severity, "before": risk.before, "after": risk.after,
        "measures": risk.measures.format(**_values(run)), "proofs": ", ".join(risk.proofs),
    }  # fmt: skip


def _values(run: Running) -> dict[str, str]:
    from libs.notice.facts import RUNNING

    transfers = record(run)["transfers"]
    return {
        **RUNNING, "retention_days": str(run.merchant.retention_days),
        "case_cap_days": str(run.merchant.case_cap_days), "audit_days": str(run.audit_days),
        "abroad": ", ".join(f"{one['name']} ({one['country']})" for one in transfers),
        "safeguards": ", ".join(sorted({str(one["safeguard"]) for one in transfers})),
    }  # fmt: skip
