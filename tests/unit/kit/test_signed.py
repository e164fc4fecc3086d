"""Signatures are those of the public library; a secret that is none is a fault of the settings."""

from base64 import b64encode
from datetime import timedelta

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from libs.kit.clock import utc_now
from libs.kit.errors import ConfigurationError
from libs.kit.signed import signed_headers

SECRET = f"whsec_{b64encode(b'k' * 32).decode()}"
BODY = '{"text":"blåbærsyltetøy"}'.encode()


def test_the_library_takes_the_signature_and_no_other() -> None:
    headers = signed_headers(SECRET, "msg_1", utc_now(), BODY)
    assert Webhook(SECRET).verify(BODY, headers) == {"text": "blåbærsyltetøy"}
    for changed in ({"webhook-id": "msg_2"}, {"webhook-timestamp": "1"}):
        with pytest.raises(WebhookVerificationError):
            Webhook(SECRET).verify(BODY, headers | changed)


def test_an_old_signature_is_worth_nothing() -> None:
    headers = signed_headers(SECRET, "msg_1", utc_now() - timedelta(minutes=6), BODY)
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(BODY, headers)


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_?", "whsec_xyzzy"])
def test_what_is_no_secret_is_said_without_saying_it(secret: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        signed_headers(secret, "msg_1", utc_now(), BODY)
    assert "xyzzy" not in str(caught.value)
    assert caught.value.fix
