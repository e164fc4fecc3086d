"""The receipt of an erasure: what was deleted where and when, signed; anybody can check it offline.

Pure. Format `prat-receipt/1`: one flat JSON object. Signed is its canonical form without
`signature.value`: keys sorted, no spaces, UTF-8. No content, no conversation id, nothing to guess from.
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated, Any, Literal
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

FORMAT: Literal["prat-receipt/1"] = "prat-receipt/1"
"""Name and version of the receipt; a change of meaning is a new version."""

KEYS_FORMAT = "prat-receipt-keys/1"
"""Name and version of the list of published keys."""

STORES_OF = ("gateway", "nlu", "handoff", "retention", "analytics")
"""The services that a receipt of this format speaks for; fixed, whatever services come later."""

KEY_ID_DIGITS = 32
"""A key's id: so much of the SHA-256 of the public key, in hex."""

Count = Annotated[int, Field(ge=0, strict=True)]


class ReceiptFault(Exception):
    """Why a receipt proves nothing; the message is one sentence for people."""


class NotAReceipt(ReceiptFault):
    """The file is something else, or of a version that is not known here."""


class UnknownKey(ReceiptFault):
    """It is signed with a key that is not among the published ones."""


class Altered(ReceiptFault):
    """It is not what was signed."""


class Unfinished(ReceiptFault):
    """The erasure has not been acknowledged by every service: there is nothing to prove yet."""


class _Exact(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class SealedCopies(_Exact):
    """Until when copies that nobody can open may physically exist, by place."""

    bus: AwareDatetime
    dead_letters: AwareDatetime
    outboxes: AwareDatetime
    key_backups: AwareDatetime


class Facts(_Exact):
    """What a receipt states."""

    format: Literal["prat-receipt/1"] = FORMAT
    erasure_id: UUID
    merchant_id: str
    requested_by: Literal["visitor", "agent", "merchant"]
    requested_at: AwareDatetime
    completed_at: AwareDatetime
    deleted: dict[str, dict[str, Count]]
    sealed_copies_until: SealedCopies


class Signature(_Exact):
    """Who signed, and how."""

    algorithm: Literal["Ed25519"] = "Ed25519"
    key_id: str
    value: str


class Receipt(Facts):
    """Facts and their signature."""

    signature: Signature


@dataclass(frozen=True)
class Signer:
    """Holds the key that signs, and the public keys that signed before it."""

    seed: bytes
    retired: tuple[bytes, ...] = ()

    def sign(self, facts: Facts) -> dict[str, Any]:
        """The receipt as JSON; raises Unfinished while one service has not acknowledged."""
        if missing := _missing(facts):
            raise Unfinished(_still(missing))
        return self.signed(facts.model_dump(mode="json"))

    def signed(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """A JSON object with its signature in it."""
        key = Ed25519PrivateKey.from_private_bytes(self.seed)
        who = {"algorithm": "Ed25519", "key_id": key_id(key.public_key().public_bytes_raw())}
        value = _text(key.sign(canonical({**body, "signature": who})))
        return {**body, "signature": who | {"value": value}}

    def published(self) -> dict[str, Any]:
        """What everybody may know: this key and the ones before it, by id."""
        own = Ed25519PrivateKey.from_private_bytes(self.seed).public_key().public_bytes_raw()
        keys = [_published(public) for public in (own, *self.retired)]
        return {"format": KEYS_FORMAT, "keys": keys}


def canonical(body: Mapping[str, Any]) -> bytes:
    """The one way to write a JSON object as bytes."""
    return json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def key_id(public: bytes) -> str:
    """The id of a public key: anybody can work it out from the key."""
    return sha256(public).hexdigest()[:KEY_ID_DIGITS]


def read_keys(text: str | bytes) -> dict[str, bytes]:
    """The published keys by id; raises ReceiptFault when the file is no list of keys."""
    try:
        body = json.loads(text)
        found = [b64decode(entry["public_key"], validate=True) for entry in body["keys"]]
        keys = {key_id(_public(raw)): raw for raw in found}
        is_known = body["format"] == KEYS_FORMAT
    except (ValueError, KeyError, TypeError):
        is_known = False
    if not is_known:
        raise ReceiptFault(f"This is no list of keys of the format {KEYS_FORMAT}.")
    return keys


def verify(text: str | bytes, keys: Mapping[str, bytes]) -> Receipt:
    """The receipt, if one of `keys` signed it exactly like this; raises a ReceiptFault otherwise."""
    body = _receipt(text)
    check_signature(body, keys)
    try:
        receipt = Receipt.model_validate(body)
    except ValidationError as error:
        raise NotAReceipt(f"These fields are not as {FORMAT} has them: {places(error)}.") from None
    if missing := _missing(receipt):
        raise Unfinished(_still(missing))
    return receipt


def parsed(text: str | bytes) -> dict[str, Any]:
    """The JSON object of a file; raises NotAReceipt for anything else, or a thing that is said twice."""
    try:
        body = json.loads(text, object_pairs_hook=_once)
    except (ValueError, RecursionError):
        raise NotAReceipt("The file is not JSON, or says a thing twice.") from None
    return body if isinstance(body, dict) else {}


def check_signature(body: Mapping[str, Any], keys: Mapping[str, bytes]) -> None:
    """Raises a ReceiptFault unless one of `keys` signed exactly this."""
    signature = _signature(body)
    if signature.key_id not in keys:
        raise UnknownKey(f"No published key has the id {signature.key_id[:KEY_ID_DIGITS]}.")
    _check(body, signature, keys[signature.key_id])


def places(error: ValidationError) -> str:
    """The fields that are not as they should be, without what they hold."""
    return ", ".join(sorted({".".join(map(str, one["loc"])) for one in error.errors()}))


def _receipt(text: str | bytes) -> dict[str, Any]:
    body = parsed(text)
    if body.get("done") is False and "waiting_for" in body:
        raise Unfinished(_still(str(name) for name in body["waiting_for"]))
    if body.get("format") != FORMAT:
        raise NotAReceipt(f"The file does not say that its format is {FORMAT}.")
    return body


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    body = dict(pairs)
    if len(body) != len(pairs):
        raise ValueError
    return body


def _signature(body: Mapping[str, Any]) -> Signature:
    try:
        return Signature.model_validate(body.get("signature"))
    except ValidationError:
        raise NotAReceipt("The file carries no Ed25519 signature.") from None


def _check(body: Mapping[str, Any], signature: Signature, public: bytes) -> None:
    signed = {**body, "signature": signature.model_dump(exclude={"value"})}
    try:
        value = b64decode(signature.value, validate=True)
        Ed25519PublicKey.from_public_bytes(public).verify(value, canonical(signed))
        is_exact = _text(value) == signature.value
    except (InvalidSignature, ValueError, RecursionError):
        is_exact = False
    if not is_exact:
        raise Altered("The file is not what was signed: something in it was changed.")


def _public(raw: bytes) -> bytes:
    """The same bytes; raises ValueError when they are no public key."""
    return Ed25519PublicKey.from_public_bytes(raw).public_bytes_raw()


def _missing(facts: Facts) -> tuple[str, ...]:
    return tuple(service for service in STORES_OF if service not in facts.deleted)


def _still(services: Iterable[str]) -> str:
    return f"The erasure is not finished: {', '.join(services)} has not acknowledged."


def _published(public: bytes) -> dict[str, str]:
    return {"key_id": key_id(public), "algorithm": "Ed25519", "public_key": _text(public)}


def _text(raw: bytes) -> str:
    return b64encode(raw).decode("ascii")
