"""Settings of nlu."""

from pydantic import Field

from libs.kit.settings import CommonSettings


class NluSettings(CommonSettings):
    """Read from the environment by nlu."""

    nlu_internal_port: int = Field(default=8202, description="Port of nlu's health.")
    nlu_webhook_plain_hosts: str = Field(
        default="",
        description="Hosts, separated by commas, that webhooks and feeds may be on without TLS or "
        "on private addresses; none unless you say so.",
    )

    def plain_hosts(self) -> frozenset[str]:
        """The hosts that may be called without TLS."""
        names = self.nlu_webhook_plain_hosts.split(",")
        return frozenset(name.strip() for name in names if name.strip())
