"""The shop's own help desk: hears of cases by webhook, and lists them on a page of its own."""

from collections.abc import Iterable, Mapping
from html import escape
from http import HTTPStatus

from pydantic import ValidationError
from standardwebhooks import Webhook

from deploy.demo.helpdesk.facts import Notice, fact_of_notice
from deploy.demo.helpdesk.mirror import Mirror, MirroredCase
from deploy.demo.shop.webhook import BAD_SIGNATURE, BODY_LIMIT, Answer, refusal, signed

MALFORMED = refusal(
    HTTPStatus.BAD_REQUEST,
    "malformed",
    "The body must be a case notice: see docs/case-contract.md.",
)


class CaseDesk:
    """Takes signed notices in; the same one again, or an older one, changes nothing."""

    def __init__(self, secret: str, merchant: str, mirror: Mirror) -> None:
        self._webhook = Webhook(secret)
        self._merchant = merchant
        self._mirror = mirror

    def answer(self, headers: Mapping[str, str], body: bytes) -> Answer:
        """The answer to one notice; never raises for anything that was sent."""
        if len(body) > BODY_LIMIT:
            return refusal(413, "body_too_large", f"Send at most {BODY_LIMIT} bytes.")
        if not signed(self._webhook, headers, body):
            return BAD_SIGNATURE
        try:
            fact = fact_of_notice(Notice.model_validate_json(body))
        except ValidationError:
            return MALFORMED
        if fact is not None and fact.merchant_id != self._merchant:
            return refusal(400, "wrong_merchant", f"This is the help desk of {self._merchant}.")
        return Answer(200, {"taken": fact is not None and self._mirror.take(fact)})

    def page(self) -> str:
        """The cases as a page for the shop's own people."""
        return _PAGE.format(rows="".join(_rows(self._mirror.cases(self._merchant))))


def _rows(cases: Iterable[MirroredCase]) -> Iterable[str]:
    for case in cases:
        cells = (
            f"{case.changed_at:%Y-%m-%d %H:%M}",
            case.status,
            case.topic,
            case.skill,
            case.reason,
        )
        told = "".join(f"<td>{escape(cell or '')}</td>" for cell in cells)
        yield f"<tr><th scope=row>{_name(case)}</th>{told}</tr>"


def _name(case: MirroredCase) -> str:
    name = str(case.case_id)[:8]
    if case.link is None or not case.link.startswith(("https://", "http://")):
        return name
    return f'<a href="{escape(case.link)}">{name}</a>'


_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Help desk</title><link rel="stylesheet" href="/theme.css">
<h1>Help desk</h1>
<p>What Prat told this shop of its cases, by webhook. What was written stays in the agents' console.</p>
<table><thead><tr><th scope=col>Case<th scope=col>Changed<th scope=col>Status<th scope=col>Topic
<th scope=col>Skill<th scope=col>Reason</tr></thead><tbody>{rows}</tbody></table></html>
"""
