"""Two hundred cases in the lists in Chromium: nothing is drawn anew that did not change."""

import json
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import BrowserContext, Page, Route, expect

from tests.e2e.desk import log_in
from tests.e2e.shop import accessibility_faults
from tests.handoff_house import House, handoff_house

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

CASES = 200
LONG_TASK_MS = 50
WATCH = """() => {
  window.seen = { tasks: [], rows: 0 };
  new PerformanceObserver((list) => {
    window.seen.tasks.push(...list.getEntries().map((one) => one.duration));
  }).observe({ type: "longtask" });
  const rows = document.querySelector("#queue-list");
  const isClock = ({ target }) => (target.closest ? target : target.parentElement)?.closest(".wait");
  new MutationObserver((changes) => {
    window.seen.rows += changes.filter((change) => !isClock(change)).length;
  }).observe(rows, { childList: true, subtree: true, characterData: true, attributes: true });
  rows.querySelectorAll("li").forEach((row) => { row.marked = true; });
}"""


@pytest_asyncio.fixture(loop_scope="session")
async def house(house_env: Mapping[str, str]) -> AsyncIterator[House]:
    async with handoff_house(house_env) as house:
        yield house


def waiting(number: int, position: int, now: datetime) -> dict[str, Any]:
    """A case view as the server gives it."""
    at = (now - timedelta(seconds=3 * (CASES - number))).isoformat()
    return {
        "case_id": f"00000000-0000-4000-8000-{number:012d}", "topic": "track_parcel",
        "merchant": {"id": "fjellbekk", "name": "Fjellbekk Friluft AS"}, "status": "queued",
        "title": {"nb": f"Sak {number}"}, "skill": "delivery", "language": "nb", "version": 1,
        "mine": False, "owner_name": None, "watchers": [], "reason": "asked", "was_filed": False,
        "opens_at": None, "position": position, "wait": None, "queued_at": at, "assigned_at": None,
        "last_said_at": None, "unread": False, "erased_on": at, "closed": None, "rating": None,
    }  # fmt: skip


class Queue:
    """What the page is told of the queue."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)
        self.numbers = list(range(CASES))

    async def answer(self, route: Route) -> None:
        """Answers a look at the lists."""
        rows = [waiting(number, at + 1, self.now) for at, number in enumerate(self.numbers)]
        now = datetime.now(UTC).isoformat()
        lists = {"now": now, "waiting": rows, "filed": [], "mine": []}
        await route.fulfill(body=json.dumps(lists), content_type="application/json")


async def looked(page: Page, times: int) -> None:
    """The page has looked at the lists so many times more."""
    for _ in range(times):
        async with page.expect_response("**/api/queue"):
            pass


async def test_two_hundred_cases_cost_nothing_while_nothing_changes(
    house: House, context: BrowserContext
) -> None:
    page, queue = await context.new_page(), Queue()
    await page.route("**/api/queue", queue.answer)
    await log_in(page, house, waiting=CASES)
    assert not await accessibility_faults(page)
    await page.evaluate(WATCH)
    await looked(page, times=3)
    seen = await page.evaluate("window.seen")
    assert seen["rows"] == 0
    assert [round(took) for took in seen["tasks"] if took > 2 * LONG_TASK_MS] == []
    queue.numbers.remove(100)
    queue.numbers.append(CASES)
    await expect(page.locator("#queue li", has_text="Sak 200")).to_have_count(1)
    await expect(page.locator("#queue li")).to_have_count(CASES)
    kept = "[...document.querySelectorAll('#queue li')].filter((row) => row.marked).length"
    assert await page.evaluate(kept) == CASES - 1
