"""A shop with an invented secret and a fixed day."""

import base64
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from deploy.demo.shop.app import create_app
from deploy.demo.shop.settings import ShopSettings

SECRET = "whsec_" + base64.b64encode(b"an invented secret of a test 123").decode()


Browse = Callable[..., httpx.AsyncClient]


@pytest.fixture
def secret() -> str:
    return SECRET


@pytest.fixture
def settings(tmp_path: Path, secret: str) -> ShopSettings:
    for merchant in ("fjellbekk", "havsro"):
        (tmp_path / f"webhook-{merchant}.secret").write_text(secret + "\n")
        (tmp_path / f"identity-{merchant}.keys").write_text(f"new {'k' * 43}\nold {'o' * 43}\n")
    return ShopSettings(
        gateway_url="http://127.0.0.1:8090",
        strip_url="http://127.0.0.1:8093",
        console_url="http://127.0.0.1:8091",
        secrets_dir=tmp_path,
        shop_fjellbekk_url="http://127.0.0.1:8080",
        shop_havsro_url=None,
    )


@pytest.fixture
def browse(settings: ShopSettings, tmp_path: Path) -> Browse:
    """Makes a client of a shop, with other settings if asked."""

    def client(merchant: str, **changes: str) -> httpx.AsyncClient:
        changed = settings.model_copy(update=changes)
        app = create_app(merchant, changed, tmp_path / f"{merchant}.sqlite3")
        transport = httpx.ASGITransport(app)
        return httpx.AsyncClient(transport=transport, base_url="http://shop.example")

    return client


@pytest.fixture
def fjellbekk(browse: Browse) -> httpx.AsyncClient:
    return browse("fjellbekk")


@pytest.fixture
def havsro(browse: Browse) -> httpx.AsyncClient:
    return browse("havsro")
