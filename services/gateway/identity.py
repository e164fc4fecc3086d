"""Who the shop says its visitor is: a short-lived token, signed by the shop's own server."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OctKey
from pydantic import BaseModel, ConfigDict, Field, StrictInt, ValidationError

from libs.contracts.bodies import Customer
from libs.contracts.envelope import MerchantId
from libs.kit.errors import ConfigurationError, Refused

ALGORITHM = "HS256"
LONGEST_TOKEN = 4096
LONGEST_LIFE = timedelta(hours=1)
SKEW = timedelta(minutes=1)
SHORTEST_KEY = 32

KEY_LINE = re.compile(rf"([\w.-]{{1,40}})\s+(\S{{{SHORTEST_KEY},200}})")


class Claims(BaseModel):
    """What a token says; what is not named here is not read."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    sub: Annotated[str, Field(min_length=1, max_length=128)]
    name: Annotated[str | None, Field(min_length=1, max_length=120)] = None
    email: Annotated[str | None, Field(max_length=254, pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")] = (
        None
    )
    iat: StrictInt
    exp: StrictInt
    aud: Literal["prat"]
    merchant: MerchantId


def key_file(merchant_id: str) -> str:
    """The name of the secret file with a merchant's identity keys."""
    return f"identity-{merchant_id}.keys"


def parse_keys(text: str) -> dict[str, str]:
    """Key id → key, from a secret file: a line each, the one that signs now first."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    found = [KEY_LINE.fullmatch(line) for line in lines]
    if not lines or not all(found):
        raise ConfigurationError(
            "A merchant's identity keys are not lines of `key-id key`.",
            f"write a key id and a key of at least {SHORTEST_KEY} characters on each line.",
        )
    return {match[1]: match[2] for match in found if match}


def keys_of(merchant_id: str, secret: Callable[[str], str]) -> dict[str, str]:
    """A merchant's keys from the secrets; Refused (409) where there are none."""
    try:
        return parse_keys(secret(key_file(merchant_id)))
    except ConfigurationError:
        raise Refused(
            409, "identity_off", "This shop has no identity keys here.",
            f"put {key_file(merchant_id)} into the secrets folder.",
        ) from None  # fmt: skip


def customer_in(token: str, keys: Mapping[str, str], merchant_id: str, now: datetime) -> Customer:
    """The customer that a token names; raises Refused, which never quotes the token."""
    claims = _claims(_payload(token, keys))
    if claims.merchant != merchant_id:
        raise _wrong()
    _check_times(claims, now)
    return Customer(sub=claims.sub, name=claims.name, email=claims.email)


def _payload(token: str, keys: Mapping[str, str]) -> bytes:
    if len(token) > LONGEST_TOKEN:
        raise _malformed("size")
    try:
        header = jws.extract_compact(token.encode()).headers()
        key = keys.get(str(header.get("kid", next(iter(keys)))))
        if key is None or header.get("alg") != ALGORITHM:
            raise _wrong()
        signed = jws.deserialize_compact(token, OctKey.import_key(key), algorithms=[ALGORITHM])
    except (JoseError, ValueError):
        raise _wrong() from None
    return signed.payload


def _claims(payload: bytes) -> Claims:
    try:
        return Claims.model_validate_json(payload)
    except ValidationError as error:
        details: list[Any] = [*error.errors(include_input=False, include_context=False)]
        raise _malformed(
            ", ".join(sorted({str((*one["loc"], "json")[0]) for one in details}))
        ) from None


def _check_times(claims: Claims, now: datetime) -> None:
    at = now.timestamp()
    if claims.exp - claims.iat > LONGEST_LIFE.total_seconds() or claims.exp <= claims.iat:
        raise _malformed("exp")
    if claims.iat > at + SKEW.total_seconds():
        raise _malformed("iat")
    if claims.exp <= at:
        raise Refused(
            401, "identity_expired", "The shop's word about this visitor has expired.",
            "sign a new token, at most an hour before it is used.",
        )  # fmt: skip


def _malformed(where: str) -> Refused:
    return Refused(
        422, "identity_malformed", f"The identity token is not valid at: {where}.",
        "sign what docs/embedding.md lists under Identify.",
    )  # fmt: skip


def _wrong() -> Refused:
    return Refused(
        401, "identity_wrong", "This shop has not signed this identity token.",
        "sign with HS256, the shop's key and its key id, for this merchant.",
    )  # fmt: skip
