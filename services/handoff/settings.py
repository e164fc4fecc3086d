"""Settings of handoff."""

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
    retention_url: str = Field(
        default="http://127.0.0.1:8204",
        description="Address of retention's internal interface, for transcripts and erasures.",
    )
