"""Settings that every service has; each field carries the sentence for the configuration reference."""

import re
from base64 import b64decode
from pathlib import Path
from urllib.parse import quote_plus

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from libs.contracts.sealed import Purpose
from libs.kit.errors import ConfigurationError
from libs.privacy.sealing import KEY_BYTES


class CommonSettings(BaseSettings):
    """Read from the environment by every service."""

    model_config = SettingsConfigDict(env_prefix="PRAT_", extra="ignore", populate_by_name=True)

    kafka_bootstrap: str = Field(
        default="127.0.0.1:9092",
        validation_alias="KAFKA_BOOTSTRAP",
        description="Address of the Kafka broker, host:port; several separated by commas.",
    )
    kafka_idempotence: bool = Field(
        default=True,
        description="Idempotent producer; switched off only on the light in-memory broker.",
    )
    kafka_request_timeout_ms: int = Field(
        default=15_000,
        ge=12_000,
        description="Longest wait for one broker request; below 12 s a group join may not finish.",
    )
    instance: str | None = Field(
        default=None,
        description="This process's name among those of its service, such as 1 or a pod's name; "
        "with it a restarted process takes its place on the bus at once. Never the same for two.",
    )
    mongo_url: str = Field(
        default="mongodb://127.0.0.1:27017/?w=majority&journal=true",
        validation_alias="MONGO_URL",
        description="Address of the store (MongoDB protocol); majority writes are always asked for.",
    )
    store_user: str | None = Field(
        default=None,
        description="Who this process is in the store, with the password in the secret file "
        "store-<name>.password. Without it MONGO_URL says who logs in.",
    )
    secrets_dir: Path = Field(
        default=Path(".prat/secrets"),
        description="Folder with the key files and tokens; readable by the services' user only.",
    )
    host: str = Field(default="127.0.0.1", description="Address that all ports are bound to.")
    log_level: str = Field(default="INFO", description="DEBUG, INFO, WARNING or ERROR.")
    log_format: str = Field(default="json", description="json for machines, console for people.")
    start_timeout_seconds: float = Field(
        default=60.0,
        description="How long a service waits for broker and store at start before it gives up.",
    )

    def secret(self, name: str) -> str:
        """The text of a secret file; raises ConfigurationError when it is missing."""
        path = self.secrets_dir / name
        try:
            return path.read_text(encoding="ascii").strip()
        except FileNotFoundError:
            raise ConfigurationError(
                f"The secret file {name} is missing from {self.secrets_dir}.",
                "run `prat init`, or set PRAT_SECRETS_DIR to the folder that holds it.",
            ) from None

    def store_url(self) -> str:
        """The store's address, with this process's own user and password if it has them."""
        if not self.store_user:
            return self.mongo_url
        password = self.secret(f"store-{self.store_user}.password")
        scheme, _, rest = self.mongo_url.partition("://")
        return f"{scheme}://{quote_plus(self.store_user)}:{quote_plus(password)}@{rest}"

    def keks(self, *purposes: Purpose) -> dict[Purpose, bytes]:
        """The key-encryption keys of the purposes that a service may open."""
        return {purpose: self.key(f"kek-{purpose}.key") for purpose in purposes}

    def key(self, name: str) -> bytes:
        """The key in a secret file; raises ConfigurationError when it is missing or no key."""
        return _key(name, self)


def _key(name: str, settings: CommonSettings) -> bytes:
    try:
        key = b64decode(settings.secret(name), validate=True)
    except ValueError:
        key = b""
    if len(key) == KEY_BYTES:
        return key
    raise ConfigurationError(
        f"The secret file {name} does not hold a key of {KEY_BYTES} bytes in base64.",
        "restore it from the backup of the keys; a new key cannot open what is sealed.",
    )


def redacted_url(url: str) -> str:
    """A URL without its password, fit for logs and errors."""
    return re.sub(r"//[^@/]*@", "//…@", url)
