"""The shop's settings: where the house is, and where the merchant's webhook secret lies."""

from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field
from pydantic_settings import BaseSettings, SettingsConfigDict


def origin(url: str) -> str:
    """`url` reduced to scheme and host, fit for a Content-Security-Policy; anything else is refused."""
    parts = urlsplit(url)
    host_ok = parts.netloc and not set(parts.netloc) & set(" ;,'\"@")
    if parts.scheme not in ("http", "https") or not host_ok:
        raise ValueError("must be an address like http://127.0.0.1:8090; correct the variable")
    return f"{parts.scheme}://{parts.netloc}"


Origin = Annotated[str, AfterValidator(origin)]
"""The address of a server without a path."""


class ShopSettings(BaseSettings):
    """What a shop process reads from its environment."""

    model_config = SettingsConfigDict(env_prefix="PRAT_")

    host: str = Field("127.0.0.1", description="The address that the shop listens on.")
    gateway_url: Origin = Field(
        "http://127.0.0.1:8090", description="The gateway's public address, as browsers reach it."
    )
    console_url: Origin = Field(
        "http://127.0.0.1:8091", description="The agents' console, linked from the guided tour."
    )
    strip_url: Origin = Field(
        "http://127.0.0.1:8093", description="The event strip that the page's panel listens to."
    )
    secrets_dir: Path = Field(
        Path(".prat/secrets"),
        description="The folder with webhook-<merchant>.secret and identity-<merchant>.keys.",
    )
    shop_fjellbekk_url: Origin | None = Field(
        None, description="Fjellbekk's public address; the feed's links point to it."
    )
    shop_havsro_url: Origin | None = Field(
        None, description="Havsro's public address; the feed's links point to it."
    )

    def shop_url(self, merchant: str) -> str | None:
        """The public address of `merchant`'s shop, or None where the environment does not say."""
        return {"fjellbekk": self.shop_fjellbekk_url, "havsro": self.shop_havsro_url}.get(merchant)
