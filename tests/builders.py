"""Invented events, packs and settings that many tests need."""

from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any
from uuid import uuid4

from libs.contracts.content import (
    IntakeField,
    Merchant,
    Opening,
    OpeningHours,
    PackPublished,
    Topic,
)
from libs.contracts.envelope import Event
from libs.contracts.sealed import Purpose, Sealed
from libs.contracts.visitor import MessageReceived

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
ORIGIN = "https://fjellbekk.example"
ALL_DAY = OpeningHours(
    openings=(Opening(weekdays=(0, 1, 2, 3, 4, 5, 6), opens=time(0), closes=time(0)),)
)


def everywhere(text: str) -> dict[Any, str]:
    """The same text in all five languages."""
    return dict.fromkeys(("nb", "sv", "da", "fi", "en"), text)


def merchant(merchant_id: str = "fjellbekk", **changes: Any) -> Merchant:
    """An invented web shop that is always open."""
    fields: dict[str, Any] = {
        "id": merchant_id, "name": "Fjellbekk Friluft AS", "organisation_number": "000 000 000",
        "address": "Bekkeveien 1, 0000 Eksempel", "provider": "Prat Demo Provider AS",
        "colour": "#0f6e6e", "languages": ("nb", "en"), "time_zone": "Europe/Oslo",
        "origins": (ORIGIN,), "notice_url": everywhere(f"{ORIGIN}/privacy"),
        "welcome": everywhere("Hei!"), "hours": ALL_DAY, "skills": {"track_parcel": "delivery"},
        "default_skill": "general",
    }  # fmt: skip
    return Merchant(**(fields | changes))


def intake_topic(key: str = "track_parcel") -> Topic:
    """A topic whose form asks for an order number (needed), an e-mail address and a text."""
    why = everywhere("So that the case is solved faster.")
    return Topic(
        key=key,
        title=everywhere("Track a parcel"),
        examples={"nb": ("Hvor er pakken min?",)},
        answers={"default": everywhere("It is on its way.")},
        intake=(
            IntakeField(
                key="order_number", kind="order_number", required=True,
                label=everywhere("Order number"), why=why,
            ),
            IntakeField(key="email", kind="email", label=everywhere("E-mail"), why=why),
            IntakeField(key="description", kind="long_text", label=everywhere("Text"), why=why),
        ),
    )  # fmt: skip


def pack(merchant_id: str = "fjellbekk", **changes: Any) -> PackPublished:
    """A published pack with one topic."""
    return PackPublished(
        event_id=uuid4(), merchant_id=merchant_id, occurred_at=NOW, pack_version="test",
        merchant=merchant(merchant_id, **changes), topics=(intake_topic(),),
    )  # fmt: skip


def conversation_id() -> str:
    """A fresh conversation id."""
    return uuid4().hex


def sealed(purpose: Purpose = Purpose.DIALOGUE) -> Sealed:
    """A sealed field that opens with no key."""
    return Sealed(purpose=purpose, nonce="AAAAAAAAAAAAAAAA", data="AAAA")


def message_received(conversation: str, **changes: Any) -> MessageReceived:
    """A visitor's message that cannot be opened."""
    fields: dict[str, Any] = {
        "event_id": uuid4(), "merchant_id": "fjellbekk", "conversation_id": conversation,
        "occurred_at": NOW, "locale": "nb", "message": sealed(),
    }  # fmt: skip
    return MessageReceived(**(fields | changes))


class NoBus:
    """A bus that nothing may be said on: what would be said is read from the outbox."""

    async def publish(self, event: Event) -> None:
        """Fails the test."""
        raise AssertionError(event)


def secrets_folder(folder: Path) -> Path:
    """A folder with invented keys, for settings in unit tests."""
    from deploy.local.secrets import create_secrets

    create_secrets(folder, ("fjellbekk", "havsro"))
    return folder
