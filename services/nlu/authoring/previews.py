"""A draft as a merchant of its own, that only its editors' page may show: the real way, end to end."""

from libs.contracts.content import PackPublished
from libs.kit.clock import Now
from services.nlu.content.merchant_rules import PREVIEW
from services.nlu.content.packs import published


def preview_id(merchant_id: str) -> str:
    """The id under which a merchant's draft is tried."""
    return merchant_id + PREVIEW


def real_id(merchant_id: str) -> str:
    """The merchant whose secrets and systems an id stands for."""
    return merchant_id.removesuffix(PREVIEW)


def preview_of(pack: PackPublished, origin: str, now: Now) -> PackPublished:
    """The pack for the page at `origin`; what is said in it is kept a day, told to no help desk."""
    merchant = pack.merchant.model_copy(
        update={
            "id": preview_id(pack.merchant_id), "origins": (origin,),
            "retention_days": 1, "case_cap_days": 1, "case_webhook_url": None,
        }
    )  # fmt: skip
    return published(merchant, pack.topics, now(), {})
