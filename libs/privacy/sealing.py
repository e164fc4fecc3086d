"""Sealing: AES-256-GCM (NIST SP 800-38D) under a conversation's own key for one purpose."""

from base64 import b64decode, b64encode
from dataclasses import dataclass
from os import urandom
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from libs.contracts.envelope import ConversationEvent
from libs.contracts.sealed import Purpose, Sealed

KEY_BYTES = 32
NONCE_BYTES = 12


class KeyGone(Exception):
    """The conversation's key is erased or expired: its texts are unreadable for everybody."""


class WrongKey(Exception):
    """The ciphertext does not belong to this key, event or field, or was changed."""


@dataclass(frozen=True)
class Place:
    """Where a sealed field lives; a ciphertext moved to another place does not open."""

    merchant_id: str
    conversation_id: str
    event_id: UUID
    field: str = "message"

    @classmethod
    def of(cls, event: ConversationEvent, field: str = "message") -> "Place":
        """The place of a field of `event`."""
        return cls(event.merchant_id, event.conversation_id, event.event_id, field)

    def associated_data(self) -> bytes:
        """The bytes that GCM authenticates together with the ciphertext."""
        return f"{self.merchant_id}|{self.conversation_id}|{self.event_id}|{self.field}".encode()


def seal(key: bytes, purpose: Purpose, place: bytes, plaintext: bytes) -> Sealed:
    """Encrypts `plaintext` for `place` with a fresh 96-bit nonce."""
    nonce = urandom(NONCE_BYTES)
    data = AESGCM(key).encrypt(nonce, plaintext, place)
    return Sealed(purpose=purpose, nonce=_text(nonce), data=_text(data))


def unseal(key: bytes, place: bytes, sealed: Sealed) -> bytes:
    """Decrypts; raises WrongKey when key, place or ciphertext do not fit together."""
    try:
        return AESGCM(key).decrypt(b64decode(sealed.nonce), b64decode(sealed.data), place)
    except (InvalidTag, ValueError):
        raise WrongKey from None


def wrap(key: bytes, place: bytes, plain: bytes) -> bytes:
    """A conversation's key under a key-encryption key, or a file under a conversation's key."""
    nonce = urandom(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plain, place)


def unwrap(key: bytes, place: bytes, wrapped: bytes) -> bytes:
    """What was wrapped; raises WrongKey when key and place are not those that it was wrapped for."""
    try:
        return AESGCM(key).decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], place)
    except (InvalidTag, ValueError):
        raise WrongKey from None


def _text(raw: bytes) -> str:
    return b64encode(raw).decode("ascii")
