"""The store: motor behind one module; majority writes, validators, TTL indexes that are verified."""

from collections.abc import Callable, Coroutine, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import uuid4
from weakref import finalize

from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument
from motor.motor_asyncio import (
    AsyncIOMotorClient,
    AsyncIOMotorClientSession,
    AsyncIOMotorCollection,
    AsyncIOMotorDatabase,
)
from pymongo.errors import CollectionInvalid, ConnectionFailure, OperationFailure, PyMongoError

from libs.kit.errors import ConfigurationError

Document = dict[str, Any]
Client = AsyncIOMotorClient[Document]
Database = AsyncIOMotorDatabase[Document]
Session = AsyncIOMotorClientSession
ResultT = TypeVar("ResultT")

PROCESS = uuid4().hex
"""This process among those that flush the journal: each has its own row, so none waits for another."""

AWAY_ERRORS: tuple[type[Exception], ...] = (ConnectionFailure,)
"""What the driver raises while the store cannot be reached."""

UNAUTHORIZED = 13
"""The store's code for what this user may not do."""

INDEX_NOT_FOUND_FIX = "start the service once with rights to create indexes, or run `prat up`."


@dataclass(frozen=True)
class Index:
    """An index of a collection: fields in order, unique or not; `expires` makes it a TTL index."""

    fields: tuple[str, ...]
    unique: bool = False
    expires: bool = False

    @property
    def name(self) -> str:
        """The index's name, from its fields."""
        return "_".join(self.fields)

    def options(self) -> dict[str, Any]:
        """The options that the server must show for it."""
        return ({"unique": True} if self.unique else {}) | (
            {"expireAfterSeconds": 0} if self.expires else {}
        )


TTL = Index(("expires_at",), expires=True)
"""Documents go at the time in their own `expires_at` (the server sweeps every minute)."""


LONGEST_LIFE = timedelta(days=400)
"""Nothing that expires lives longer: marks of erased conversations do, all else ends before."""


@dataclass(frozen=True)
class Collection:
    """A collection's rules; `expiring` ones may hold personal data and must carry a date.

    `lives` is how long a document lives at most after it was last written; `born` is the field with
    the time that a document's personal data came from.
    """

    name: str
    expiring: bool
    indexes: tuple[Index, ...] = ()
    required: Mapping[str, str] = field(default_factory=dict)
    lives: timedelta = LONGEST_LIFE
    born: str | None = None

    def all_indexes(self) -> tuple[Index, ...]:
        """Its own indexes, one for its oldest document, and the TTL index if it expires."""
        oldest = (Index((self.born,)),) if self.born else ()
        return (*self.indexes, *oldest, *((TTL,) if self.expiring else ()))

    def validator(self) -> Document:
        """The `$jsonSchema` that refuses a document without its required, typed fields."""
        types = dict(self.required) | ({"expires_at": "date"} if self.expiring else {})
        if not types:
            return {}
        properties = {name: {"bsonType": bson_type} for name, bson_type in types.items()}
        return {
            "$jsonSchema": {"bsonType": "object", "required": [*types], "properties": properties}
        }


def connect(url: str) -> Client:
    """A client for the store; the first use connects. Times come back aware, in UTC."""
    return AsyncIOMotorClient(
        url, tz_aware=True, serverSelectionTimeoutMS=5000, w="majority", journal=True,
        readConcernLevel="majority", uuidRepresentation="standard",
    )  # fmt: skip


def database(client: Client, service: str) -> Database:
    """The database of a service's own; nobody else opens it."""
    return client.get_database(f"prat_{service}", codec_options=CodecOptions(tz_aware=True))


def raw_documents(client: Client, name: str, collection: str) -> AsyncIOMotorCollection[Any]:
    """A collection whose documents are bytes that nobody looks into: for copies of whole databases."""
    raw: CodecOptions[Any] = CodecOptions(document_class=RawBSONDocument, tz_aware=True)
    return client.get_database(name).get_collection(collection, codec_options=raw)


async def store_time(client: Client) -> datetime:
    """The store's own clock, which its TTL sweep goes by."""
    aware: CodecOptions[Document] = CodecOptions(tz_aware=True)
    answer = await client.admin.command("hello", codec_options=aware)
    time: datetime = answer["localTime"]
    return time


async def ensure(db: Database, collections: tuple[Collection, ...]) -> None:
    """Creates what is missing, then verifies it; raises ConfigurationError where it differs."""
    for collection in collections:
        try:
            await _create(db, collection)
        except OperationFailure as error:
            # Who may only read cannot create: whoever may has done so, or the next line says what is missing.
            if error.code != UNAUTHORIZED:
                raise
        await verify(db, collection)
        _remember(db, collection)


_ENSURED: dict[int, dict[tuple[str, str], Collection]] = {}
"""By the client's identity: clients of the same address are equal. It goes with the client."""


def ensured(client: Client) -> list[tuple[Database, Collection]]:
    """What was ensured with this client: nobody can keep a collection and forget to have it watched."""
    known = _ENSURED.get(id(client), {})
    return [(client.get_database(name), collection) for (name, _), collection in known.items()]


def _remember(db: Database, collection: Collection) -> None:
    if id(db.client) not in _ENSURED:
        finalize(db.client, _ENSURED.pop, id(db.client), None)
    _ENSURED.setdefault(id(db.client), {})[db.name, collection.name] = collection


async def verify(db: Database, collection: Collection) -> None:
    """Checks that every declared index exists with exactly its options, and is not hidden."""
    if problem := await drifted(db, collection, collection.all_indexes()):
        raise ConfigurationError(
            f"The index {problem}.", f"drop it if it exists, then {INDEX_NOT_FOUND_FIX}"
        )


async def drifted(db: Database, collection: Collection, indexes: Iterable[Index]) -> str | None:
    """The first of these indexes that is not as it was declared, and how it differs; or None."""
    found = {info["name"]: info async for info in db[collection.name].list_indexes()}
    for index in indexes:
        if problem := _index_problem(index, found.get(index.name)):
            return f"{index.name} of {db.name}.{collection.name} {problem}"
    return None


async def in_transaction(
    client: Client, work: Callable[[Session], Coroutine[Any, Any, ResultT]]
) -> ResultT:
    """Runs `work` in one transaction; it is repeated when another one got in its way."""
    async with await client.start_session() as session:
        result: ResultT = await session.with_transaction(work)
    await _flush_journal(client)
    return result


async def _flush_journal(client: Client) -> None:
    """A journaled write behind the commit: SecantusDB acknowledges transactions before their journal
    is on disk (kill -9 lost one in two of about a dozen trials); the journal is written in order,
    so this takes the commit with it. MongoDB does not need it and is not slowed by it much.
    """
    commits = client.get_database("prat_journal").get_collection("commits")
    await commits.update_one({"_id": PROCESS}, {"$inc": {"n": 1}}, upsert=True)


def alive(now: datetime) -> Document:
    """The condition that every read of an expiring collection carries: TTL deletion lags."""
    return {"expires_at": {"$gt": now}}


async def _create(db: Database, collection: Collection) -> None:
    try:
        await db.create_collection(collection.name, validator=collection.validator())
    except (CollectionInvalid, OperationFailure):
        await db.command({"collMod": collection.name, "validator": collection.validator()})
    for index in collection.all_indexes():
        await _create_index(db, collection, index)


async def _create_index(db: Database, collection: Collection, index: Index) -> None:
    keys = [(name, 1) for name in index.fields]
    try:
        await db[collection.name].create_index(keys, name=index.name, **index.options())
    except OperationFailure as error:
        raise ConfigurationError(
            f"The index {index.name} of {db.name}.{collection.name} exists with other options.",
            f"drop it, then {INDEX_NOT_FOUND_FIX}",
        ) from error


def _index_problem(index: Index, info: Mapping[str, Any] | None) -> str | None:
    if info is None:
        return "is missing"
    if [*info["key"].items()] != [(name, 1) for name in index.fields]:
        return "covers other fields"
    if info.get("hidden"):
        return "is hidden"
    if bool(info.get("unique")) != index.unique:
        return "differs in uniqueness"
    expires = info.get("expireAfterSeconds")
    if (expires is not None) != index.expires or (index.expires and expires != 0):
        return "differs in its expiry"
    return None


__all__ = [
    "AWAY_ERRORS", "TTL", "UNAUTHORIZED", "Client", "Collection", "Database", "Document", "Index",
    "PyMongoError", "Session", "alive", "connect", "database", "drifted", "ensure", "ensured",
    "in_transaction", "raw_documents", "store_time", "verify",
]  # fmt: skip
