"""Cases as the console shows them: JSON with every text that the page needs, in its languages."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from libs.contracts.bodies import IntakeBody, MessageBody
from libs.contracts.content import PackPublished
from libs.contracts.transcript import StoredMessage
from services.handoff.accounts import Agent
from services.handoff.case import Case
from services.handoff.intake import IntakeFact

Json = dict[str, Any]


def agent_view(agent: Agent, packs: Iterable[PackPublished]) -> Json:
    """Who is logged in, and for which shops."""
    shops = [
        {"id": pack.merchant_id, "name": pack.merchant.name, "colour": pack.merchant.colour}
        for pack in packs
        if pack.merchant_id in agent.merchants
    ]
    return {"id": agent.agent_id, "name": agent.name, "merchants": shops, "skills": agent.skills}


def case_view(case: Case, pack: PackPublished, agent: Agent, position: int | None = None) -> Json:
    """A case in a list: facts, nothing that the visitor wrote."""
    topic = pack.topic(case.topic)
    return {
        "case_id": str(case.case_id),
        "merchant": {"id": case.merchant_id, "name": pack.merchant.name},
        "topic": case.topic,
        "title": topic.title if topic else {},
        "skill": case.skill,
        "language": case.locale,
        "status": case.status,
        "version": case.version,
        "mine": case.agent_id == agent.agent_id,
        "position": position,
        "queued_at": case.queued_at.isoformat(),
        "assigned_at": _iso(case.assigned_at),
        "unread": case.unread,
        "erased_on": case.expires_at.isoformat(),
    }


def fact_view(fact: IntakeFact) -> Json:
    """A declared field of the form, with what the visitor wrote."""
    return {
        "key": fact.field.key, "kind": fact.field.kind, "label": fact.field.label,
        "value": fact.value, "problem": fact.problem,
    }  # fmt: skip


def entry_view(entry: StoredMessage, body: MessageBody | IntakeBody) -> Json:
    """An opened entry of the transcript; a form is named only, its facts stand above."""
    head = {
        "id": str(entry.message_id), "seq": entry.seq, "author": entry.author, "kind": entry.kind,
        "at": entry.sent_at.isoformat(),
    }  # fmt: skip
    if isinstance(body, IntakeBody):
        return head
    return head | body.model_dump(mode="json")


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
