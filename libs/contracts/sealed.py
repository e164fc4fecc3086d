"""Personal fields on the bus: sealed for a purpose, never in clear."""

from dataclasses import dataclass
from enum import StrEnum

from pydantic import BaseModel, ConfigDict


class Purpose(StrEnum):
    """Why a personal field is kept; each purpose has its own key, and a reader needs that key."""

    DIALOGUE = "dialogue"
    CASE = "case"


class Sealed(BaseModel):
    """A personal value as AES-256-GCM ciphertext (base64); the key is found by conversation and purpose."""

    model_config = ConfigDict(frozen=True)

    purpose: Purpose
    nonce: str
    data: str


@dataclass(frozen=True)
class Personal:
    """Marks an event field that may identify a visitor: which purposes may seal it, and what it holds."""

    purposes: tuple[Purpose, ...]
    holds: str
