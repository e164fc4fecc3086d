"""Who may do what in the store: one user per service, for its own database; and one who makes them."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from motor.motor_asyncio import AsyncIOMotorClient

from deploy.local.secrets import store_password
from libs.contracts.topics import SERVICES
from libs.kit.keystore import MongoKeyStore
from libs.kit.settings import CommonSettings

ROOT_USER = "prat_root"

KEY_WRITERS = ("gateway", "handoff", "retention")
"""Who mints, extends and destroys keys of conversations; the others only read them."""

JOURNAL = [{"role": role, "db": "prat_journal"} for role in ("readWrite", "dbAdmin")]
"""Counters behind commits and of what has expired, without content."""


def user_of(service: str) -> str:
    """The name of a service's user."""
    return f"prat_{service}"


def roles_of(service: str) -> list[dict[str, str]]:
    """Everything in its own database, nothing in another's; of keys, what it has to do with them."""
    own = [{"role": role, "db": user_of(service)} for role in ("readWrite", "dbAdmin")]
    roles = ("readWrite", "dbAdmin") if service in KEY_WRITERS else ("read",)
    return [*own, *({"role": role, "db": "prat_keys"} for role in roles), *JOURNAL]


def passwords(secrets: Path, data: Path) -> dict[str, str]:
    """Every user's password, made where it is missing. Root's lies where no service looks."""
    return {ROOT_USER: store_password(data, ROOT_USER), **service_passwords(secrets)}


def service_passwords(secrets: Path) -> dict[str, str]:
    """The passwords of the services' users, made where they are missing."""
    return {user_of(name): store_password(secrets, user_of(name)) for name in SERVICES}


def admin_url(settings: CommonSettings, environ: Mapping[str, str]) -> str | None:
    """The address for who may make users: as it is given, else root's, whose password the store made."""
    if given := environ.get("PRAT_STORE_ADMIN_URL"):
        return given
    folder = environ.get("PRAT_STORE_ROOT_DIR")
    if not folder or not Path(folder, f"store-{ROOT_USER}.password").exists():
        return None
    root = {"store_user": ROOT_USER, "secrets_dir": Path(folder)}
    return settings.model_copy(update=root).store_url()


def fingerprint(known: Mapping[str, str]) -> str:
    """Tells whether a store's users are those that are wanted; says nothing of the passwords."""
    rights = {service: roles_of(service) for service in SERVICES}
    return hashlib.sha256(repr((sorted(known.items()), rights)).encode()).hexdigest()


async def make_users(url: str, known: Mapping[str, str]) -> None:
    """Makes or mends the users that are `known`, and the collection of keys, which readers may not
    make; `url` is for somebody who may.
    """
    client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(url)
    try:
        await MongoKeyStore(client).prepare()
        there = {user["user"] for user in (await client.admin.command("usersInfo"))["users"]}
        everything = [{"role": "root", "db": "admin"}]
        rights = {ROOT_USER: everything} | {user_of(name): roles_of(name) for name in SERVICES}
        for user, password in known.items():
            verb = "updateUser" if user in there else "createUser"
            await client.admin.command(verb, user, pwd=password, roles=rights[user])
    finally:
        client.close()
