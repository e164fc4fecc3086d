"""The demo house: everything that `prat up` runs, plus content, two shops and the event strip."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from deploy.local.house import House, Options, Step
from deploy.local.layout import MERCHANTS
from deploy.local.member import Member, module_command
from deploy.local.places import ROOT
from deploy.local.secrets import statistics_token

if TYPE_CHECKING:
    from deploy.demo.history.visits import Visit

__all__ = ["EVERYBODY", "DemoHouse", "House", "Options"]

CONTENT = ROOT / "deploy" / "demo" / "merchants"

QUARTERS = 4
"""So often it is said how far the visitors are."""

EVERYBODY = {"PRAT_ANALYTICS_INBOX_SHARE": "1"}
"""Few visitors come to a demo: one in ten of them would never fill the improvement inbox."""


class DemoHouse(House):
    """A house with two shops to visit and a strip that shows the bus."""

    content = CONTENT
    """The folder that is published; tests may bring their own."""

    visits: "Sequence[Visit]" = ()
    """Visitors who talk to the bot before anybody is told that the house is ready."""

    @property
    def env(self) -> dict[str, str]:
        """As in any house; where visitors are brought, all of their questions may reach the inbox."""
        return super().env | (EVERYBODY if self.visits else {})

    def make_extras(self) -> dict[str, Member]:
        """Two shops and the strip."""
        shops = {f"shop-{merchant}": self._shop(merchant) for merchant in MERCHANTS}
        return {**shops, "strip": self._strip()}

    def steps(self) -> list[Step]:
        """As in any house, with the content before the services and the visitors after them."""
        *before, services = super().steps()
        visitors: list[Step] = [("visitors", self._receive)] if self.visits else []
        return [*before, ("bot content", self._publish), services, *visitors]

    @property
    def statistics_tokens(self) -> dict[str, str]:
        """What opens each merchant's statistics page."""
        return {name: statistics_token(self.places.secrets, name) for name in MERCHANTS}

    def summary(self) -> dict[str, object]:
        """Everything that a person or a test needs to use the running demo."""
        return {
            "stack": self.stack.sentence,
            "urls": self.layout.links(),
            "internal": {name: self.layout.internal_url(name) for name in self.services},
            "kafka_bootstrap": self.kafka.bootstrap,
            "mongo_url": self.store.url,
            "pids": self.pids,
            "agents": self.passwords,
            "editors": self.editors,
            "statistics_tokens": self.statistics_tokens,
            "secrets_dir": str(self.places.secrets),
            "logs": str(self.places.logs),
        }

    def _shop(self, merchant: str) -> Member:
        port = str(self.layout.public[merchant])
        command = module_command("deploy.demo.shop", "--merchant", merchant, "--port", port)
        return self._extra(f"shop-{merchant}", command, f"{self.layout.url(merchant)}/healthz")

    def _strip(self) -> Member:
        command = module_command("deploy.demo.strip", "--port", str(self.layout.public["strip"]))
        return self._extra("strip", command, f"{self.layout.url('strip')}/healthz")

    def _extra(self, name: str, command: list[str], ready_url: str) -> Member:
        return Member(name, command, {}, self.log(name), ready_url)

    async def _publish(self) -> str:
        # Imported here: a house without content needs none of it.
        from deploy.cli.content import publish_folder

        # What was published by hand in an earlier run is not taken back by the files.
        lines = await publish_folder(self.content, self.env, over_editors=False)
        return ", ".join(lines) or "as published by hand"

    async def _receive(self) -> str:
        # Imported here: a demo without a past needs no line to the gateway.
        from deploy.demo.history.talking import receive

        done = await receive(self.layout, self.visits, self._tell)
        return f"{done.answered} of {done.visitors} had every question answered"

    def _tell(self, left: int, of: int) -> None:
        if left % max(1, of // QUARTERS) == 0 and left < of:
            self._say(f"       {left} of {of} visitors have talked to the bot")
