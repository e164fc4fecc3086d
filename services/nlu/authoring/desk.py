"""What an editor can do with a shop's content: change, try, preview, publish, go back."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import structlog

from libs.contracts.content import Language, PackPublished
from libs.kit.bus import Publisher
from libs.kit.clock import Now
from libs.kit.content import MerchantContent
from libs.kit.errors import Refused
from services.nlu.authoring.draft_texts import starter_text
from services.nlu.authoring.drafts import Draft, Drafts, conflict
from services.nlu.authoring.previews import preview_id, preview_of
from services.nlu.authoring.trial_progress import Progress
from services.nlu.authoring.trials import ask, compare, tests_of
from services.nlu.authoring.versions import Publication, Versions, again
from services.nlu.content.changes import Change, changes
from services.nlu.content.editing import become
from services.nlu.content.packs import MERCHANT_FILE, pack_of_texts, topic_path
from services.nlu.content.yamlfile import ContentError, Problem, YamlFile
from services.nlu.dialogue.state import Understanding
from services.nlu.understanding.brains import Brains

EDITABLE = frozenset(("facts", "welcome", "wrong_answer_rate"))
"""What of merchant.yaml is changed in the browser; addresses, hours and limits stay with files."""

LOOK_SECONDS = 0.05
LOOKS = 600
"""Half a minute: as long as the longest training takes on a busy machine."""


@dataclass(frozen=True)
class Built:
    """A draft's pack, or what keeps it from being one."""

    draft: Draft
    pack: PackPublished | None
    problems: tuple[Problem, ...] = ()


@dataclass
class AuthoringDesk:
    """The actions behind the authoring page; every one is for one merchant."""

    content: MerchantContent
    drafts: Drafts
    versions: Versions
    brains: Brains
    bus: Publisher
    now: Now
    environ: Mapping[str, str]
    _built: dict[str, Built] = field(default_factory=dict)
    _trials: dict[str, Progress] = field(default_factory=dict)
    _running: set[asyncio.Task[None]] = field(default_factory=set)
    _one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def draft(self, merchant_id: str) -> Draft:
        """The merchant's draft as it is now."""
        return await self.drafts.of(self.content.get(merchant_id))

    async def draft_at(self, merchant_id: str, mark: str) -> Draft:
        """The draft that an editor has before them; raises Refused (409) if it is an older one."""
        draft = await self.draft(merchant_id)
        if draft.mark != mark:
            raise conflict(draft.who)
        return draft

    async def built(self, draft: Draft) -> Built:
        """The draft as a pack; the same draft is read once."""
        known = self._built.get(draft.merchant_id)
        if known is None or known.draft != draft:
            known = await asyncio.to_thread(self._build, draft)
            self._built[draft.merchant_id] = known
        return known

    async def right(self, draft: Draft) -> PackPublished:
        """The draft's pack; raises Refused (422) while something is wrong with it."""
        built = await self.built(draft)
        if built.pack is None:
            first = built.problems[0]
            raise Refused(422, "draft_has_problems", str(first), first.fix)
        return built.pack

    async def write(self, draft: Draft, key: str, text: str | None, who: str) -> Draft:
        """A topic with this text; None gives up the merchant's own, as does the starter's text."""
        same = text == starter_text(key)
        return await self.drafts.change(draft, topic_path(key), None if same else text, who)

    async def set_facts(self, draft: Draft, values: Mapping[str, object], who: str) -> Draft:
        """What the merchant's form says, in its file; the file's other lines stay as they are."""
        text = draft.files[MERCHANT_FILE]
        data = YamlFile(Path(MERCHANT_FILE), text).data
        changed = await asyncio.to_thread(become, text, data | dict(values))
        return await self.drafts.change(draft, MERCHANT_FILE, changed, who)

    async def differences(self, draft: Draft) -> list[Change]:
        """What publishing the draft would change."""
        return changes(self.content.get(draft.merchant_id), await self.right(draft))

    async def publish(self, draft: Draft, who: str, note: str) -> PackPublished:
        """Publishes the draft; every running bot switches to it."""
        pack = (await self.right(draft)).model_copy(update={"occurred_at": self.now()})
        await self._publish(pack, who, note)
        await self.drafts.discard(draft)
        return pack

    async def roll_back(self, merchant_id: str, version: str, who: str, note: str) -> None:
        """Publishes an old version again; raises Refused (404) for one that is not kept."""
        await self._publish(again(await self.version(merchant_id, version), self.now()), who, note)

    async def version(self, merchant_id: str, version: str) -> PackPublished:
        """A kept version; raises Refused (404) without it."""
        pack = await self.versions.pack(merchant_id, version)
        if pack is None:
            raise Refused(404, "unknown_version", "This version is not kept.", "choose another.")
        return pack

    async def history(self, merchant_id: str) -> list[Publication]:
        """The merchant's publications, the newest first."""
        return await self.versions.list(merchant_id)

    async def preview(self, draft: Draft, origin: str) -> PackPublished:
        """Publishes the draft for its editors alone: on the page at `origin`, under an own id."""
        pack = preview_of(await self.right(draft), origin, self.now)
        await self.bus.publish(pack)
        await self._until(lambda: self._has_learned(pack))
        return pack

    async def inspect(self, merchant_id: str, text: str, prior: Language) -> Understanding:
        """How the previewed draft understands a text, or the published content without a preview."""
        known = {pack.merchant_id: pack for pack in self.content.all()}
        newest = known.get(preview_id(merchant_id)) or self.content.get(merchant_id)
        brain = await self.brains.of(newest)
        if brain is None:
            raise Refused(409, "not_learned", "The bot could not learn this content.")
        return brain.understand(text, prior)

    async def begin_trial(self, draft: Draft) -> Progress:
        """Learns the draft and asks it its tests, in the background."""
        pack = await self.right(draft)
        running = self._trials.get(draft.merchant_id)
        if running and running.mark == draft.mark and running.state in ("learning", "testing"):
            return running
        progress = self._trials[draft.merchant_id] = Progress(draft.mark)
        task = asyncio.create_task(self._try(pack, progress))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return progress

    def trial(self, merchant_id: str) -> Progress | None:
        """The newest trial of a merchant's draft."""
        return self._trials.get(merchant_id)

    async def close(self) -> None:
        """Ends what runs in the background."""
        for task in self._running:
            task.cancel()

    async def _publish(self, pack: PackPublished, who: str, note: str) -> None:
        await self.versions.announce(pack, who, note)
        await self.bus.publish(pack)
        await self._until(lambda: self._has_come(pack))

    async def _try(self, pack: PackPublished, progress: Progress) -> None:
        try:
            async with self._one_at_a_time:
                await self._learn_and_ask(pack, progress)
        except Exception as error:  # noqa: BLE001 - the edge: nobody else would hear of it
            name = type(error).__name__
            structlog.get_logger().error(
                "A trial failed.", merchant_id=pack.merchant_id, error=name
            )
            progress.fail()

    async def _learn_and_ask(self, pack: PackPublished, progress: Progress) -> None:
        before = await self.brains.of(self.content.get(pack.merchant_id))
        draft = preview_of(pack, "", self.now)
        await self.brains.learn(draft)
        after = await self.brains.of(draft)
        if after is None or after.pack.pack_version != draft.pack_version:
            progress.fail()
            return
        progress.learned(len([*tests_of(pack)]) * (2 if before else 1))
        old = await asyncio.to_thread(ask, pack, before.understand, progress.step) if before else []
        new = await asyncio.to_thread(ask, pack, after.understand, progress.step)
        found = replace(
            compare(old, new, pack), curve=after.model.calibration.curve(), point=after.point,
            point_before=before.point if before else None,
        )  # fmt: skip
        progress.finish(found)

    async def _until(self, there: Callable[[], Awaitable[bool]]) -> None:
        """Waits for what the bus brings; a slow bus is no fault: the page looks again by itself."""
        for _ in range(LOOKS):
            if await there():
                return
            await asyncio.sleep(LOOK_SECONDS)

    async def _has_come(self, pack: PackPublished) -> bool:
        newest = self.content.get(pack.merchant_id)
        return newest.pack_version == pack.pack_version

    async def _has_learned(self, pack: PackPublished) -> bool:
        known = {one.merchant_id: one.pack_version for one in self.content.all()}
        if known.get(pack.merchant_id) != pack.pack_version:
            return False
        brain = await self.brains.of(pack)
        return brain is not None and brain.pack.pack_version == pack.pack_version

    def _build(self, draft: Draft) -> Built:
        newest = self.content.get(draft.merchant_id).merchant
        fixed = newest.model_dump(mode="json", exclude=set(EDITABLE))
        try:
            pack = pack_of_texts(draft.files, self.environ, self.now(), fixed)
        except ContentError as error:
            return Built(draft, None, error.problems)
        return Built(draft, pack)
