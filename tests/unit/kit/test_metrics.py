"""Figures for monitoring: one family per name, labels in order, and the routes that tell them."""

import httpx

from libs.kit.http import health_routes, web_app
from libs.kit.metrics import Reading, exposition


def test_readings_of_one_name_are_one_family() -> None:
    text = exposition([
        Reading("ttl_lag_seconds", "How late.", 3, {"collection": "a.b"}),
        Reading("ttl_lag_seconds", "How late.", 0, {"collection": "a.c"}),
        Reading("erasures_overdue", "Too long.", 1),
    ]).decode()  # fmt: skip
    assert text.splitlines() == [
        "# HELP ttl_lag_seconds How late.", "# TYPE ttl_lag_seconds gauge",
        'ttl_lag_seconds{collection="a.b"} 3.0', 'ttl_lag_seconds{collection="a.c"} 0.0',
        "# HELP erasures_overdue Too long.", "# TYPE erasures_overdue gauge",
        "erasures_overdue 1.0",
    ]  # fmt: skip


async def overdue() -> list[Reading]:
    return [Reading("erasures_overdue", "Too long.", 2)]


async def expiry() -> str | None:
    return "3 documents of prat_retention.messages without an end"


async def test_the_health_routes_tell_figures_and_alarms() -> None:
    routes = health_routes(lambda: None, {}, {"expiry": expiry}, [overdue])
    served = httpx.ASGITransport(web_app(routes))
    async with httpx.AsyncClient(transport=served, base_url="http://house.example") as client:
        figures, ready = await client.get("/metrics"), await client.get("/readyz")
    assert "erasures_overdue 2.0" in figures.text
    assert figures.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert ready.status_code == 200, "an alarm does not take the service away"
    assert ready.json()["alarms"] == {"expiry": await expiry()}
