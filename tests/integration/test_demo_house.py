"""The demo house: broker, store, shops and strip around stub services."""

import json
import os
import sys
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest

from deploy.demo.history.visits import Visit
from deploy.demo.runner import DemoHouse
from deploy.local.house import Options
from deploy.local.layout import MERCHANTS
from deploy.local.places import ROOT, Places
from deploy.local.progress import Done
from tests.running import LIGHT

pytestmark = pytest.mark.connected

CACHE = Path(os.environ.get("PRAT_CACHE_DIR", ROOT / ".prat"))
STUB = ROOT / "tests" / "fixtures" / "stub_service.py"


async def publish_folder(_folder: Path, env: dict[str, str], *, over_editors: bool) -> list[str]:
    """Stands in for the content command; the broker's address is what it needs most."""
    assert not over_editors
    return [f"published to {env['KAFKA_BOOTSTRAP']}"]


async def test_the_demo_tells_its_steps_and_where_to_click(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = SimpleNamespace(publish_folder=publish_folder)
    monkeypatch.setitem(sys.modules, "deploy.cli.content", content)
    steps: list[Done] = []
    options = Options(
        restart_dead=False,
        fixed_ports=False,
        command=lambda name: [sys.executable, str(STUB), name],
    )
    house = DemoHouse(Places(tmp_path, CACHE), options, on_step=steps.append, environ=LIGHT)
    house.visits = (Visit("fjellbekk", "nb", ("Hei!",)), Visit("havsro", "sv", ("Hej!",)))
    await house.start()
    try:
        summary = json.loads(json.dumps(house.summary()))
        async with httpx.AsyncClient() as client:
            pages = [await client.get(summary["urls"][merchant]) for merchant in MERCHANTS]
        house.services["nlu"].kill()
        await house.restart("nlu")
        restarted = house.pids["nlu"]
    finally:
        await house.stop()
    assert [step.title for step in steps] == [
        "broker, store", "topics", "secrets", "bot content", "services", "visitors",
    ]  # fmt: skip
    assert steps[3].detail == f"published to {summary['kafka_bootstrap']}"
    assert steps[5].detail == "0 of 2 had every question answered", "no stub answers visitors"
    assert house.env["PRAT_ANALYTICS_INBOX_SHARE"] == "1"
    assert [page.status_code for page in pages] == [200, 200]
    assert all(summary["urls"]["gateway"] in page.text for page in pages)
    assert set(summary["pids"]) == {
        "kafka", "store", *house.services, "shop-fjellbekk", "shop-havsro", "strip",
    }  # fmt: skip
    assert len(summary["agents"]["kari@fjellbekk.example"]) >= 16
    assert summary["statistics_tokens"].keys() == set(MERCHANTS)
    assert restarted != summary["pids"]["nlu"]
    assert house.pids == {}
