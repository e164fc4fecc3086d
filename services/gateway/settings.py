"""Settings of the gateway."""

from pydantic import Field

from libs.kit.settings import CommonSettings


class GatewaySettings(CommonSettings):
    """Read from the environment by the gateway."""

    gateway_public_port: int = Field(
        default=8090, description="Port of the widget's files, the visitor API and the socket."
    )
    gateway_internal_port: int = Field(default=8201, description="Port of the gateway's health.")
    retention_url: str = Field(
        default="http://127.0.0.1:8204", description="Base URL of retention's internal interface."
    )
    gateway_peer_url: str | None = Field(
        default=None,
        description="This gateway's internal base URL as other gateways reach it; unset for one.",
    )
    gateway_messages_per_second: float = Field(
        default=5.0, gt=0, description="Messages a visitor may send per second, on average."
    )
    gateway_message_burst: int = Field(
        default=20, ge=1, description="Messages a visitor may send at once before being slowed."
    )
    gateway_conversations_per_hour: int = Field(
        default=20, ge=1, description="New conversations per hour from one network address."
    )
    gateway_hello_seconds: float = Field(
        default=3.0, description="A socket that has not shown its token by then is closed."
    )
    gateway_poll_seconds: float = Field(
        default=20.0, gt=0, le=60,
        description="How long a poll waits for news where sockets are blocked; proxies give up after "
        "30 s or more.",
    )  # fmt: skip
    gateway_sign_seconds: float = Field(
        default=45.0, ge=5, le=300,
        description="How often it is said that a visitor who waits for a person has the chat open; "
        "shorter than the shops' patience with visitors who are away.",
    )  # fmt: skip
    gateway_sockets_per_conversation: int = Field(
        default=10, ge=1, description="Open tabs that one conversation may have at a time."
    )
    handoff_audit_days: int = Field(
        default=400, ge=30, description="As handoff's: the privacy notice says it to visitors."
    )
