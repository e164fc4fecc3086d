"""What a visitor can do, whichever edge it comes by: start, speak, ask for a person, leave no trace."""

import hmac
import time
from collections import OrderedDict
from dataclasses import dataclass, field, replace
from datetime import timedelta
from hashlib import sha256
from secrets import token_bytes, token_hex, token_urlsafe
from uuid import UUID, uuid4

from libs.contracts.bodies import Customer, IntakeBody, MessageBody
from libs.contracts.content import PackPublished, Topic
from libs.contracts.sealed import Purpose
from libs.contracts.visitor import HandoffRequested
from libs.kit.bus import Publisher
from libs.kit.clock import Now
from libs.kit.content import MerchantContent
from libs.kit.errors import Refused
from libs.kit.staffing import Staffing
from libs.kit.transcript import TranscriptClient
from libs.privacy.keys import KeyRing
from libs.privacy.sealing import Place
from services.gateway.attachments import given
from services.gateway.domain import (
    WAITING,
    Bucket,
    Owner,
    Session,
    after_request,
    case_rated,
    conversation_started,
    customer_id,
    erasure_of,
    form_faults,
    handoff_cancelled,
    handoff_requested,
    message_id,
    message_received,
    page_context,
    somebody_there,
    visitor_identified,
    visitor_typing,
)
from services.gateway.frames import Handoff, LeaveQueue, Rate, Say
from services.gateway.identity import customer_in, keys_of
from services.gateway.settings import GatewaySettings
from services.gateway.store import SessionStore
from services.gateway.stretches import asked_at

REMEMBERED_ADDRESSES = 50_000
"""Addresses whose rate of new conversations is remembered; only salted hashes, only in memory."""


@dataclass
class Door:
    """The visitor's actions; edges (HTTP, socket) call these and nothing else."""

    settings: GatewaySettings
    bus: Publisher
    store: SessionStore
    ring: KeyRing
    content: MerchantContent
    staffing: Staffing
    transcript: TranscriptClient
    now: Now
    _salt: bytes = field(default_factory=lambda: token_bytes(16))
    _addresses: OrderedDict[bytes, Bucket] = field(default_factory=OrderedDict)

    def merchant_for(self, merchant_id: str, origin: str | None) -> PackPublished:
        """The merchant's content, if the page that asks is one of its own; else Refused (403)."""
        pack = self.content.get(merchant_id)
        if origin not in pack.merchant.origins:
            raise Refused(
                403, "foreign_origin", "This page is not one of the shop's own pages.",
                "add the page's origin to `origins` in merchant.yaml and publish again.",
            )  # fmt: skip
        return pack

    def known_origin(self, origin: str | None) -> bool:
        """Whether an origin belongs to any merchant; decides preflights and handshakes."""
        return any(origin in pack.merchant.origins for pack in self.content.all())

    async def start(self, pack: PackPublished, locale: str, address: str) -> tuple[Session, str]:
        """A new conversation with its keys; the session and its only token."""
        self._limit_address(address)
        token = token_urlsafe(32)
        session = Session(
            conversation_id=token_hex(16),
            merchant_id=pack.merchant_id,
            locale=locale,
            token_hash=_hash(token),
            expires_at=self.now() + timedelta(days=pack.merchant.retention_days),
        )
        await self.ring.mint(
            session.merchant_id, session.conversation_id, Purpose.DIALOGUE, session.expires_at
        )
        await self.store.insert(session)
        await self.bus.publish(conversation_started(session, self.now()))
        return session, token

    async def authenticate(self, conversation_id: str, token: str, origin: str | None) -> Session:
        """The session that a token opens; the same Refused (401) for wrong, foreign and gone."""
        session = await self.store.find(conversation_id)
        if session is None or not hmac.compare_digest(session.token_hash, _hash(token)):
            raise _token_wrong()
        self.merchant_for(session.merchant_id, origin)
        return session

    async def say(self, session: Session, frame: Say) -> tuple[UUID, MessageBody]:
        """Publishes a visitor's message; its id. Raises KeyGone after erasure, Unavailable to retry."""
        event_id = message_id(session.conversation_id, frame.client_id)
        files = await given(self.transcript, session, frame.attachments)
        body = MessageBody(text=frame.text, order=frame.order, attachments=files)
        place = Place(session.merchant_id, session.conversation_id, event_id)
        sealed = await self.ring.seal(place, session.ownership.purpose, body)
        await self.bus.publish(message_received(session, event_id, sealed, self.now()))
        return event_id, body

    async def fill_in(self, session: Session, frame: Handoff) -> HandoffRequested:
        """The request for a person that a filled-in form makes, not yet published."""
        pack = self.content.get(session.merchant_id)
        topic = _intake_topic(pack, frame)
        _check_form(topic, frame)
        if session.ownership.owner is not Owner.BOT:
            raise Refused(
                409, "already_waiting", "You are in the queue or talking to a person already.", ""
            )
        event_id = message_id(session.conversation_id, frame.client_id)
        await self._mint_case_key(session, pack)
        place = Place(session.merchant_id, session.conversation_id, event_id, "intake")
        given = {key: value for key, value in frame.fields.items() if value.strip()}
        context = frame.context.model_dump(exclude_none=True) if frame.context else {}
        form = IntakeBody(
            fields=given,
            customer=await self.customer(session.conversation_id),
            context=page_context(context, pack.merchant.origins),
        )
        sealed = await self.ring.seal(place, Purpose.CASE, form)
        session = replace(session, locale=frame.locale)
        return handoff_requested(session, event_id, topic.key, sealed, self.now())

    async def identify(self, session: Session, token: str) -> Customer:
        """Binds who the shop says the visitor is to the conversation; Refused changes nothing."""
        pack = self.content.get(session.merchant_id)
        keys = keys_of(session.merchant_id, self.settings.secret)
        customer = customer_in(token, keys, session.merchant_id, self.now())
        known = await self.customer(session.conversation_id)
        if known and known.sub != customer.sub:
            raise Refused(
                409, "another_customer", "This conversation is another customer's.",
                "call logout() when a customer logs out, and start a new conversation.",
            )  # fmt: skip
        if known != customer:
            await self._mint_case_key(session, pack)
            await self._tell_customer(session, customer)
            sealed = await self.ring.seal(_customer_place(session), Purpose.CASE, customer)
            await self.store.set_customer(session.conversation_id, sealed)
        return customer

    async def customer(self, conversation_id: str) -> Customer | None:
        """Who the shop says the visitor is, as far as it has said so."""
        session = await self.store.find(conversation_id)
        if session is None or session.customer is None:
            return None
        return await self.ring.open(_customer_place(session), session.customer, Customer)

    async def hand_over(self, session: Session, event: HandoffRequested) -> Session:
        """Publishes a request for a person; the session that waits."""
        pack = self.content.get(session.merchant_id)
        await self.bus.publish(event)
        online = self.staffing.online(session.merchant_id)
        is_queue = somebody_there(pack, event.topic, online, self.now())
        ownership = after_request(session.ownership, is_queue=is_queue)
        mark = asked_at(event.occurred_at)
        await self.store.begin_wait(session.conversation_id, session.ownership, ownership, mark)
        return replace(session, locale=event.locale, ownership=ownership)

    async def leave(self, session: Session, frame: LeaveQueue) -> UUID:
        """Publishes that the visitor does not want to wait any more; handoff then ends the case."""
        if session.ownership.owner not in WAITING:
            raise Refused(
                409, "not_waiting", "You are not waiting for a person.", "look who answers now."
            )
        event_id = message_id(session.conversation_id, frame.client_id)
        await self.bus.publish(handoff_cancelled(session, event_id, self.now()))
        return event_id

    async def typed(self, session: Session) -> None:
        """Publishes that the visitor is writing to the agent."""
        await self.bus.publish(visitor_typing(session, self.now()))

    async def rate(self, session: Session, frame: Rate) -> UUID:
        """Publishes how the conversation's own closed case went, once; without a score nothing."""
        event_id = message_id(session.conversation_id, frame.client_id)
        taken = await self.store.take_rating(
            session.conversation_id, frame.case_id, frame.client_id
        )
        if not taken:
            raise Refused(
                409, "nothing_to_rate", "This case is not waiting to be rated.",
                "rate the case that the last `owner` frame asks about, once.",
            )  # fmt: skip
        if frame.score is not None:
            event = case_rated(session, frame.case_id, frame.score, self.now())
            await self.bus.publish(event)
        return event_id

    async def keep(self, session: Session) -> Session:
        """Moves the conversation's end: the merchant's days after this, its newest message."""
        pack = self.content.get(session.merchant_id)
        ends = self.now() + timedelta(days=pack.merchant.retention_days)
        if (ends - session.expires_at).total_seconds() < 1:
            return session
        await self.ring.extend(session.conversation_id, Purpose.DIALOGUE, ends)
        await self.store.extend(session.conversation_id, ends)
        return replace(session, expires_at=ends)

    async def set_objection(self, session: Session, *, objects: bool) -> None:
        """The visitor objects to improvement by these questions, or does not any more: only retention
        keeps that, and tells every tab.
        """
        await self.transcript.set_objection(
            session.merchant_id, session.conversation_id, objects=objects
        )

    async def erase(self, session: Session, token: str) -> UUID:
        """Begins the erasure of everything, and refuses this conversation from now on; its id."""
        erasure_id = await self.transcript.erase(
            session.merchant_id, session.conversation_id, "visitor", erasure_of(token)
        )
        self.ring.forget(session.conversation_id)
        await self.store.close(session.conversation_id)
        return erasure_id

    async def erasing(self, token: str, origin: str | None) -> UUID:
        """The erasure that the holder of this token began, whose answer got lost; else Refused."""
        if not self.known_origin(origin):
            raise _token_wrong()
        try:
            await self.transcript.erasure(erasure_of(token))
        except Refused:
            raise _token_wrong() from None
        return erasure_of(token)

    async def _mint_case_key(self, session: Session, pack: PackPublished) -> None:
        ends = self.now() + timedelta(days=pack.merchant.case_cap_days)
        await self.ring.mint(session.merchant_id, session.conversation_id, Purpose.CASE, ends)

    async def _tell_customer(self, session: Session, customer: Customer) -> None:
        """Before it is kept: what could not be told is told with the next token."""
        place = Place(session.merchant_id, session.conversation_id, uuid4(), "customer")
        sealed = await self.ring.seal(place, Purpose.CASE, customer)
        await self.bus.publish(visitor_identified(session, place.event_id, sealed, self.now()))

    def _limit_address(self, address: str) -> None:
        now = time.monotonic()
        key = sha256(self._salt + address.encode()).digest()
        limit = self.settings.gateway_conversations_per_hour
        bucket = self._addresses.setdefault(key, Bucket(limit / 3600, limit, now))
        if len(self._addresses) > REMEMBERED_ADDRESSES:
            self._addresses.popitem(last=False)
        if not bucket.take(now):
            raise Refused(
                429, "too_many_conversations", "Too many new chats from here.", "wait some minutes."
            )


def _intake_topic(pack: PackPublished, frame: Handoff) -> Topic:
    topic = pack.topic(frame.topic)
    if topic is None or not topic.intake:
        raise Refused(
            422, "unknown_topic", "There is no form for this topic.",
            "choose one of the topics in /v1/merchants/{id}.",
        )  # fmt: skip
    return topic


def _check_form(topic: Topic, frame: Handoff) -> None:
    faults = form_faults(topic, frame.fields)
    if faults:
        fields = ", ".join(f"{key} ({code})" for key, code in sorted(faults.items()))
        raise Refused(422, "invalid_form", f"Fields to correct: {fields}.", "correct them.")


def _token_wrong() -> Refused:
    return Refused(
        401, "token_wrong", "This conversation cannot be opened with this token.",
        "start a new conversation.",
    )  # fmt: skip


def _customer_place(session: Session) -> Place:
    event_id = customer_id(session.conversation_id)
    return Place(session.merchant_id, session.conversation_id, event_id, "customer")


def _hash(token: str) -> bytes:
    return sha256(token.encode()).digest()
