"""Settings of retention."""

from pydantic import Field

from libs.kit.errors import ConfigurationError
from libs.kit.settings import CommonSettings
from services.retention.receipts import ReceiptFault, read_keys

RECEIPT_KEY = "receipt.key"
"""The secret file with the key that signs receipts."""

RETIRED_KEYS = "receipt-retired.json"
"""The file with public keys that have signed before; it is there after the first rotation."""


class RetentionSettings(CommonSettings):
    """Read from the environment by retention."""

    retention_internal_port: int = Field(
        default=8204, description="Port of retention's health and internal interface."
    )

    retention_ask_again_seconds: float = Field(
        default=10.0, ge=1,
        description="A service that has not acknowledged an erasure for so long is asked again.",
    )  # fmt: skip
    retention_overdue_seconds: float = Field(
        default=60.0, ge=1,
        description="An erasure that takes longer is overdue: the log and /readyz say so.",
    )  # fmt: skip

    handoff_url: str = Field(
        default="http://127.0.0.1:8203",
        description="Address of handoff's internal interface, for the cases in a download.",
    )

    def retired_receipt_keys(self) -> tuple[bytes, ...]:
        """Public keys that signed receipts before; raises ConfigurationError for a broken file."""
        if not (self.secrets_dir / RETIRED_KEYS).exists():
            return ()
        try:
            return tuple(read_keys(self.secret(RETIRED_KEYS)).values())
        except ReceiptFault:
            raise ConfigurationError(
                f"The file {RETIRED_KEYS} in {self.secrets_dir} is no list of public keys.",
                "restore it from the backup of the keys; old receipts cannot be checked without it.",
            ) from None
