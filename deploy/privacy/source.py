"""Which merchant the papers are about, as it runs: the newest published pack, or files on disk."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

from deploy.cli.published import newest_pack
from libs.contracts.content import Language, Merchant, PackPublished
from libs.contracts.datamap import Row
from libs.kit.clock import utc_now
from libs.kit.errors import ConfigurationError
from libs.notice.document import Notice, notice
from libs.notice.facts import NoticeFacts, facts_of


@dataclass(frozen=True)
class Running:
    """A merchant as it runs here: its own content, and the house's settings that matter to people."""

    pack: PackPublished
    audit_days: int

    @property
    def merchant(self) -> Merchant:
        """Who it is about."""
        return self.pack.merchant

    @property
    def takes_files(self) -> bool:
        """Whether visitors may give files."""
        return self.merchant.attachments != "off"

    @property
    def since(self) -> date:
        """The day on which this content was published, where the shop is."""
        return self.pack.occurred_at.astimezone(ZoneInfo(self.merchant.time_zone)).date()

    def data_map(self) -> tuple[Row, ...]:
        """What is kept of people, with the running settings; of files only where the shop takes them."""
        from deploy.privacy.holdings import FILES, data_map

        rows = data_map(self.audit_days)
        return tuple(row for row in rows if self.takes_files or row.place != FILES)

    def facts(self, language: Language) -> NoticeFacts:
        """What is true of the chat; raises ConfigurationError where the shop has not said enough."""
        return facts_of(self.merchant, language, self.since, self.audit_days)

    def notice(self, language: Language) -> Notice:
        """The notice as the gateway shows it."""
        return notice(self.facts(language))


async def running(
    merchant: str, content: Path | None, environ: Mapping[str, str] = os.environ
) -> Running:
    """The merchant in the store, or in the folder `content`; raises ConfigurationError without it."""
    from services.handoff.settings import HandoffSettings

    pack = _from_files(merchant, content, environ) if content else await newest_pack(merchant)
    return Running(pack, HandoffSettings().handoff_audit_days)


def _from_files(merchant: str, content: Path, environ: Mapping[str, str]) -> PackPublished:
    from services.nlu.content.packs import load_folder

    packs = {pack.merchant_id: pack for pack in load_folder(content, environ, utc_now())}
    if merchant in packs:
        return packs[merchant]
    known = ", ".join(sorted(packs))
    raise ConfigurationError(f"{content} has no merchant {merchant}.", f"choose one of: {known}.")
