"""What the bot says while people own a conversation is never shown; everything else it says is."""

import asyncio
from collections import deque
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from libs.contracts.bot import Outcome, ReplyComposed
from libs.contracts.case import CaseAssigned, CaseClosed, CaseEvent, CaseFiled, CaseQueued
from libs.contracts.sealed import Purpose
from libs.contracts.transcript import StoredMessage
from services.gateway.domain import Owner, Session, after_request, handoff_requested
from services.gateway.handlers import GatewayHandlers
from services.gateway.history import Edge, History
from services.gateway.screen import Screen
from services.gateway.sessions import LiveSockets
from services.gateway.stretches import (
    MARKS_KEPT,
    MILLISECOND,
    Mark,
    asked_at,
    is_human_at,
    mark_of,
    merged,
    next_moment,
    stretches,
)
from tests.builders import NOW, conversation_id, sealed
from tests.unit.gateway.memory import MemorySessions, NoPeers, OpenRing, Tab

ACTS = ("ask", "queue", "file", "assign", "close", "bot", "hear_bot", "hear_case", "again", "tab")


class Conversation:
    """One conversation of which everything may happen, and is heard of, in any order."""

    def __init__(self) -> None:
        self.now = NOW
        session = Session(conversation_id(), "fjellbekk", "nb", b"", NOW)
        self.id = session.conversation_id
        self.store = MemorySessions(session)
        self.sockets = LiveSockets()
        self.screen = Screen(self.sockets, cast("Any", OpenRing()), cast("Any", self.store))
        peers = cast("Any", NoPeers())
        self.handlers = GatewayHandlers(
            cast("Any", None), cast("Any", self.store), self.screen, peers, lambda: self.now
        )
        self.tabs = [self._open()]
        self.turns: list[ReplyComposed] = []
        self.bot: deque[ReplyComposed] = deque()
        self.case: deque[CaseEvent] = deque()
        self.stretches: list[list[datetime | None]] = []
        self._case_id, self._version = uuid4(), 0
        self._last: CaseEvent | None = None

    async def do(self, act: str, microseconds: int) -> None:
        """One thing happens, a little later."""
        self.now += timedelta(microseconds=microseconds)
        await getattr(self, f"_{act}")()

    async def hear_all(self) -> None:
        """Everything said arrives."""
        while self.case or self.bot:
            await self._hear_case()
            await self._hear_bot()

    @property
    def outside(self) -> set[UUID]:
        """The bot's turns that were said while the bot had the say."""
        return {turn.event_id for turn in self.turns if not self._in_stretch(turn.occurred_at)}

    def live(self) -> set[UUID]:
        """The bot's turns that any tab was ever shown the moment they came."""
        return {UUID(frame["id"]) for tab in self.tabs for frame in tab.of("message")}

    async def resumed(self) -> list[dict[str, Any]]:
        """What a new tab gets of the transcript."""
        tab = self._open()
        entries = [self._entry(seq, turn) for seq, turn in enumerate(self.turns, start=1)]
        page = SimpleNamespace(head=len(entries), messages=entries)

        async def read(_conversation: str, _after: int) -> Any:
            return page

        door = SimpleNamespace(transcript=SimpleNamespace(page=read), ring=OpenRing())
        edge = Edge(cast("Any", door), self.sockets, self.screen, cast("Any", NoPeers()))
        await History(edge, tab).send(0)
        return tab.got

    def _open(self) -> Tab:
        tab = Tab(self.store.kept[self.id])
        self.sockets.add(tab)
        return tab

    def _in_stretch(self, at: datetime) -> bool:
        return any(
            since is not None and since <= at and (until is None or at < until)
            for since, until in self.stretches
        )

    async def _tab(self) -> None:
        self.tabs.append(self._open())

    async def _ask(self) -> None:
        session = self.store.kept[self.id]
        if session.ownership.owner is not Owner.BOT:
            return
        event = handoff_requested(session, uuid4(), "topic", sealed(Purpose.CASE), self.now)
        self.now = max(self.now, event.occurred_at)
        mark = asked_at(event.occurred_at)
        self.sockets.note(self.id, mark)
        waiting = after_request(session.ownership, is_queue=True)
        await self.store.begin_wait(self.id, session.ownership, waiting, mark)
        self.stretches.append([event.occurred_at, None])
        self._case_id, self._version = uuid4(), 0

    async def _queue(self) -> None:
        self._say(CaseQueued, 1, skill="s", topic="topic", position=1, open_now=True)

    async def _file(self) -> None:
        self._say(CaseFiled, 1, skill="s", topic="topic")

    async def _assign(self) -> None:
        self._say(CaseAssigned, 2, agent=sealed(Purpose.CASE), waited_seconds=1)

    async def _close(self) -> None:
        if self._say(CaseClosed, 3, reason="solved", handled_seconds=1):
            self.stretches[-1][1] = self.now

    def _say(self, kind: type[CaseEvent], version: int, **fields: Any) -> bool:
        """A fact of the open case, if it is its turn."""
        if not self.stretches or self.stretches[-1][1] or self._version >= version:
            return False
        self._version = version
        self.now += MILLISECOND - timedelta(microseconds=self.now.microsecond % 1000)
        head = self._head() | {"case_id": self._case_id, "version": version}
        self.case.append(kind(**(head | fields)))
        return True

    async def _bot(self) -> None:
        turn = ReplyComposed(
            **self._head(), intent="x", language="nb", outcome=Outcome.ANSWERED, confidence=1,
            pack_version="1", message=sealed(),
        )  # fmt: skip
        self.turns.append(turn)
        self.bot.append(turn)

    async def _hear_bot(self) -> None:
        if self.bot:
            await self.handlers.spoken(self.bot.popleft())

    async def _hear_case(self) -> None:
        if self.case:
            self._last = self.case.popleft()
            await self.handlers.case_changed(self._last)

    async def _again(self) -> None:
        """The last fact that was heard is heard once more."""
        if self._last:
            await self.handlers.case_changed(self._last)

    def _head(self) -> dict[str, Any]:
        return {
            "event_id": uuid4(), "merchant_id": "fjellbekk", "conversation_id": self.id,
            "occurred_at": self.now,
        }  # fmt: skip

    def _entry(self, seq: int, turn: ReplyComposed) -> StoredMessage:
        """As it comes back from the store, which keeps whole milliseconds."""
        at = turn.occurred_at
        return StoredMessage(
            message_id=turn.event_id, merchant_id="fjellbekk", conversation_id=self.id, seq=seq,
            author="bot", sealed=turn.message, expires_at=NOW,
            sent_at=at.replace(microsecond=at.microsecond // 1000 * 1000),
        )  # fmt: skip


steps = st.lists(
    st.tuples(st.sampled_from(ACTS), st.integers(min_value=1, max_value=3000)), max_size=60
)


async def lived(acts: list[tuple[str, int]]) -> Conversation:
    conversation = Conversation()
    for act, microseconds in acts:
        await conversation.do(act, microseconds)
    await conversation.hear_all()
    return conversation


@settings(max_examples=400, deadline=None)
@given(acts=steps)
def test_no_word_of_the_bot_is_shown_in_a_human_stretch_and_none_outside_is_lost(
    acts: list[tuple[str, int]],
) -> None:
    async def check() -> None:
        conversation = await lived(acts)
        assert conversation.live() <= conversation.outside
        frames = await conversation.resumed()
        shown = {UUID(frame["id"]) for frame in frames if frame["type"] == "message"}
        assert shown == conversation.outside
        assert [frame["seq"] for frame in frames] == list(range(1, len(conversation.turns) + 1))

    asyncio.run(check())


async def test_a_stale_turn_is_skipped_and_the_next_one_shown() -> None:
    acts = ["bot", "hear_bot", "ask", "bot", "hear_bot", "queue", "assign", "close", "hear_case"]
    acts += ["hear_case", "hear_case", "bot", "hear_bot"]
    conversation = await lived([(act, 1500) for act in acts])
    before, stale, after = (turn.event_id for turn in conversation.turns)
    assert conversation.live() == {before, after}
    frames = await conversation.resumed()
    assert [frame["type"] for frame in frames] == ["message", "skip", "message"]
    assert frames[1] == {"type": "skip", "seq": 2}
    assert str(stale) not in repr(frames)


def at(milliseconds: float) -> datetime:
    return NOW + timedelta(milliseconds=milliseconds)


@pytest.mark.parametrize(
    ("moment", "is_human"),
    [(9.9, False), (10, True), (19.9, True), (20, False), (29, False), (30, True), (99, True)],
)
def test_a_stretch_begins_with_the_request_and_ends_before_the_close(
    moment: float, is_human: bool
) -> None:
    marks = (Mark(at(30), True), Mark(at(20), False), Mark(at(10), True))
    assert is_human_at(marks, at(moment)) is is_human


def test_a_case_that_waits_stands_for_a_request_that_was_not_noted() -> None:
    head = {
        "event_id": uuid4(), "merchant_id": "fjellbekk", "conversation_id": conversation_id(),
        "occurred_at": at(5), "case_id": uuid4(), "version": 1,
    }  # fmt: skip
    filed = CaseFiled.model_validate(head | {"skill": "s", "topic": "t"})
    mark = mark_of((), filed)
    assert mark == Mark(at(5), is_human=True)
    assert mark_of((mark,), filed) is None
    assert mark_of((asked_at(at(1)),), filed) is None


def test_the_next_moment_is_after_every_mark_and_whole() -> None:
    assert next_moment((), at(1.2)) == at(2)
    assert next_moment((Mark(at(50), False), Mark(at(10), True)), at(1)) == at(51)
    assert next_moment((Mark(at(50), False),), at(70)) == at(70)


def test_only_the_last_stretches_are_kept() -> None:
    marks = [Mark(at(n), n % 2 == 0) for n in range(100)]
    assert merged(marks, marks) == tuple(marks[-MARKS_KEPT:])


@given(st.lists(st.tuples(st.integers(0, 9), st.booleans()), max_size=12), st.integers(-1, 11))
def test_stretches_say_what_the_marks_say(said: list[tuple[int, bool]], n: int) -> None:
    marks = [Mark(NOW + at * MILLISECOND, is_human) for at, is_human in said]
    moment, found = NOW + n * MILLISECOND, stretches(marks)
    inside = any(since <= moment and (not until or moment < until) for since, until in found)
    assert inside is is_human_at(marks, moment)
    assert list(found) == sorted(found, key=lambda stretch: stretch[0])
    assert all(until for _, until in found[:-1])
