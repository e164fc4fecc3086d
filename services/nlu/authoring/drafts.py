"""Content that is being edited: one draft per merchant, two editors never overwrite each other."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import uuid4

from libs.contracts.content import Content, PackPublished
from libs.contracts.topics import PACK_BYTES
from libs.kit.clock import Now, utc_now
from libs.kit.errors import Refused
from libs.kit.mongo import Client, Collection, Document, Index, database, ensure
from services.nlu.content.packs import MERCHANT_FILE, starter_sources, topic_path
from services.nlu.content.yamltext import document

DRAFTS = Collection(
    "drafts", expiring=False, required={"base": "string", "token": "string", "files": "array"}
)
STEPS = Collection(
    "draft_steps", expiring=False, indexes=(Index(("merchant_id",)),),
    required={"merchant_id": "string", "path": "string"},
)  # fmt: skip

UNDOABLE = 100
"""Changes that can be undone, one by one."""


@dataclass(frozen=True)
class Draft:
    """A merchant's files as they are being edited, on top of the version `base`."""

    merchant_id: str
    base: str
    files: Mapping[str, str]
    token: str = ""
    who: str = ""
    changed_at: datetime | None = None
    steps: tuple[str, ...] = field(default=())

    @property
    def mark(self) -> str:
        """What a change must name to be made: it differs as soon as somebody else was faster."""
        return f"{self.base}.{self.token}"

    @property
    def is_stored(self) -> bool:
        """Whether anything was changed since the newest publication."""
        return self.token != ""


class Drafts:
    """Drafts in nlu's store. Without one, the draft is what is published."""

    def __init__(self, client: Client, now: Now = utc_now) -> None:
        self._db = database(client, "nlu")
        self._drafts = self._db[DRAFTS.name]
        self._steps = self._db[STEPS.name]
        self._now = now

    async def prepare(self) -> None:
        """Creates and verifies the collections; called once at start."""
        await ensure(self._db, (DRAFTS, STEPS))

    async def of(self, published: PackPublished) -> Draft:
        """The merchant's draft; a new one begins as the published content."""
        found = await self._drafts.find_one({"_id": published.merchant_id})
        if found:
            return _draft(found)
        return Draft(published.merchant_id, published.pack_version, texts_of(published))

    async def change(self, draft: Draft, path: str, text: str | None, who: str) -> Draft:
        """The draft with one file changed (None: removed); raises Refused (409) for an old draft."""
        if draft.files.get(path) == text:
            return draft
        files = {name: old for name, old in draft.files.items() if name != path}
        if text is not None:
            files[path] = tidy(text)
        _check_size(files)
        step = await self._note(draft.merchant_id, path, draft.files.get(path))
        steps = (*draft.steps, step)
        await self._forget(steps[:-UNDOABLE])
        return await self._save(draft, files, steps[-UNDOABLE:], who)

    async def undo(self, draft: Draft, who: str) -> Draft:
        """The draft without its newest change; raises Refused (409) when there is none."""
        found = await self._steps.find_one({"_id": draft.steps[-1]}) if draft.steps else None
        if found is None:
            raise Refused(409, "nothing_to_undo", "There is nothing to undo.")
        files = {name: old for name, old in draft.files.items() if name != found["path"]}
        if found["before"] is not None:
            files[found["path"]] = found["before"]
        undone = await self._save(draft, files, draft.steps[:-1], who)
        await self._forget(draft.steps[-1:])
        return undone

    async def discard(self, draft: Draft) -> None:
        """Forgets the draft, so that it is the published content again; Refused (409) if it is old."""
        if not draft.is_stored:
            return
        gone = await self._drafts.delete_one({"_id": draft.merchant_id, **_state(draft)})
        if gone.deleted_count != 1:
            raise await self._conflict(draft.merchant_id)
        await self._steps.delete_many({"merchant_id": draft.merchant_id})

    async def _save(
        self, draft: Draft, files: Mapping[str, str], steps: tuple[str, ...], who: str
    ) -> Draft:
        token, now = uuid4().hex, self._now()
        changed = replace(draft, files=files, token=token, steps=steps, who=who, changed_at=now)
        document = _document(changed)
        key = {"_id": draft.merchant_id}
        if draft.is_stored:
            saved = (await self._drafts.replace_one(key | _state(draft), document)).matched_count
        else:
            made = await self._drafts.update_one(key, {"$setOnInsert": document}, upsert=True)
            saved = int(made.upserted_id is not None)
        if saved != 1:
            raise await self._conflict(draft.merchant_id)
        return changed

    async def _conflict(self, merchant_id: str) -> Refused:
        found = await self._drafts.find_one({"_id": merchant_id})
        return conflict(found["who"] if found else "")

    async def _note(self, merchant_id: str, path: str, before: str | None) -> str:
        step = {"_id": uuid4().hex, "merchant_id": merchant_id, "path": path, "before": before}
        await self._steps.insert_one(step)
        return str(step["_id"])

    async def _forget(self, steps: tuple[str, ...]) -> None:
        if steps:
            await self._steps.delete_many({"_id": {"$in": list(steps)}})


def conflict(who: str) -> Refused:
    """Somebody else has changed the draft meanwhile."""
    by = f" by {who}" if who else ""
    return Refused(
        409, "draft_changed", f"The draft was changed meanwhile{by}.",
        "look at the newest draft, then make your change again.",
    )  # fmt: skip


def tidy(text: str) -> str:
    """Lines end as they do everywhere in the draft, and the last one ends at all."""
    plain = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    return plain if plain.endswith("\n") else f"{plain}\n"


def texts_of(pack: PackPublished) -> dict[str, str]:
    """The files of a pack; what was published without any is written from its values."""
    if MERCHANT_FILE in pack.sources:
        return dict(pack.sources)
    starter = {key: source.topic for key, source in starter_sources().items()}
    own = (topic for topic in pack.topics if starter.get(topic.key) != topic)
    files = {topic_path(topic.key): written(topic) for topic in own}
    return {MERCHANT_FILE: written(pack.merchant)} | files


def written(model: Content) -> str:
    """A model as a file."""
    return document(model.model_dump(mode="json", exclude_defaults=True))


def _check_size(files: Mapping[str, str]) -> None:
    if sum(len(text.encode()) for text in files.values()) > PACK_BYTES:
        raise Refused(
            413, "draft_too_large", "The draft is too large to be published.",
            "remove topics or examples.",
        )  # fmt: skip


def _state(draft: Draft) -> Document:
    return {"base": draft.base, "token": draft.token}


def _document(draft: Draft) -> Document:
    # Names of files hold dots, which the store would take for paths: so a list, not a mapping.
    files = [{"path": path, "text": text} for path, text in sorted(draft.files.items())]
    return {
        "base": draft.base, "token": draft.token, "files": files, "who": draft.who,
        "changed_at": draft.changed_at, "steps": list(draft.steps),
    }  # fmt: skip


def _draft(found: Document) -> Draft:
    files = {file["path"]: file["text"] for file in found["files"]}
    return Draft(
        found["_id"], found["base"], files, found["token"], found["who"], found["changed_at"],
        tuple(found["steps"]),
    )  # fmt: skip
