"""Settings of handoff."""

from pathlib import Path
from typing import Literal

from pydantic import Field

from libs.kit.settings import CommonSettings


class HandoffSettings(CommonSettings):
    """Read from the environment by handoff."""

    handoff_public_port: int = Field(default=8091, description="Port of the agents' console.")
    handoff_internal_port: int = Field(default=8203, description="Port of handoff's health routes.")
    handoff_secure_cookies: bool = Field(
        default=False,
        description="Send the agents' session cookie over HTTPS only; switch on behind TLS.",
    )
    handoff_audit_days: int = Field(
        default=400,
        ge=30,
        description="How long it is kept who looked at which case; longer than cases are.",
    )
    handoff_agent_capacity: int = Field(
        default=4, ge=1, le=20,
        description="Cases that an agent takes at a time who has not said otherwise.",
    )  # fmt: skip
    handoff_silence_seconds: float = Field(
        default=45.0, gt=15, le=50,
        description="An agent whose console is silent for longer is offline: cases go back, with the "
        "round that sees it within a minute.",
    )  # fmt: skip
    handoff_round_seconds: float = Field(
        default=2.0, gt=0.2, le=10,
        description="How often cases of agents who are gone, patience and waits are looked after.",
    )  # fmt: skip
    handoff_wait_share: float = Field(
        default=0.2, gt=0,
        description="Visitors hear of a wait that is longer or shorter by more than this share.",
    )  # fmt: skip
    handoff_wait_pause_seconds: float = Field(
        default=1.5, ge=0, description="Visitors hear of such waits no more often than this."
    )
    oidc_issuer: str = Field(
        default="",
        description="Address of an OpenID Connect provider that agents log in by, as its own document "
        "gives it; off when empty. Its secret for us, if it has one: the file oidc-client.secret.",
    )
    oidc_client_id: str = Field(default="", description="What the provider calls us.")
    oidc_name: str = Field(default="SSO", description="What the log-in page calls the provider.")
    oidc_only: bool = Field(
        default=False, description="Agents log in by the provider only; passwords open nothing."
    )
    retention_url: str = Field(
        default="http://127.0.0.1:8204",
        description="Address of retention's internal interface, for transcripts and erasures.",
    )
    console_url: str = Field(
        default="",
        description="Address of the console as agents' browsers see it, for the links that shops' "
        "own help desks are given; by default its host and port.",
    )
    handoff_webhook_plain_hosts: str = Field(
        default="",
        description="Hosts, separated by commas, that case webhooks may be on without TLS or on "
        "private addresses; none unless you say so.",
    )

    handoff_mail_from: str = Field(
        default="", description="Who mails about requests come from, such as privacy@shop.example."
    )
    handoff_smtp_host: str = Field(
        default="", description="Mail server for the links that confirm requests; off when empty."
    )
    handoff_smtp_port: int = Field(default=587, ge=1, le=65535, description="The server's port.")
    handoff_smtp_user: str = Field(
        default="", description="Who logs in there; the password is in the file smtp.password."
    )
    handoff_smtp_security: Literal["starttls", "tls", "none"] = Field(
        default="starttls",
        description="starttls, tls from the start, or none on one's own machine.",
    )
    handoff_mail_folder: Path | None = Field(
        default=None, description="For demonstrations: such mails are written into this folder."
    )

    def console_origin(self) -> str:
        """Where links to cases lead."""
        return (self.console_url or f"http://{self.host}:{self.handoff_public_port}").rstrip("/")
