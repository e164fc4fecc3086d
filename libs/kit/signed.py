"""Signed messages to merchants' own systems: Standard Webhooks, with the merchant's secret."""

from datetime import datetime

from standardwebhooks import Webhook
from standardwebhooks.webhooks import EmptyWebhookSecretError

from libs.kit.errors import ConfigurationError


def secret_file(merchant_id: str) -> str:
    """The name of the file with a merchant's secret."""
    return f"webhook-{merchant_id}.secret"


def signed_headers(secret: str, message_id: str, at: datetime, body: bytes) -> dict[str, str]:
    """The headers of a signed JSON body; a second try keeps the id, so that repeats are seen.

    Raises ConfigurationError where the secret is none.
    """
    return {
        "content-type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": _signer(secret).sign(message_id, at, body.decode()),
    }


def _signer(secret: str) -> Webhook:
    try:
        return Webhook(secret)
    except (EmptyWebhookSecretError, ValueError):
        raise ConfigurationError(
            "A merchant's webhook secret is not `whsec_` and base64.",
            "write a new one into its file, and give it to the merchant.",
        ) from None
