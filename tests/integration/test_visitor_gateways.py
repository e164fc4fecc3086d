"""Several gateways on the real broker and store: each tab gets everything, whichever it came to."""

from collections.abc import Mapping
from typing import Any

from deploy.local.ports import Ports
from libs.kit.content import Packs
from services.gateway import app as gateway
from services.gateway.settings import GatewaySettings
from services.retention import app as retention
from services.retention.settings import RetentionSettings
from tests.builders import ORIGIN, pack
from tests.running import running
from tests.visitor import Visitor


async def test_with_several_gateways_each_tab_gets_everything(
    house_env: Mapping[str, str],
) -> None:
    ports = Ports()
    retaining = ports.any()
    packs = Packs(pack())
    keeping = retention.build(RetentionSettings(retention_internal_port=retaining), content=packs)
    publics = [ports.any(), ports.any()]
    gateways = [second_gateway(public, ports.any(), retaining, packs) for public in publics]
    async with running(keeping, *gateways):
        first = Visitor(f"http://127.0.0.1:{publics[0]}", ORIGIN, "fjellbekk")
        async with first:
            await first.until(lambda me: me.owner)
            second = Visitor(
                f"http://127.0.0.1:{publics[1]}", ORIGIN, "fjellbekk",
                conversation_id=first.conversation_id, token=first.token,
            )  # fmt: skip
            async with second:
                await second.until(lambda me: me.owner)
                for number in range(6):
                    await (first, second)[number % 2].say(f"{number}")
                for tab in (first, second):
                    await tab.until(lambda me: me.last_seq == 6)
                    assert {m["text"] for m in tab.shown()} == {str(n) for n in range(6)}


def second_gateway(public: int, internal: int, retaining: int, packs: Packs) -> Any:
    settings = GatewaySettings(
        gateway_public_port=public,
        gateway_internal_port=internal,
        gateway_peer_url=f"http://127.0.0.1:{internal}",
        retention_url=f"http://127.0.0.1:{retaining}",
    )
    return gateway.build(settings, content=packs)
