"""Settings of nlu."""

from pathlib import Path
from typing import Literal

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

    nlu_authoring_port: int = Field(
        default=0, description="Port of the page where shops write their content; 0: no page."
    )
    nlu_authoring_url: str = Field(
        default="",
        description="Origin of that page as editors' browsers see it; by default its host and port.",
    )
    nlu_secure_cookies: bool = Field(
        default=False,
        description="Send the editors' session cookie over HTTPS only; switch on behind TLS.",
    )
    gateway_url: str = Field(
        default="http://127.0.0.1:8090",
        description="Address of the gateway as browsers see it; the preview's widget comes from it.",
    )

    def authoring_origin(self) -> str:
        """The origin that previews may be shown on."""
        return self.nlu_authoring_url or f"http://{self.host}:{self.nlu_authoring_port}"

    nlu_encoder: Literal["on", "off", "auto"] = Field(
        default="auto",
        description="Whether the sentence encoder helps to understand: on (nlu does not start "
        "without it), off (letters and words alone), or auto (if it is there).",
    )
    nlu_encoder_folder: Path = Field(
        default=Path(".prat/encoder"), description="Folder of the encoder that `prat init` built."
    )
    nlu_cache_folder: Path | None = Field(
        default=Path(".prat/learned"),
        description="Folder for what nlu worked out of examples; nothing of visitors is in it.",
    )
