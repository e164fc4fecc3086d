"""What a merchant's notice is filled with: its own words about itself, and the house's running rules."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from libs.contracts.content import Language, Merchant, Privacy, SubProcessor
from libs.contracts.datamap import (
    BUS_KEPT,
    ERASURE_MARKS_KEPT,
    KEY_BACKUPS_KEPT,
    LETTERS_KEPT,
    LOGS_KEPT,
    STORE_BACKUPS_KEPT,
)
from libs.kit.calendars import say_date
from libs.kit.errors import ConfigurationError
from libs.kit.wording import in_language
from libs.notice.authorities import ADDRESSES, AUTHORITIES, EEA


@dataclass(frozen=True)
class NoticeFacts:
    """What is true of a merchant's chat at `valid_from`; `audit_days` is the running setting."""

    merchant: Merchant
    privacy: Privacy
    language: Language
    valid_from: date
    audit_days: int

    def variables(self) -> dict[str, str]:
        """The values of the places in the texts."""
        merchant, privacy = self.merchant, self.privacy
        return {
            "merchant_name": merchant.name, "organisation_number": merchant.organisation_number,
            "address": merchant.address, "provider": merchant.provider,
            "retention_days": str(merchant.retention_days),
            "case_cap_days": str(merchant.case_cap_days),
            "contact": privacy.contact, "officer": privacy.officer or "",
            "agreement": privacy.agreement,
            "authority": AUTHORITIES[privacy.country][self.language],
            "authority_url": ADDRESSES[privacy.country],
            "general_notice": in_language(merchant.notice_url, self.language),
            "valid_from": say_date(self.valid_from, self.language), "audit_days": str(self.audit_days),
            **RUNNING,
        }  # fmt: skip

    def abroad(self) -> tuple[SubProcessor, ...]:
        """The sub-processors outside of the EEA."""
        return tuple(one for one in self.privacy.sub_processors if one.country not in EEA)

    def leaves_out(self) -> frozenset[str]:
        """The paragraphs that are not true of this merchant."""
        takes_files = self.merchant.attachments == "people"
        has_below, has_abroad = bool(self.privacy.sub_processors), bool(self.abroad())
        without = {
            "who.officer": not self.privacy.officer,
            "what.files": not takes_files, "kept.files": not takes_files,
            "readers.systems": not self.merchant.webhook_url,
            "readers.helpdesk": not self.merchant.case_webhook_url,
            "readers.none_below": has_below, "readers.below": not has_below,
            "readers.here": has_abroad, "readers.abroad": not has_abroad,
        }  # fmt: skip
        return frozenset(key for key, is_left_out in without.items() if is_left_out)


def facts_of(
    merchant: Merchant, language: Language, valid_from: date, audit_days: int
) -> NoticeFacts:
    """The facts of a merchant; raises ConfigurationError where it has not said who to turn to."""
    if merchant.privacy is None:
        raise ConfigurationError(
            f"{merchant.id} has not said what its privacy notice needs.",
            "add `privacy:` with contact, country and agreement to merchant.yaml, and publish it.",
        )
    return NoticeFacts(merchant, merchant.privacy, language, valid_from, audit_days)


def _count(time: timedelta, unit: timedelta) -> str:
    return str(time // unit)


_DAY, _HOUR = timedelta(days=1), timedelta(hours=1)
RUNNING: Mapping[str, str] = {
    "bus_hours": _count(BUS_KEPT, _HOUR), "letter_days": _count(LETTERS_KEPT, _DAY),
    "log_days": _count(LOGS_KEPT, _DAY), "backup_days": _count(STORE_BACKUPS_KEPT, _DAY),
    "key_backup_days": _count(KEY_BACKUPS_KEPT, _DAY), "mark_days": _count(ERASURE_MARKS_KEPT, _DAY),
}  # fmt: skip
"""The house's own times, as the data map has them."""
