"""Everything of a merchant in one archive: content, people, conversations, cases, figures, papers."""

import hashlib
import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from deploy.merchant.leaving import Progress
from deploy.merchant.reach import conversations
from libs.contracts.content import PackPublished
from libs.kit.clock import Now
from libs.kit.errors import ConfigurationError, Refused
from libs.kit.mongo import Client, Document, alive, database
from libs.kit.transcript import TranscriptClient

FORMAT = "prat-merchant-export/1"
"""Name and version of the archive; `manifest.json` lists its files with their hashes."""


@dataclass
class Archive:
    """A ZIP file that knows what is in it; nothing in it is ever read back."""

    file: ZipFile
    hashes: dict[str, str] = field(default_factory=dict)

    def add(self, name: str, content: bytes) -> None:
        """Adds a file."""
        self.file.writestr(name, content)
        self.hashes[name] = hashlib.sha256(content).hexdigest()

    def add_json(self, name: str, value: object) -> None:
        """Adds JSON to read."""
        text = json.dumps(value, indent=2, ensure_ascii=False, default=str)
        self.add(name, text.encode())


@dataclass(frozen=True)
class Taking:
    """What it takes to take everything along; conversations are opened by retention, one by one."""

    client: Client
    retention: TranscriptClient
    now: Now

    async def to_file(self, pack: PackPublished, out: Path, progress: Progress) -> dict[str, int]:
        """Writes the archive, whole or not at all; how many things of each kind are in it."""
        part = out.with_name(f".{out.name}.part")
        try:
            part.touch(mode=0o600)
            with ZipFile(part, "w", ZIP_DEFLATED) as file:
                counts = await self._fill(Archive(file), pack, progress)
            part.rename(out)
        except OSError as error:
            raise ConfigurationError(
                f"{out} cannot be written: {error.strerror}.", "choose another place."
            ) from None
        finally:
            part.unlink(missing_ok=True)
        return counts

    async def _fill(
        self, archive: Archive, pack: PackPublished, progress: Progress
    ) -> dict[str, int]:
        merchant = pack.merchant_id
        counts = {
            "files": _add_content(archive, pack),
            "people": await self._add_people(archive, merchant),
            "conversations": await self._add_conversations(archive, pack, progress),
            "cases": await self._add_cases(archive, merchant),
            "figures": await self._add_figures(archive, merchant),
            "papers": _add_papers(archive, pack),
        }
        archive.add_json("manifest.json", {
            "format": FORMAT, "merchant": merchant, "made_at": self.now().isoformat(),
            "counts": counts, "sha256": dict(archive.hashes),
        })  # fmt: skip
        return counts

    async def _add_people(self, archive: Archive, merchant: str) -> int:
        agents = await self._rows("handoff", "agents", {"grants.merchant_id": merchant})
        editors = await self._rows("nlu", "editors", {"merchants": merchant})
        archive.add_json("people.json", {
            "agents": [_agent(row, merchant) for row in agents],
            "editors": [{"email": row["_id"], "name": row["name"]} for row in editors],
        })  # fmt: skip
        return len(agents) + len(editors)

    async def _add_conversations(
        self, archive: Archive, pack: PackPublished, progress: Progress
    ) -> int:
        found = await conversations(self.client, pack.merchant_id)
        own = sorted(name for name, owner in found.items() if owner == pack.merchant_id)
        added, language = 0, pack.merchant.languages[0]
        for number, conversation in enumerate(own, start=1):
            try:
                made = await self.retention.export(pack.merchant_id, conversation, "json", language)
            except Refused:
                continue  # erased while this ran: then it is not ours to take along
            archive.add(f"conversations/{conversation}.json", await made.aread())
            added += 1
            progress(number, len(own))
        return added

    async def _add_cases(self, archive: Archive, merchant: str) -> int:
        """What is known of each case beside its texts, which are in the conversations."""
        rows = await self._rows("handoff", "cases", {"merchant_id": merchant} | alive(self.now()))
        archive.add_json("cases.json", [_case(row) for row in rows])
        return len(rows)

    async def _add_figures(self, archive: Archive, merchant: str) -> int:
        """What the statistics have shown: smaller counts are nobody's, not the merchant's either."""
        lines = [line async for line in self._shown(merchant)]
        archive.add(
            "statistics.csv", "\n".join(("first_day,period,table,word,n", *lines, "")).encode()
        )
        return len(lines)

    async def _shown(self, merchant: str) -> AsyncIterator[str]:
        mine = {"_id": {"$gte": f"{merchant}|", "$lt": f"{merchant}}}"}}
        async for row in database(self.client, "analytics")["releases"].find(mine).sort("_id", 1):
            first, kind = row["_id"].split("|")[1:]
            for table, words in row["shown"].items():
                for word, n in words.items():
                    yield f"{first},{kind},{table},{word},{n}"

    async def _rows(self, service: str, collection: str, found: Document) -> list[Document]:
        rows = database(self.client, service)[collection].find(found).sort("_id", 1)
        return [row async for row in rows]


def _add_content(archive: Archive, pack: PackPublished) -> int:
    archive.add("content/pack.json", pack.model_dump_json(indent=2).encode())
    for path, text in sorted(pack.sources.items()):
        archive.add(f"content/{_inside(path)}", text.encode())
    return 1 + len(pack.sources)


def _add_papers(archive: Archive, pack: PackPublished) -> int:
    """The notice and the records as they were, where the merchant has said what they need."""
    papers = dict(_papers(pack)) if pack.merchant.privacy else {}
    for name, text in papers.items():
        archive.add(f"privacy/{name}", text.encode())
    return len(papers)


def _papers(pack: PackPublished) -> Iterator[tuple[str, str]]:
    from deploy.privacy.dpia import annex_page
    from deploy.privacy.record import record_page
    from deploy.privacy.source import Running
    from libs.notice.forms import as_markdown
    from services.handoff.settings import HandoffSettings

    run = Running(pack, HandoffSettings().handoff_audit_days)
    for language in pack.merchant.languages:
        yield f"notice.{language}.md", as_markdown(run.notice(language))
    yield "record.md", record_page(run)
    yield "dpia.md", annex_page(run)


def _inside(path: str) -> str:
    """A merchant's own path, never one that leads out of the folder that it is unpacked to."""
    parts = [part for part in path.replace("\\", "/").split("/") if part not in ("", ".", "..")]
    return "/".join(parts)


def _agent(row: Document, merchant: str) -> dict[str, Any]:
    """What the shop knows of an agent: nothing secret, and nothing of other shops."""
    grant = next(grant for grant in row["grants"] if grant["merchant_id"] == merchant)
    return {
        "email": row["_id"], "name": row["name"], "roles": grant["roles"],
        "skills": grant["skills"], "disabled": bool(row.get("disabled")),
    }  # fmt: skip


def _case(row: Document) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "intake"}
