"""What handoff tells for a download: the cases as they are, every look, nobody's name."""

from dataclasses import replace
from typing import Any

import httpx

from libs.contracts.casefile import CaseFile
from libs.kit.http import web_app
from services.handoff.case import Case, Status
from services.handoff.disclosure import Disclosure
from tests.builders import NOW
from tests.unit.handoff.builders import waiting_case

CASE = waiting_case()
KARI = "kari@fjellbekk.example"


class Kept:
    """The cases of one conversation, and its log."""

    def __init__(self, case: Case = CASE) -> None:
        self.case = case

    async def of_conversation(self, merchant_id: str, conversation_id: str) -> list[Case]:
        return [self.case] if (merchant_id, conversation_id) == whose() else []

    async def looks(self, merchant_id: str, conversation_id: str) -> list[dict[str, Any]]:
        row = {"at": NOW, "who": KARI, "what": "case_read", "fields": ["intake"]}
        log = [row, row | {"roles": ["agent"]}]
        return log if (merchant_id, conversation_id) == whose() else []


def whose() -> tuple[str, str]:
    return CASE.merchant_id, CASE.conversation_id


async def asked(merchant_id: str, token: str = "inside", kept: Any = None) -> httpx.Response:
    kept = kept or Kept()
    app = web_app(Disclosure(kept, kept, "inside").routes())
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://handoff") as http:
        return await http.get(
            f"/internal/conversations/{CASE.conversation_id}/casefile",
            params={"merchant_id": merchant_id}, headers={"authorization": f"Bearer {token}"},
        )  # fmt: skip


async def test_cases_are_told_with_their_forms_sealed_and_looks_without_names() -> None:
    answer = await asked(CASE.merchant_id)
    told = CaseFile.model_validate_json(answer.content)
    assert [(one.case_id, one.intake) for one in told.cases] == [(CASE.case_id, CASE.intake)]
    assert [look.roles for look in told.looks] == [(), ("agent",)]
    assert KARI not in answer.text


async def test_a_case_that_is_over_says_since_when() -> None:
    over = replace(CASE, status=Status.CLOSED, changed_at=NOW, closed_reason="solved")
    open_ended = replace(CASE, changed_at=NOW)
    for case, ended_at in ((over, NOW), (open_ended, None)):
        kept = Kept(case)
        (told,) = CaseFile.model_validate_json(
            (await asked(CASE.merchant_id, kept=kept)).content
        ).cases
        assert told.ended_at == ended_at


async def test_another_merchant_has_nothing_and_strangers_get_nothing() -> None:
    assert CaseFile.model_validate_json((await asked("havsro")).content) == CaseFile()
    assert (await asked(CASE.merchant_id, "guessed")).status_code == 401
