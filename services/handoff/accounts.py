"""What handoff keeps of the agents: accounts, log-in sessions by token hash, counted tries."""

from dataclasses import dataclass
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
from services.handoff.case import Case

AGENTS = Collection("agents", expiring=False, required={"name": "string", "password": "string"})
SESSIONS = Collection("sessions", expiring=True, required={"agent_id": "string"})
TRIES = Collection("log_in_tries", expiring=True, required={"count": "int"})
COLLECTIONS = (AGENTS, SESSIONS, TRIES)

EVERY_SKILL = "*"


@dataclass(frozen=True)
class Agent:
    """A person who answers visitors, and the merchants and skills this person may see."""

    agent_id: str
    name: str
    merchants: tuple[str, ...]
    skills: tuple[str, ...] = (EVERY_SKILL,)

    def may_see(self, case: Case) -> bool:
        """Whether a case is the business of this agent."""
        skilled = EVERY_SKILL in self.skills or case.skill in self.skills
        return case.merchant_id in self.merchants and skilled


class AccountStore:
    """Agents, their sessions and their tries to log in."""

    def __init__(self, client: Client, now: Now = utc_now) -> None:
        self._client = client
        self._db = database(client, "handoff")
        self._agents = self._db[AGENTS.name]
        self._sessions = self._db[SESSIONS.name]
        self._tries = self._db[TRIES.name]
        self._now = now

    async def prepare(self) -> None:
        """Creates and verifies the collections; called once at start."""
        await ensure(self._db, COLLECTIONS)

    async def put(self, agent: Agent, password: str) -> None:
        """Stores an agent with the hash of the password."""
        account = {
            "name": agent.name, "password": password,
            "merchants": list(agent.merchants), "skills": list(agent.skills),
        }  # fmt: skip
        await self._agents.replace_one({"_id": agent.agent_id}, account, upsert=True)

    async def find(self, agent_id: str) -> tuple[Agent, str] | None:
        """The agent and the password's hash, or None."""
        account = await self._agents.find_one({"_id": agent_id})
        return (_agent(account), account["password"]) if account else None

    async def open_session(self, token: str, agent_id: str, expires_at: datetime) -> None:
        """Remembers a session by the hash of its token."""
        session = {"_id": _hash(token), "agent_id": agent_id, "expires_at": expires_at}
        await self._sessions.insert_one(session)

    async def agent_of(self, token: str) -> Agent | None:
        """The agent whose living session this is, or None."""
        session = await self._sessions.find_one({"_id": _hash(token)} | alive(self._now()))
        found = await self.find(session["agent_id"]) if session else None
        return found[0] if found else None

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


def _agent(account: Document) -> Agent:
    return Agent(
        account["_id"], account["name"], tuple(account["merchants"]), tuple(account["skills"])
    )


def _hash(text: str) -> str:
    return sha256(text.encode()).hexdigest()
