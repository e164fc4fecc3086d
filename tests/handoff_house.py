"""Gateway, retention and handoff on a real broker and store, with one merchant and one agent."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from deploy.local.ports import Ports
from deploy.local.secrets import agent_passwords
from libs.kit.content import Packs
from libs.kit.mongo import connect
from services.gateway import app as gateway
from services.gateway.settings import GatewaySettings
from services.handoff import app as handoff
from services.handoff.settings import HandoffSettings
from services.retention import app as retention
from services.retention.settings import RetentionSettings
from tests.builders import ORIGIN, pack
from tests.present import present
from tests.running import given_up, running
from tests.visitor import Visitor

KARI = "kari@fjellbekk.example"


@dataclass(frozen=True)
class House:
    """Where the running parts listen, and the agent's password."""

    gateway: str
    console: str
    password: str

    def visitor(self) -> Visitor:
        """A visitor of the shop."""
        return Visitor(self.gateway, ORIGIN, "fjellbekk")

    @asynccontextmanager
    async def agent(self) -> AsyncIterator[httpx.AsyncClient]:
        """The agent, logged in without a browser."""
        headers = {"x-prat-console": "1", "origin": self.console}
        async with httpx.AsyncClient(base_url=self.console, headers=headers, timeout=10) as browser:
            form = {"email": KARI, "password": self.password}
            assert (await browser.post("/api/login", json=form)).is_success
            yield browser


@asynccontextmanager
async def handoff_house(
    env: Mapping[str, str], *agents: str, packs: Packs | None = None
) -> AsyncIterator[House]:
    """Starts the three services on free ports, with an empty queue and `agents` who are there.

    `env` is set already; a test may bring its own content.
    """
    client = connect(env["MONGO_URL"])
    await client.drop_database("prat_handoff")
    client.close()
    ports = Ports()
    public, console, *inner = (ports.any() for _ in range(5))
    password = agent_passwords(Path(env["PRAT_SECRETS_DIR"]), [KARI])[KARI]
    url = f"http://127.0.0.1:{inner[0]}"
    retaining = RetentionSettings(
        retention_internal_port=inner[0], handoff_url=f"http://127.0.0.1:{inner[2]}"
    )
    visiting = GatewaySettings(
        gateway_public_port=public, gateway_internal_port=inner[1], retention_url=url
    )
    helping = HandoffSettings(
        handoff_public_port=console, handoff_internal_port=inner[2], retention_url=url,
        handoff_mail_folder=Path(env["PRAT_SECRETS_DIR"]).parent / "mail",
    )  # fmt: skip
    packs = packs or Packs(pack())
    async with (
        given_up(env["MONGO_URL"]),
        running(
            retention.build(retaining, content=packs),
            gateway.build(visiting, content=packs),
            handoff.build(helping, content=packs),
        ),
        present(env["MONGO_URL"], *agents),
    ):
        yield House(f"http://127.0.0.1:{public}", f"http://127.0.0.1:{console}", password)
