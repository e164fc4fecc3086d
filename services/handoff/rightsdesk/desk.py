"""The rights desk's addresses for the way of a request: written down, identified, answered, closed."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from functools import partial
from uuid import uuid4

from pydantic import AwareDatetime, BaseModel, ConfigDict
from starlette.requests import Request as Asked
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from libs.contracts.content import Language
from libs.kit.errors import Refused
from services.handoff.case import NotAllowed
from services.handoff.guard import read_body
from services.handoff.intake import EMAIL
from services.handoff.refusals import by_the_rules, refused
from services.handoff.rights import Agent, Right
from services.handoff.rightsdesk import requests
from services.handoff.rightsdesk.counter import LOOK_UPS, MAILS, Counter, Rule
from services.handoff.rightsdesk.mail import confirmation, mailbox
from services.handoff.rightsdesk.request_store import token_hash
from services.handoff.rightsdesk.requests import Extension, Kind, Refusal, Request

TOKEN_BYTES = 32


class _Body(BaseModel):
    model_config = ConfigDict(hide_input_in_errors=True, extra="forbid")


class NewRequest(_Body):
    """A request that came in, by letter, mail or telephone."""

    merchant_id: str
    kind: Kind
    language: Language
    received_at: AwareDatetime | None = None


class Reference(_Body):
    """The random id of a conversation, as its visitor's download has it."""

    conversation_id: str


class MailAddress(_Body):
    """Where the link that confirms goes to; kept as a keyed hash only."""

    email: str


class Order(_Body):
    """An order that the shop has found to be of the person whose address is confirmed."""

    order_number: str


class Longer(_Body):
    """Why it takes longer."""

    reason: Extension


class No(_Body):
    """Why it is not done."""

    reason: Refusal


@dataclass(frozen=True)
class Desk:
    """One method per address."""

    counter: Counter

    def routes(self) -> list[BaseRoute]:
        """The addresses and their methods."""
        one = "/api/requests/{request_id}"
        return [
            Route("/api/requests", self.list, methods=["GET"]),
            Route("/api/requests", self.receive, methods=["POST"]),
            Route(one, self.show, methods=["GET"]),
            Route(f"{one}/reference", self.refer, methods=["POST"]),
            Route(f"{one}/mail", self.mail, methods=["POST"]),
            Route(f"{one}/order", self.order, methods=["POST"]),
            Route(f"{one}/extend", self.extend, methods=["POST"]),
            Route(f"{one}/refuse", self.refuse, methods=["POST"]),
            Route(f"{one}/done", self.finish, methods=["POST"]),
            Route(f"{one}/close", self.close, methods=["POST"]),
        ]

    async def list(self, asked: Asked) -> Response:
        """The requests to the shops that the person answers for, whose time ends first first."""
        counter, agent = self.counter, await self.counter.doorway.person(asked)
        shops = [shop for shop in agent.shops if agent.may(Right.HANDLE_REQUESTS, shop)]
        found = [await counter.settled(one) for one in await counter.store.of(shops)]
        return JSONResponse({"requests": [await counter.view(one) for one in found]})

    async def receive(self, asked: Asked) -> Response:
        """Writes a request down; its month begins when it came to the shop."""
        new = await read_body(asked, NewRequest)
        agent, now = await self.counter.person(asked, new.merchant_id), self.counter.now()
        came = min(new.received_at or now, now)
        request = requests.received(
            new.merchant_id, new.kind, new.language, _whole(came), request_id=uuid4(), now=now
        )
        await self.counter.note(agent.agent_id, request, "received")
        await self.counter.store.add(request)
        return JSONResponse(await self.counter.view(request), 201)

    async def show(self, asked: Asked) -> Response:
        """One request."""
        _, request = await self.counter.found(asked)
        return JSONResponse(await self.counter.view(await self.counter.settled(request)))

    async def refer(self, asked: Asked) -> Response:
        """Identifies by a conversation's id, which only its visitor has."""
        agent, request = await self.counter.found(asked)
        said = (await read_body(asked, Reference)).conversation_id.strip().lower()
        await self.counter.tries.count(LOOK_UPS, agent.agent_id)
        if not await self._is_there(request.merchant_id, said):
            raise refused("reference_wrong")
        rule = partial(requests.referred, conversation_id=said, now=self.counter.now())
        return await self._changed(agent, request, "identified", rule)

    async def mail(self, asked: Asked) -> Response:
        """Sends a link to an address; whoever opens it is identified. Never says what was found."""
        agent, request = await self.counter.found(asked)
        email = (await read_body(asked, MailAddress)).email.strip()
        if not EMAIL.fullmatch(email) or not email.isprintable():
            raise refused("address_wrong")
        counter, token = self.counter, secrets.token_urlsafe(TOKEN_BYTES)
        mark = counter.blind.mark(request.merchant_id, "email", email)
        with by_the_rules():
            to = mailbox(email)
            after = requests.asked_to_confirm(
                request, mark=mark, confirm=token_hash(token), now=counter.now()
            )
            tries = await counter.tries.count(MAILS, mark)
            await counter.note(agent.agent_id, request, "mailed")
            await self._send(request, to, token, tries)
            after = await counter.store.save(request, after)
        return JSONResponse(await counter.view(after))

    async def order(self, asked: Asked) -> Response:
        """Looks for an order's conversations, which the shop has checked to be this person's."""
        agent, request = await self.counter.found(asked)
        number = (await read_body(asked, Order)).order_number
        await self.counter.tries.count(LOOK_UPS, agent.agent_id)
        mark = self.counter.blind.mark(request.merchant_id, "order_number", number)
        given = await self.counter.cases.given.conversations(request.merchant_id, mark)
        rule = partial(requests.ordered, conversations=given, now=self.counter.now())
        return await self._changed(agent, request, "ordered", rule)

    async def extend(self, asked: Asked) -> Response:
        """Takes two months more."""
        agent, request = await self.counter.found(asked)
        reason = (await read_body(asked, Longer)).reason
        rule = partial(requests.extended, reason=reason, now=self.counter.now())
        return await self._changed(agent, request, "extended", rule)

    async def refuse(self, asked: Asked) -> Response:
        """Does not do it, and says why."""
        agent, request = await self.counter.found(asked)
        reason = (await read_body(asked, No)).reason
        rule = partial(requests.refused, reason=reason, now=self.counter.now())
        return await self._changed(agent, request, "refused", rule)

    async def finish(self, asked: Asked) -> Response:
        """Says that it is done, once there is proof of it."""
        agent, request = await self.counter.found(asked)
        rule = partial(requests.done, now=self.counter.now())
        return await self._changed(agent, request, "done", rule)

    async def close(self, asked: Asked) -> Response:
        """Closes it: nothing of the person stays in it."""
        agent, request = await self.counter.found(asked)
        rule = partial(requests.closed, now=self.counter.now())
        return await self._changed(agent, request, "closed", rule)

    async def _changed(self, agent: Agent, request: Request, what: str, rule: Rule) -> Response:
        after = await self.counter.change(agent, request, what, rule)
        return JSONResponse(await self.counter.view(after))

    async def _send(self, request: Request, to: Address, token: str, tries: str) -> None:
        """Sends the link; what was not sent does not count, and the request says nothing of it."""
        counter = self.counter
        shop = counter.content.get(request.merchant_id).merchant.name
        link = f"{counter.origin}/confirm/{token}"
        try:
            await counter.post.send(confirmation(request, counter.sender, to, shop, link))
        except NotAllowed as error:
            if error.code == "mail_failed":
                await counter.tries.forget(tries)
            raise

    async def _is_there(self, merchant_id: str, conversation_id: str) -> bool:
        """Whether anything is kept of a conversation at this shop."""
        if not requests.REFERENCE.fullmatch(conversation_id):
            return False
        try:
            page = await self.counter.transcript.page(conversation_id)
        except Refused:
            return False
        said_here = any(entry.merchant_id == merchant_id for entry in page.messages)
        cases = await self.counter.cases.of_conversation(merchant_id, conversation_id)
        return said_here or bool(cases)


def _whole(at: datetime) -> datetime:
    """Cut to whole seconds: nobody knows better when a letter came."""
    return at.replace(microsecond=0)
