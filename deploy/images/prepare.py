"""What `docker compose up` does once per start, before the services: `python -m deploy.images.prepare`.

Secrets into their volume, the store's replica set, the topics, the demo merchants' content. Safe to
repeat: what is there already stays.
"""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import typer
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo.errors import OperationFailure
from pymongo.uri_parser import parse_uri

from deploy.cli.content import summary
from deploy.cli.output import faults_reported
from deploy.kafka.topics import create_topics, wanted_topics
from deploy.local import kafka, store
from deploy.local.errors import LocalFault
from deploy.local.layout import DEMO_AGENTS, DEMO_EDITORS, MERCHANTS
from deploy.local.places import ROOT
from deploy.local.secrets import agent_passwords, create_secrets, editor_passwords
from deploy.local.store_users import admin_url, make_users, service_passwords
from libs.contracts.content import PackPublished
from libs.kit.bus import Bus
from libs.kit.clock import utc_now
from libs.kit.settings import CommonSettings
from services.nlu.content.packs import load_folder

MERCHANT_FOLDERS = ROOT / "deploy" / "demo" / "merchants"
PATIENCE_SECONDS = 60.0
POLL_SECONDS = 0.25
ALREADY_INITIALISED = 23
CALLED_FROM_INSIDE = ("webhook_url", "case_webhook_url", "feed_url")

Step = tuple[str, Callable[[CommonSettings], Awaitable[str]]]


def main() -> None:
    """Prepare everything, a line per step; exit code 1 with cause and fix when a step fails."""
    with faults_reported():
        asyncio.run(prepare(CommonSettings()))


async def prepare(settings: CommonSettings) -> None:
    """Take every step in order."""
    steps: list[Step] = [
        ("secrets", _secrets), ("store", _store), ("users", _users), ("broker", _broker),
        ("content", _content),
    ]  # fmt: skip
    for title, step in steps:
        began = time.monotonic()
        detail = await step(settings)
        typer.echo(f"{title}: {detail} ({time.monotonic() - began:.1f} s)")


async def _secrets(settings: CommonSettings) -> str:
    new = create_secrets(settings.secrets_dir, MERCHANTS)
    agent_passwords(settings.secrets_dir, DEMO_AGENTS)
    editor_passwords(settings.secrets_dir, DEMO_EDITORS)
    return f"{len(new)} made" if new else "kept"


async def _store(settings: CommonSettings) -> str:
    address = parse_uri(settings.mongo_url)
    name = address["options"].get("replicaSet")
    admin = admin_url(settings, os.environ) or settings.mongo_url
    detail = await _until(lambda: _initiated(admin, name), "store") if name else ""
    await _until(lambda: _writable(settings.mongo_url), "store")
    return detail or "answers"


async def _users(settings: CommonSettings) -> str:
    """One user per service, where somebody may make them."""
    if not (admin := admin_url(settings, os.environ)):
        return "everybody logs in as the store's address says"
    known = service_passwords(settings.secrets_dir)
    await make_users(admin, known)
    return f"{len(known)}, each for its own database"


async def _initiated(admin: str, name: str) -> str:
    """Make the one node a replica set, which transactions need; empty while it does not answer."""
    parsed = parse_uri(admin)
    host, port = parsed["nodelist"][0]
    address = f"{host}:{port}"
    plain = f"mongodb://{address}/?directConnection=true"
    if not await store.is_reachable(plain, 1000):
        return ""
    client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(
        plain, username=parsed["username"], password=parsed["password"],
        serverSelectionTimeoutMS=1000,
    )  # fmt: skip
    try:
        return await initiate(client.admin.command, address, name)
    finally:
        client.close()


async def initiate(command: Callable[..., Awaitable[Any]], address: str, name: str) -> str:
    """Initiate the replica set `name` unless the node has one; what was found or done."""
    if "setName" in await command("hello"):
        return f"replica set {name} is there"
    members = [{"_id": 0, "host": address}]
    try:
        await command("replSetInitiate", {"_id": name, "members": members})
    except OperationFailure as error:
        if error.code != ALREADY_INITIALISED:
            raise
    return f"replica set {name} initiated"


async def _writable(url: str) -> str:
    return "yes" if await store.is_reachable(url, 1000) else ""


async def _broker(settings: CommonSettings) -> str:
    async def answers() -> str:
        return "yes" if await kafka.is_reachable(settings.kafka_bootstrap) else ""

    await _until(answers, "broker")
    new = await create_topics(settings.kafka_bootstrap)
    return f"{len(wanted_topics())} topics as in the contracts, {len(new)} new"


async def _content(settings: CommonSettings) -> str:
    packs = load_folder(MERCHANT_FOLDERS, os.environ, utc_now())
    bus = Bus(settings, "nlu")
    await bus.start()
    try:
        for pack in packs:
            await bus.publish(from_inside(pack, os.environ))
    finally:
        await bus.stop()
    return "; ".join(summary(pack) for pack in packs)


def from_inside(pack: PackPublished, environ: Mapping[str, str]) -> PackPublished:
    """The pack with a shop's address in the containers' network where services call the shop.

    A demo shop has two addresses: 127.0.0.1 for browsers, and its container's name for nlu and handoff.
    """
    variable = f"PRAT_SHOP_{pack.merchant_id.upper()}"
    public, inner = environ.get(f"{variable}_URL"), environ.get(f"{variable}_INSIDE_URL")
    if not public or not inner:
        return pack
    urls = {name: getattr(pack.merchant, name) for name in CALLED_FROM_INSIDE}
    moved = {name: url.replace(public, inner, 1) for name, url in urls.items() if url}
    return pack.model_copy(update={"merchant": pack.merchant.model_copy(update=moved)})


async def _until(asked: Callable[[], Awaitable[str]], what: str) -> str:
    """Ask until there is an answer, and return it; LocalFault when none comes in time."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (answer := await asked()):
        if time.monotonic() > deadline:
            raise LocalFault(
                f"The {what} does not answer within {PATIENCE_SECONDS:.0f} s",
                f"Read its log: `docker compose logs {'kafka' if what == 'broker' else 'mongo'}`.",
            )
        await asyncio.sleep(POLL_SECONDS)
    return answer


if __name__ == "__main__":
    typer.run(main)
