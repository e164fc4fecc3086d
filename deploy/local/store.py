"""SecantusDB as a child process: a durable store that speaks MongoDB's wire protocol.

It asks who is there: a service logs in as its own user, `url` is for whoever administers the house.
"""

import time
from pathlib import Path

from motor.motor_asyncio import AsyncIOMotorClient
from pymongo.errors import PyMongoError

from deploy.local import store_env
from deploy.local.part import LocalPart
from deploy.local.places import Places
from deploy.local.ports import HOST, Ports
from deploy.local.processes import Child, wait_ready
from deploy.local.store_users import ROOT_USER, fingerprint, make_users, passwords, user_of

READY_SECONDS = 30.0
FIX = "Read the log; when the data is damaged, delete the store folder of the data directory."
# retryWrites stays off: the store scans its registry of retryable writes at every write.
OPTIONS = (
    "retryWrites=false&w=majority&journal=true&readConcernLevel=majority"
    "&serverSelectionTimeoutMS=5000"
)


class LocalStore(LocalPart):
    """One store with its data under `places`; it keeps its port over restarts."""

    def __init__(self, places: Places, ports: Ports | None = None) -> None:
        self._places = places
        self._port = (ports or Ports()).any()

    @property
    def url(self) -> str:
        """The address for who may do everything, with the options that this store needs."""
        return self._address(f"{ROOT_USER}:{self._passwords()[ROOT_USER]}@", "&authSource=admin")

    def env_of(self, service: str) -> dict[str, str]:
        """How a service logs in; its password is among the secrets."""
        address = self._address(options="&authSource=admin")
        return {"MONGO_URL": address, "PRAT_STORE_USER": user_of(service)}

    @property
    def title(self) -> str:
        """What the first line of output says."""
        return f"SecantusDB {store_env.store_version()} (local process)"

    async def start(self) -> float:
        """Build the store's environment where needed, start, and return the seconds."""
        self._places.create()
        await store_env.build_environment(self._places)
        begun = time.monotonic()
        if not self._has_users():
            await self._make_users()
        await self._run("--auth")
        return time.monotonic() - begun

    async def _run(self, *options: str) -> None:
        log = self._places.logs / "store.log"
        self._child = Child("store", [*self._command(), *options], log)
        await wait_ready(self._child, self._answers, READY_SECONDS, FIX)

    async def _make_users(self) -> None:
        """Before anybody knows the port: this store makes users only while it asks nobody who he is."""
        await self._run()
        known = self._passwords()
        await make_users(self._address(), known)
        await self.stop()
        self._mark().write_text(fingerprint(known))

    def _has_users(self) -> bool:
        mark = self._mark()
        return mark.exists() and mark.read_text() == fingerprint(self._passwords())

    def _mark(self) -> Path:
        return self._places.data / "store-users"

    def _passwords(self) -> dict[str, str]:
        return passwords(self._places.secrets, self._places.data)

    def _address(self, who: str = "", options: str = "") -> str:
        return f"mongodb://{who}{HOST}:{self._port}/?{OPTIONS}{options}"

    def _command(self) -> list[str]:
        listen = ["--host", HOST, "--port", str(self._port)]
        keep = ["--storage-path", str(self._places.data / "store"), "--cache-size", "256M"]
        # Our own empty file: otherwise the store takes the first one it finds on the machine.
        settings = ["--config", str(self._settings()), "--log-level", "WARNING"]
        return [store_env.store_program(self._places), *listen, *keep, *settings]

    def _settings(self) -> Path:
        path = self._places.data / "store.toml"
        path.touch()
        return path

    async def _answers(self) -> bool:
        return await is_reachable(self._address(), 500)


async def is_reachable(url: str, patience_ms: int = 3000) -> bool:
    """Whether a store at `url` answers a ping within `patience_ms`."""
    client: AsyncIOMotorClient[dict[str, object]] = AsyncIOMotorClient(
        url, serverSelectionTimeoutMS=patience_ms
    )
    try:
        await client.admin.command("hello")
    except PyMongoError:
        return False
    finally:
        client.close()
    return True
