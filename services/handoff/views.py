"""Cases as the console shows them: JSON with every text that the page needs, in its languages."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from libs.contracts.bodies import IntakeBody, MessageBody
from libs.contracts.case import WaitRange
from libs.contracts.content import PackPublished
from libs.contracts.transcript import StoredMessage
from services.handoff.case import Case
from services.handoff.intake import IntakeFact
from services.handoff.notes import Note
from services.handoff.presence import Presence, skills_of
from services.handoff.rights import Agent, rights_at

Json = dict[str, Any]


def agent_view(agent: Agent, presence: Json | None, packs: Iterable[PackPublished]) -> Json:
    """Who is logged in, what this person may do where, and the shops whose cases there are."""
    return {
        "id": agent.agent_id, "name": agent.name, "skills": agent.skills, "roles": agent.roles,
        "presence": presence,
        "rights": rights_at(agent, sorted({grant.merchant_id for grant in agent.grants})),
        "merchants": [shop_view(pack) for pack in packs if pack.merchant_id in agent.merchants],
    }  # fmt: skip


def shop_view(pack: PackPublished) -> Json:
    """A shop: its skills, its ready answers, and the topics that a case may have solved."""
    shop = pack.merchant
    return {
        "id": shop.id, "name": shop.name, "colour": shop.colour, "routing": shop.routing,
        "skills": skills_of(shop),
        "canned": [reply.model_dump(mode="json") for reply in shop.canned],
        "topics": [{"key": topic.key, "title": topic.title} for topic in pack.topics],
    }  # fmt: skip


@dataclass(frozen=True)
class Around:
    """What is told of a case beside what it is itself."""

    position: int | None = None
    wait: WaitRange | None = None
    owner: str | None = None
    watchers: Sequence[str] = ()


def presence_view(presence: Presence) -> Json:
    """What an agent chose to take."""
    return {
        "state": presence.state, "capacity": presence.capacity,
        "languages": sorted(presence.languages),
    }  # fmt: skip


def case_view(case: Case, pack: PackPublished, agent: Agent, around: Around) -> Json:
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
        "owner_name": around.owner,
        "watchers": around.watchers,
        "reason": case.entered,
        "was_filed": case.was_filed,
        "opens_at": _iso(case.opens_at),
        "rating": case.rating,
        "closed": _ending(case),
        "position": around.position,
        "wait": around.wait and around.wait.model_dump(),
        "queued_at": case.queued_at.isoformat(),
        "assigned_at": _iso(case.assigned_at),
        "unread": case.unread,
        "last_said_at": _iso(case.last_said_at),
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


def entry_views(
    entries: Iterable[tuple[StoredMessage, MessageBody | IntakeBody]] | None,
) -> list[Json] | None:
    """The transcript; None while it is away."""
    return None if entries is None else [entry_view(entry, body) for entry, body in entries]


def note_view(note: Note, body: MessageBody, agent: Agent) -> Json:
    """A note and who wrote it."""
    return {
        "id": str(note.note_id), "at": note.at.isoformat(), "author": body.speaker,
        "mine": note.agent_id == agent.agent_id, "text": body.text,
    }  # fmt: skip


def _ending(case: Case) -> Json | None:
    return {"reason": case.closed_reason, "by": case.closed_by} if case.closed_reason else None


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
