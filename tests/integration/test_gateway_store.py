"""The gateway's store on a real store: who owns a conversation is never moved back."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from deploy.local.stack import Stack
from libs.contracts.case import WaitRange
from libs.contracts.sealed import Purpose
from libs.kit.clock import utc_now
from libs.kit.mongo import connect
from services.gateway.domain import Owner, Ownership, Session
from services.gateway.store import SessionStore
from services.gateway.stretches import MARKS_KEPT, Mark, whole
from tests.builders import conversation_id, sealed

pytestmark = pytest.mark.connected

WAITING = Ownership(Owner.QUEUE)
ASKED = Mark(whole(utc_now()), is_human=True)


@pytest.fixture
async def store(stack: Stack) -> AsyncIterator[SessionStore]:
    client = connect(stack.env["MONGO_URL"])
    made = SessionStore(client, utc_now)
    await made.prepare()
    yield made
    client.close()


@pytest.fixture
async def session(store: SessionStore) -> Session:
    ends = utc_now() + timedelta(days=90)
    made = Session(conversation_id(), "fjellbekk", "nb", b"hash", ends)
    await store.insert(made)
    return made


async def owner_of(store: SessionStore, session: Session) -> Ownership:
    found = await store.find(session.conversation_id)
    assert found
    return found.ownership


async def test_a_visitor_who_asked_for_a_person_waits(
    store: SessionStore, session: Session
) -> None:
    await store.begin_wait(session.conversation_id, session.ownership, WAITING, ASKED)
    assert await owner_of(store, session) == WAITING


async def test_what_handoff_said_meanwhile_is_not_moved_back(
    store: SessionStore, session: Session
) -> None:
    queued = Ownership(Owner.QUEUE, uuid4(), version=1, position=3)
    for moved in (queued, replace(queued, owner=Owner.BOT, version=4, position=None)):
        await store.set_ownership(session.conversation_id, moved)
        await store.begin_wait(session.conversation_id, session.ownership, WAITING, ASKED)
        assert await owner_of(store, session) == moved


async def test_everything_that_is_known_of_the_owner_is_kept(
    store: SessionStore, session: Session
) -> None:
    wait = WaitRange(low_seconds=60, high_seconds=240)
    opens_at = whole(utc_now())
    known = Ownership(
        Owner.FILED, uuid4(), 2, position=4, open_now=False, wait=wait, opens_at=opens_at,
        asks_rating=True, rated_as=uuid4(),
    )  # fmt: skip
    await store.set_ownership(session.conversation_id, known)
    assert await owner_of(store, session) == known


async def test_when_people_owned_the_conversation_is_kept_and_old_stretches_go(
    store: SessionStore, session: Session
) -> None:
    marks = [
        Mark(ASKED.at + timedelta(milliseconds=n), is_human=n % 2 == 0)
        for n in range(MARKS_KEPT + 3)
    ]
    await store.begin_wait(session.conversation_id, session.ownership, WAITING, marks[0])
    for mark in marks[1:]:
        await store.set_ownership(session.conversation_id, WAITING, mark)
    found = await store.find(session.conversation_id)
    assert found
    assert found.marks == tuple(marks[-MARKS_KEPT:])


async def test_a_rating_counts_once_whoever_is_first_and_may_be_sent_again(
    store: SessionStore, session: Session
) -> None:
    case_id, first, second = uuid4(), uuid4(), uuid4()
    await store.set_ownership(
        session.conversation_id, Ownership(case_id=case_id, version=3, asks_rating=True)
    )
    me = session.conversation_id
    assert not await store.take_rating(me, uuid4(), first), "another case"
    taken = [await store.take_rating(me, case_id, one) for one in (first, second, first)]
    assert taken == [True, False, True]
    assert not (await owner_of(store, session)).asks_rating


async def test_who_the_shop_says_it_is_is_kept_sealed_and_goes_with_the_session(
    store: SessionStore, session: Session
) -> None:
    await store.set_customer(session.conversation_id, sealed(Purpose.CASE))
    found = await store.find(session.conversation_id)
    assert found
    assert found.customer == sealed(Purpose.CASE)
    assert await store.delete(session.conversation_id) == 1
    assert await store.find(session.conversation_id) is None
