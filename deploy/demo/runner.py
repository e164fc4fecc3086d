"""The demo house: everything that `prat up` runs, plus content, two shops and the event strip."""

from deploy.local.house import House, Options, Step
from deploy.local.layout import MERCHANTS
from deploy.local.member import Member, module_command
from deploy.local.places import ROOT
from deploy.local.secrets import statistics_token

__all__ = ["DemoHouse", "House", "Options"]

CONTENT = ROOT / "deploy" / "demo" / "merchants"


class DemoHouse(House):
    """A house with two shops to visit and a strip that shows the bus."""

    content = CONTENT
    """The folder that is published; tests may bring their own."""

    def make_extras(self) -> dict[str, Member]:
        """Two shops and the strip."""
        shops = {f"shop-{merchant}": self._shop(merchant) for merchant in MERCHANTS}
        return {**shops, "strip": self._strip()}

    def steps(self) -> list[Step]:
        """As in any house, with the content before the services."""
        *before, services = super().steps()
        return [*before, ("bot content", self._publish), services]

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
