"""What a service keeps of the people who work with its page: accounts, sessions, counted tries."""

from datetime import datetime
from hashlib import sha256

from libs.kit.clock import Now, utc_now
from libs.kit.mongo import (
    Client,
    Collection,
    Document,
    Session,
    alive,
    database,
    ensure,
    in_transaction,
)

SESSIONS = Collection("sessions", expiring=True, required={"person_id": "string"})
TRIES = Collection("log_in_tries", expiring=True, required={"count": "int"})


class Accounts:
    """People, their sessions by the hash of the token, and their tries to log in.

    `people` names the collection of the accounts in the service's own database.
    """

    def __init__(self, client: Client, service: str, people: str, now: Now = utc_now) -> None:
        required = {"name": "string", "password": "string"}
        self._collection = Collection(people, expiring=False, required=required)
        self._client = client
        self._db = database(client, service)
        self._people = self._db[people]
        self._sessions = self._db[SESSIONS.name]
        self._tries = self._db[TRIES.name]
        self._now = now

    async def prepare(self) -> None:
        """Creates and verifies the collections; called once at start."""
        await ensure(self._db, (self._collection, SESSIONS, TRIES))

    async def put_account(self, person_id: str, account: Document) -> None:
        """Stores a person: at least `name` and `password`, the hash of it."""
        await self._people.replace_one({"_id": person_id}, account, upsert=True)

    async def account(self, person_id: str) -> Document | None:
        """A person's account, or None."""
        return await self._people.find_one({"_id": person_id})

    async def accounts(self) -> list[Document]:
        """Every account, by id."""
        return [account async for account in self._people.find().sort("_id", 1)]

    async def remove(self, person_id: str) -> None:
        """Removes a person, and with it whatever sessions are open."""
        await self._people.delete_one({"_id": person_id})

    async def open_session(self, token: str, person_id: str, expires_at: datetime) -> None:
        """Remembers a session by the hash of its token."""
        session = {"_id": _hash(token), "person_id": person_id, "expires_at": expires_at}
        await self._sessions.insert_one(session)

    async def account_of(self, token: str) -> Document | None:
        """The account whose living session this is, or None."""
        session = await self._sessions.find_one({"_id": _hash(token)} | alive(self._now()))
        return await self.account(session["person_id"]) if session else None

    async def end_session(self, token: str) -> None:
        """Ends a session, if there is one."""
        await self._sessions.delete_one({"_id": _hash(token)})

    async def count_try(self, key: str, expires_at: datetime) -> int:
        """Counts one more try under `key`; how many there were, this one included."""

        async def work(session: Session) -> int:
            row = await self._tries.find_one_and_update(
                {"_id": _hash(key)},
                {"$inc": {"count": 1}, "$setOnInsert": {"expires_at": expires_at}},
                upsert=True, return_document=True, session=session,
            )  # fmt: skip
            count: int = row["count"]
            return count

        return await in_transaction(self._client, work)

    async def forget_tries(self, key: str) -> None:
        """Starts counting anew, after a log-in that succeeded."""
        await self._tries.delete_one({"_id": _hash(key)})


def _hash(text: str) -> str:
    return sha256(text.encode()).hexdigest()
