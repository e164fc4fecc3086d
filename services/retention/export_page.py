"""The readable download: one page without scripts, in the visitor's language, written piece by piece."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from html import escape
from zoneinfo import ZoneInfo

from libs.contracts.attachment import Attachment
from libs.contracts.bodies import IntakeBody, MessageBody
from libs.contracts.casefile import CaseRecord, Look
from libs.contracts.content import LANGUAGES, Language
from libs.contracts.transcript import StoredMessage
from libs.kit.files import file_name
from services.retention.attachments import Held
from services.retention.export import Export, Opened, encoded
from services.retention.export_texts import labels

STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:42rem;margin:2rem auto;padding:0 1rem;"
    "color:#1a1a1a;background:#fff;overflow-wrap:anywhere}h1{font-size:1.4rem}"
    "h2{font-size:1.1rem;margin-top:2rem}article{border-left:4px solid #bbb;"
    "padding:.2rem 1rem;margin:1rem 0}article.visitor{border-color:#0f6e6e}"
    "article.agent{border-color:#b3402e}p{white-space:pre-wrap;margin:.3rem 0}"
    "small{color:#555}a{color:inherit}img{max-width:100%}@media(prefers-color-scheme:dark){body{background:#151515;color:#eee}"
    "small{color:#aaa}}"
)


class HtmlFile:
    """The form for people; nothing in it can run or load."""

    media_type = "text/html; charset=utf-8"

    def __init__(self, export: Export, language: str) -> None:
        self._export = export
        self._language: Language = next((one for one in LANGUAGES if one == language), "en")
        self._labels = labels(self._language)
        self._zone = ZoneInfo(export.merchant.time_zone)
        self._fields = {
            field.key: field.label[self._language]
            for topic in export.pack.intake_topics()
            for field in topic.intake
        }
        self._is_empty, self._files = True, 0

    def begin(self) -> bytes:
        """Everything but the messages: what is kept why, the cases, and who looked."""
        title = escape(self._labels["title"].format(name=self._export.merchant.name))
        made = f"{self._labels['made']} {self._minute(self._export.made_at)}"
        page = (
            f'<!doctype html><html lang="{self._language}"><head><meta charset="utf-8">'
            f'<meta name="viewport" content="width=device-width"><title>{title}</title>'
            f"<style>{STYLE}</style></head><body><h1>{title}</h1><small>{escape(made)}</small>"
            f"{''.join(self._sections())}<h2>{self._word('said')}</h2>"
        )
        return page.encode()

    def messages(self, entries: Iterable[Opened]) -> bytes:
        """The next messages."""
        articles = "".join(self._article(entry, body) for entry, body in entries)
        self._is_empty = self._is_empty and not articles
        return articles.encode()

    def file(self, held: Held, content: bytes) -> Iterator[bytes]:
        """The next file, which the page holds and does not load."""
        before, after = self._frame(held)
        heading = "" if self._files else f"<h2>{self._word('files')}</h2>"
        self._files += 1
        yield f"{heading}{before}".encode()
        yield from encoded(content)
        yield after.encode()

    def end(self) -> bytes:
        """The end of the page."""
        none = f"<p>{self._word('none')}</p>" if self._is_empty else ""
        return f"{none}</body></html>".encode()

    def _sections(self) -> Iterator[str]:
        file = self._export.casefile
        yield self._section("about", self._about())
        if customer := self._export.customer:
            yield self._section("identity", self._facts(IntakeBody(customer=customer)))
        unknown = [self._labels["unknown"]]
        yield self._section("cases", self._cases(file.cases) if file else unknown)
        yield self._section("readers", self._looks(file.looks) if file else unknown)

    def _section(self, name: str, texts: Iterable[str]) -> str:
        paragraphs = "".join(f"<p>{escape(text)}</p>" for text in texts)
        return f"<h2>{self._word(name)}</h2>{paragraphs}"

    def _about(self) -> list[str]:
        merchant, since = self._export.merchant, self._export.objected_at
        objects = f"{self._labels['objects']} {self._minute(since)}" if since else None
        controller = self._labels["controller"].format(
            name=merchant.name, number=merchant.organisation_number, address=merchant.address,
            processor=merchant.provider,
        )  # fmt: skip
        dialogue = self._labels["dialogue"].format(days=merchant.retention_days)
        case = self._labels["case"].format(days=merchant.case_cap_days)
        return [controller, dialogue, case, objects or self._labels["agrees"]]

    def _cases(self, cases: Iterable[CaseRecord]) -> list[str]:
        return [self._case(case) for case in cases] or [self._labels["no_cases"]]

    def _case(self, case: CaseRecord) -> str:
        topic = self._export.pack.topic(case.topic)
        form = self._export.forms.get(str(case.case_id), IntakeBody())
        return "\n".join((
            topic.title[self._language] if topic else case.topic,
            f"{self._labels['asked']} {self._minute(case.queued_at)}",
            f"{self._labels['kept']} {self._day(case.expires_at)}",
            *self._facts(form),
        ))  # fmt: skip

    def _facts(self, form: IntakeBody) -> list[str]:
        """What was filled in, under the words that the form had for it, and what the shop added."""
        told = [
            (self._labels[f"{part}_{key}"], value)
            for part, said in (("customer", form.customer), ("context", form.context))
            for key, value in (said.model_dump(exclude_none=True) if said else {}).items()
        ]
        filled = [(self._fields.get(key, key), value) for key, value in form.fields.items()]
        return [f"{label}: {value}" for label, value in (*filled, *told)]

    def _looks(self, looks: Iterable[Look]) -> list[str]:
        return [self._look(look) for look in looks] or [self._labels["no_readers"]]

    def _look(self, look: Look) -> str:
        roles = [self._labels.get(f"role_{role}", role) for role in look.roles or ("",)]
        fields = [self._labels.get(f"field_{name}", name) for name in look.fields]
        did = self._labels.get(f"look_{look.what}", look.what)
        return f"{self._minute(look.at)} · {', '.join(roles)} · {did}: {', '.join(fields)}"

    def _article(self, entry: StoredMessage, body: MessageBody | IntakeBody) -> str:
        if isinstance(body, IntakeBody):
            who, text = self._labels["intake"], "\n".join(self._facts(body))
        else:
            speaker = f" · {body.speaker}" if body.speaker else ""
            who = f"{self._labels[entry.author]}{speaker}"
            cards = (" · ".join((card.title, *card.lines)) for card in body.cards)
            text = "\n".join((body.text, *cards))
        kept = f"{self._labels['kept']} {self._day(entry.expires_at)}"
        kept += "" if self._export.is_shown(entry) else f" · {self._labels['hidden']}"
        when = f"{entry.sent_at.astimezone(self._zone):%Y-%m-%d %H:%M:%S}"
        return (
            f'<article class="{entry.author}"><strong>{escape(who)}</strong> '
            f"<small>{when} · {escape(kept)}</small><p>{escape(text)}</p>{self._given(body)}"
            "</article>"
        )

    def _frame(self, held: Held) -> tuple[str, str]:
        """What stands around a file's bytes: a picture is seen, anything else is there to be saved."""
        file, name = held.file, escape(self._named(held.file))
        kept = f"{self._labels['kept']} {self._day(held.expires_at)}"
        head = (
            f'<article id="file-{file.attachment_id}"><strong>{name}</strong> '
            f"<small>{escape(kept)}</small><p>"
        )
        data = f"data:{file.media_type};base64,"
        if file.media_type.startswith("image/"):
            return f'{head}<img src="{data}', f'" alt="{name}"></p></article>'
        save = f'<a download="{file_name(file)}" href="{data}'
        return head + save, f'">{self._word("save")}</a></p></article>'

    def _given(self, body: MessageBody | IntakeBody) -> str:
        """The names of a message's files; those that are still there stand below."""
        files = body.attachments if isinstance(body, MessageBody) else ()
        return "".join(
            f'<p><a href="#file-{file.attachment_id}">{escape(self._named(file))}</a></p>'
            for file in files
        )

    def _named(self, file: Attachment) -> str:
        what = "picture" if file.media_type.startswith("image/") else "document"
        kind = file.media_type.rpartition("/")[2].upper()
        return f"{self._labels[what]} · {kind} · {-(-file.size // 1000)} kB"

    def _word(self, name: str) -> str:
        return escape(self._labels[name])

    def _minute(self, at: datetime) -> str:
        return f"{at.astimezone(self._zone):%Y-%m-%d %H:%M}"

    def _day(self, at: datetime) -> str:
        return f"{at.astimezone(self._zone):%Y-%m-%d}"
