"""The download: a conversation as JSON for machines or as one readable, script-free HTML page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Any
from zoneinfo import ZoneInfo

from libs.contracts.bodies import IntakeBody, MessageBody
from libs.contracts.content import Merchant
from libs.contracts.transcript import StoredMessage
from libs.kit.transcript import Stretch

FORMAT = "prat-export/1"
"""Name and version of the JSON format; readers ignore keys they do not know."""

Opened = tuple[StoredMessage, MessageBody | IntakeBody]

LABELS: dict[str, dict[str, str]] = {
    "nb": {
        "title": "Samtalen din med {name}", "visitor": "Du", "bot": "Chatbot (dataprogram)",
        "agent": "Kundeservice", "intake": "Opplysninger du ga før køen",
        "kept": "Slettes senest", "made": "Lastet ned", "none": "Samtalen er tom.",
        "hidden": "ikke vist i chatten",
        "objects": "Spørsmålene brukes ikke til forbedring siden",
        "agrees": "Spørsmålene kan brukes til forbedring, uten personopplysninger.",
    },
    "sv": {
        "title": "Din konversation med {name}", "visitor": "Du", "bot": "Chattbot (datorprogram)",
        "agent": "Kundservice", "intake": "Uppgifter du lämnade före kön",
        "kept": "Raderas senast", "made": "Nedladdad", "none": "Konversationen är tom.",
        "hidden": "visades inte i chatten",
        "objects": "Frågorna används inte för förbättring sedan",
        "agrees": "Frågorna kan användas för förbättring, utan personuppgifter.",
    },
    "da": {
        "title": "Din samtale med {name}", "visitor": "Du", "bot": "Chatbot (computerprogram)",
        "agent": "Kundeservice", "intake": "Oplysninger du gav før køen",
        "kept": "Slettes senest", "made": "Hentet", "none": "Samtalen er tom.",
        "hidden": "ikke vist i chatten",
        "objects": "Spørgsmålene bruges ikke til forbedring siden",
        "agrees": "Spørgsmålene kan bruges til forbedring, uden personoplysninger.",
    },
    "fi": {
        "title": "Keskustelusi: {name}", "visitor": "Sinä", "bot": "Chatbot (tietokoneohjelma)",
        "agent": "Asiakaspalvelu", "intake": "Ennen jonoa antamasi tiedot",
        "kept": "Poistetaan viimeistään", "made": "Ladattu", "none": "Keskustelu on tyhjä.",
        "hidden": "ei näytetty chatissa",
        "objects": "Kysymyksiä ei käytetä kehittämiseen, alkaen",
        "agrees": "Kysymyksiä voidaan käyttää kehittämiseen ilman henkilötietoja.",
    },
    "en": {
        "title": "Your conversation with {name}", "visitor": "You", "bot": "Chatbot (program)",
        "agent": "Customer service", "intake": "Details you gave before the queue",
        "kept": "Deleted no later than", "made": "Downloaded", "none": "The conversation is empty.",
        "hidden": "not shown in the chat",
        "objects": "The questions are not used for improvement, since",
        "agrees": "The questions may be used for improvement, without personal data.",
    },
}  # fmt: skip

STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:42rem;margin:2rem auto;padding:0 1rem;"
    "color:#1a1a1a;background:#fff}h1{font-size:1.4rem}article{border-left:4px solid #bbb;"
    "padding:.2rem 1rem;margin:1rem 0}article.visitor{border-color:#0f6e6e}"
    "article.agent{border-color:#b3402e}p{white-space:pre-wrap;margin:.3rem 0}"
    "small{color:#555}@media(prefers-color-scheme:dark){body{background:#151515;color:#eee}"
    "small{color:#aaa}}"
)


@dataclass(frozen=True)
class Export:
    """Everything that the download shows; texts are opened for its maker only."""

    merchant: Merchant
    conversation_id: str
    entries: Sequence[Opened]
    made_at: datetime
    people: Sequence[Stretch] = ()
    objected_at: datetime | None = None

    def is_shown(self, entry: StoredMessage) -> bool:
        """Whether the chat showed an entry: not what the bot said while people had the say."""
        at = entry.sent_at
        hears_people = any(
            since <= at and (until is None or at < until) for since, until in self.people
        )
        return entry.author != "bot" or not hears_people

    def as_json(self) -> dict[str, Any]:
        """The machine-readable form: who spoke, what, when, why it is kept and until when."""
        return {
            "format": FORMAT,
            "exported_at": self.made_at.isoformat(),
            "conversation_id": self.conversation_id,
            "controller": {
                "name": self.merchant.name,
                "organisation_number": self.merchant.organisation_number,
                "address": self.merchant.address,
            },
            "processor": self.merchant.provider,
            "improvement": {
                "objected": self.objected_at is not None,
                "since": self.objected_at.isoformat() if self.objected_at else None,
            },
            "messages": [
                {**_as_json(entry, body), "shown": self.is_shown(entry)}
                for entry, body in self.entries
            ],
        }

    def as_html(self, language: str) -> str:
        """The readable form, in the visitor's language; nothing in it can run or load."""
        labels = LABELS.get(language, LABELS["en"])
        zone = ZoneInfo(self.merchant.time_zone)
        title = escape(labels["title"].format(name=self.merchant.name))
        articles = "".join(
            _article(entry, body, labels, zone, is_shown=self.is_shown(entry))
            for entry, body in self.entries
        )
        made = f"{labels['made']} {self.made_at.astimezone(zone):%Y-%m-%d %H:%M}"
        since = self.objected_at
        use = f"{labels['objects']} {since.astimezone(zone):%Y-%m-%d %H:%M}" if since else None
        return (
            f'<!doctype html><html lang="{escape(language)}"><head><meta charset="utf-8">'
            f'<meta name="viewport" content="width=device-width"><title>{title}</title>'
            f"<style>{STYLE}</style></head><body><h1>{title}</h1><small>{escape(made)}</small>"
            f"<p>{escape(use or labels['agrees'])}</p>"
            f"{articles or '<p>' + escape(labels['none']) + '</p>'}</body></html>"
        )


def _as_json(entry: StoredMessage, body: MessageBody | IntakeBody) -> dict[str, Any]:
    said = {"fields": body.fields} if isinstance(body, IntakeBody) else _said(body)
    return {
        "seq": entry.seq,
        "at": entry.sent_at.isoformat(),
        "author": entry.author,
        "kind": entry.kind,
        "purpose": entry.sealed.purpose.value,
        "deleted_no_later_than": entry.expires_at.isoformat(),
        **said,
    }


def _said(body: MessageBody) -> dict[str, Any]:
    return body.model_dump(mode="json", exclude_defaults=True) | {"text": body.text}


def _article(
    entry: StoredMessage,
    body: MessageBody | IntakeBody,
    labels: dict[str, str],
    zone: ZoneInfo,
    *,
    is_shown: bool,
) -> str:
    if isinstance(body, IntakeBody):
        who = labels["intake"]
        text = "\n".join(f"{key}: {value}" for key, value in body.fields.items())
    else:
        who = f"{labels[entry.author]}{f' · {body.speaker}' if body.speaker else ''}"
        text = "\n".join((body.text, *(_card_text(card.title, card.lines) for card in body.cards)))
    when = f"{entry.sent_at.astimezone(zone):%Y-%m-%d %H:%M:%S}"
    kept = f"{labels['kept']} {entry.expires_at.astimezone(zone):%Y-%m-%d}"
    kept += "" if is_shown else f" · {labels['hidden']}"
    return (
        f'<article class="{entry.author}"><strong>{escape(who)}</strong> '
        f"<small>{when} · {escape(kept)}</small><p>{escape(text)}</p></article>"
    )


def _card_text(title: str, lines: Sequence[str]) -> str:
    return " · ".join((title, *lines))
