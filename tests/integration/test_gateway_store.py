"""The gateway's store on a real store: who owns a conversation is never moved back."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from deploy.local.stack import Stack
from libs.kit.clock import utc_now
from libs.kit.mongo import connect
from services.gateway.domain import Owner, Ownership, Session
from services.gateway.store import SessionStore
from tests.builders import conversation_id

pytestmark = pytest.mark.connected

WAITING = Ownership(Owner.QUEUE)


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
    await store.begin_wait(session.conversation_id, session.ownership, WAITING)
    assert await owner_of(store, session) == WAITING


async def test_what_handoff_said_meanwhile_is_not_moved_back(
    store: SessionStore, session: Session
) -> None:
    queued = Ownership(Owner.QUEUE, uuid4(), version=1, position=3)
    for moved in (queued, replace(queued, owner=Owner.BOT, version=4, position=None)):
        await store.set_ownership(session.conversation_id, moved)
        await store.begin_wait(session.conversation_id, session.ownership, WAITING)
        assert await owner_of(store, session) == moved
