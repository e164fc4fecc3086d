"""A visitor and an agent who write everywhere where one can write, through the real doors."""

import asyncio
import json
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from uuid import uuid4

import httpx

from deploy.demo.runner import DemoHouse
from libs.contracts.topics import VISITOR
from tests.console import agent, case_of, cases, sent
from tests.proof.canaries import Canaries
from tests.proof.sealed import Copy, copies
from tests.visitor import NOBODY, Visitor

MERCHANT = "fjellbekk"


@dataclass(frozen=True)
class Told:
    """A conversation after its story: who had it, and what the visitor could download."""

    visitor: Visitor
    canaries: Canaries
    exports: tuple[bytes, ...]


async def tell(house: DemoHouse) -> Told:
    """The whole story: the bot, refused frames, the form, an agent with notes, the end, a rating."""
    canaries = Canaries()
    gateway = house.layout.url("gateway")
    async with (
        agent(house) as kari,
        Visitor(gateway, house.layout.url(MERCHANT), MERCHANT) as visitor,
    ):
        await visitor.until(lambda me: me.owner)
        await with_the_bot(visitor, canaries)
        await at_the_edge(visitor, canaries)
        known = await cases(kari)
        await visitor.ask_for_person(**await form(visitor, canaries))
        case = await case_of(kari, known)
        await with_the_agent(visitor, kari, case, canaries)
        exports = [await export(visitor, form) for form in ("json", "html")]
        await dead_letters(house, visitor.conversation_id)
    return Told(visitor, canaries, tuple(exports))


async def tell_the_bot(house: DemoHouse) -> Told:
    """A conversation with the bot alone."""
    canaries = Canaries()
    gateway = house.layout.url("gateway")
    async with Visitor(gateway, house.layout.url(MERCHANT), MERCHANT) as visitor:
        await visitor.until(lambda me: me.owner)
        await with_the_bot(visitor, canaries)
        await visitor.until(lambda me: all(message["seq"] for message in me.shown()))
        exports = [await export(visitor, form) for form in ("json", "html")]
    return Told(visitor, canaries, tuple(exports))


async def with_the_bot(visitor: Visitor, canaries: Canaries) -> None:
    """A message in free words, and one with all that a visitor may give."""
    await visitor.reply_to(f"Hei, jeg lurer på {canaries('message to the bot')}")
    order, mail = canaries.order_number("order number to the bot"), canaries("e-mail to the bot")
    await visitor.reply_to(f"Hvor er pakken min? {order} {mail}@kunde.example")


async def at_the_edge(visitor: Visitor, canaries: Canaries) -> None:
    """What is refused must not be kept either: bodies, addresses, headers, a language."""
    broken = {"type": "message", "client_id": canaries("refused client id"), "text": "x"}
    for frame in (
        json.dumps(broken), json.dumps({"type": canaries("refused frame type")}),
        json.dumps({"type": "locale", "locale": canaries("refused locale")}),
        canaries("frame that is no JSON"),
    ):  # fmt: skip
        async with Visitor(**whose(visitor)) as tab:
            await tab.until(lambda me: me.owner)
            await tab.raw(frame)
            await tab.until(is_refused)
    wish = {"merchant_id": MERCHANT, "locale": canaries("refused locale of a conversation")}
    answer = await visitor.call("POST", "/v1/conversations", json=wish)
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY, answer.text
    headers = {"user-agent": canaries("user agent"), "referer": canaries("referer")}
    await visitor.call("GET", f"/v1/{canaries('unknown path')}", headers=headers)
    found = {"q": canaries("query string")}
    await visitor.call("GET", f"/v1/merchants/{MERCHANT}", params=found, headers=headers)


def whose(visitor: Visitor) -> dict[str, Any]:
    """What another tab of the same conversation needs."""
    names = ("gateway", "origin", "merchant_id", "conversation_id", "token")
    return {name: getattr(visitor, name) for name in names}


def is_refused(visitor: Visitor) -> bool:
    """Whether a frame was answered with an error, or the socket was closed for it."""
    answered = any(frame["type"] == "error" for frame in visitor.frames)
    return answered or visitor.closed_with is not None


async def form(visitor: Visitor, canaries: Canaries) -> dict[str, str]:
    """The form with the most kinds of fields, every field filled in."""
    shop = (await visitor.call("GET", f"/v1/merchants/{MERCHANT}")).json()
    topic = max(shop["intake"], key=lambda one: len({field["kind"] for field in one["fields"]}))
    filled = {field["key"]: filling(field, canaries) for field in topic["fields"]}
    return {"topic": topic["topic"], **filled}


def filling(field: dict[str, Any], canaries: Canaries) -> str:
    """A canary as the field wants it."""
    place = f"form, {field['kind']} {field['key']}"
    match field["kind"]:
        case "order_number":
            return canaries.order_number(place)
        case "email":
            return f"{canaries(place)}@kunde.example"
        case _:
            return canaries(place)


async def with_the_agent(
    visitor: Visitor, kari: httpx.AsyncClient, case_id: str, canaries: Canaries
) -> None:
    """Claimed, talked, noted, searched for, closed with a note, rated."""
    case = f"/api/cases/{case_id}"
    await sent(kari, "POST", f"{case}/claim")
    await visitor.until(lambda me: me.owner["owner"] == "agent")
    await visitor.say(canaries("message to the agent"))
    reply = {"client_id": str(uuid4()), "text": canaries("agent's reply")}
    await sent(kari, "POST", f"{case}/reply", **reply)
    await visitor.until(lambda me: me.by("agent"))
    note = {"client_id": str(uuid4()), "text": canaries("agent's note")}
    await sent(kari, "POST", f"{case}/notes", **note)
    await kari.get("/api/search", params={"q": canaries.planted["message to the agent"]})
    last = canaries("agent's note at the end")
    await sent(kari, "POST", f"{case}/close", reason="solved", note=last)
    await visitor.until(lambda me: me.owner["owner"] == "bot")
    rating = {"type": "rate", "client_id": str(uuid4()), "case_id": case_id, "score": 4}
    await visitor.raw(json.dumps(rating))
    await visitor.until(lambda me: all(message["seq"] for message in me.shown()))


async def export(visitor: Visitor, form: str) -> bytes:
    """The visitor's own download."""
    path = f"/v1/conversations/{visitor.conversation_id}/export"
    return (await visitor.call("GET", path, params={"format": form})).raise_for_status().content


async def dead_letters(house: DemoHouse, conversation_id: str) -> None:
    """A sealed record that no service understands: each of its readers keeps it as a dead letter."""
    found = await copies(house.kafka.bootstrap, conversation_id)
    event = next(
        json.loads(one.value) for one in found if one.topic == VISITOR.name and one.ciphertexts
    )
    strange = json.dumps(event | {"type": "NeverHeardOf"}).encode()
    await say(house.kafka.bootstrap, VISITOR.name, conversation_id, strange)
    async with asyncio.timeout(60):
        while len(letters(await copies(house.kafka.bootstrap, conversation_id))) < len(
            VISITOR.readers
        ):
            await asyncio.sleep(0.5)


def letters(found: list[Copy]) -> list[Copy]:
    """Those that are dead letters."""
    return [one for one in found if one.topic.startswith("prat.dlq.")]


async def say(bootstrap: str, topic: str, key: str, value: bytes) -> None:
    """Puts bytes on a topic, as nobody of ours would."""
    from aiokafka import AIOKafkaProducer

    async with AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all") as producer:
        await producer.send_and_wait(topic, value, key=key.encode())


async def figures(house: DemoHouse) -> dict[str, str]:
    """What each service tells of itself."""
    async with httpx.AsyncClient(verify=NOBODY) as client:
        return {
            name: (await client.get(f"{house.layout.internal_url(name)}/metrics")).text
            for name in house.services
        }


async def erase(visitor: Visitor, seconds: float = 90) -> None:
    """Deletes the conversation as the gear menu does, and waits until every service has confirmed."""
    path = f"/v1/conversations/{visitor.conversation_id}"
    answer = (await visitor.call("DELETE", path)).raise_for_status()
    erasure = f"/v1/erasures/{answer.json()['erasure_id']}"
    async with asyncio.timeout(seconds):
        while not (await visitor.call("GET", erasure)).json()["receipt"]:
            await asyncio.sleep(0.2)
