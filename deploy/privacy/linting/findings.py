"""What is found in a notice: where, what is missing, and a sentence that would say it."""

from collections.abc import Mapping
from dataclasses import dataclass

from libs.contracts.content import Language, Merchant
from libs.kit.wording import fill
from libs.notice.document import texts
from libs.notice.facts import RUNNING, NoticeFacts

SENTENCES: Mapping[str, tuple[str, str, int]] = {
    "no_controller": ("who", "controller", 0),
    "roles_contradict": ("who", "processor", 0),
    "no_legal_basis": ("why", "points", 0),
    "no_contact_point": ("who", "contact", 0),
    "no_sub_processors": ("readers", "none_below", 0),
    "no_complaint_body": ("complain", "authority", 0),
    "no_backups": ("kept", "points", 4),
    "no_logs": ("kept", "points", 3),
    "no_statistics": ("statistics", "counts", 0),
    "no_attachments": ("what", "files", 0),
    "attachments_unsaid": ("kept", "files", 0),
    "no_case_end": ("kept", "points", 1),
    "no_conversation_end": ("kept", "points", 0),
    "no_start": ("kept", "points", 0),
    "conversation_differs": ("kept", "points", 0),
    "case_differs": ("kept", "points", 1),
    "conversation_outlives": ("kept", "points", 0),
    "case_outlives": ("kept", "points", 1),
    "transport_differs": ("kept", "points", 2),
    "logs_differ": ("kept", "points", 3),
    "backups_differ": ("kept", "points", 4),
    "proof_differs": ("kept", "points", 5),
    "controller_differs": ("who", "controller", 0),
    "contact_differs": ("who", "contact", 0),
    "sub_processors_differ": ("readers", "below", 0),
    "transfers_differ": ("readers", "abroad", 0),
}
"""Which sentence of the house's own notice would mend a finding."""


UNKNOWN = {
    name: f"[{name}]"
    for name in (
        "merchant_name", "organisation_number", "address", "contact", "provider", "agreement",
        "authority", "authority_url", "audit_days", "safeguards",
    )
}  # fmt: skip
"""What only the shop knows, to be written in."""


@dataclass(frozen=True)
class Finding:
    """One gap, or one difference between the text and what runs."""

    code: str
    line: int
    cause: str
    suggestion: str


@dataclass(frozen=True)
class Expected:
    """What a notice must say to be true: of a merchant, or of the house's own defaults."""

    language: Language
    facts: NoticeFacts | None = None

    @property
    def merchant(self) -> Merchant | None:
        """The merchant, if one was named."""
        return self.facts.merchant if self.facts else None

    @property
    def conversation_days(self) -> int:
        """The days of a conversation with the bot."""
        return self.merchant.retention_days if self.merchant else _default("retention_days")

    @property
    def case_days(self) -> int:
        """The days of a case at the most."""
        return self.merchant.case_cap_days if self.merchant else _default("case_cap_days")

    @property
    def audit_days(self) -> int | None:
        """The days of the log of who looked at what; None where that is not known."""
        return self.facts.audit_days if self.facts else None

    def sentence(self, code: str) -> str:
        """A sentence that would mend a finding; what is not known stands in brackets."""
        section, name, number = SENTENCES[code]
        if self.facts and self.facts.privacy.sub_processors and name == "none_below":
            name = "below"
        written = texts(self.language)[section]
        assert not isinstance(written, str)
        text = written[name]
        return fill(text if isinstance(text, str) else text[number], self._variables())

    def _variables(self) -> Mapping[str, str]:
        if self.facts is None:
            days = {
                "retention_days": str(self.conversation_days),
                "case_cap_days": str(self.case_days),
            }
            return {**UNKNOWN, **RUNNING, **days}
        below = "; ".join(one.name for one in self.facts.privacy.sub_processors)
        safeguards = ", ".join(one.safeguard or "" for one in self.facts.abroad())
        return self.facts.variables() | {"below": below, "safeguards": safeguards}


def _default(field: str) -> int:
    return int(Merchant.model_fields[field].default)
