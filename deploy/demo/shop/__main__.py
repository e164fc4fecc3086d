"""The shop's command line: `python -m deploy.demo.shop --merchant fjellbekk --port 8080`."""

import signal
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer
import uvicorn

from deploy.demo.shop.app import create_app
from deploy.demo.shop.catalogue import MERCHANTS
from deploy.demo.shop.settings import ShopSettings
from deploy.demo.shop.webhook import MissingSecretError

GRACE_SECONDS = 2


def _known(merchant: str) -> str:
    if merchant not in MERCHANTS:
        raise typer.BadParameter(f"choose one of: {', '.join(MERCHANTS)}")
    return merchant


def main(
    merchant: Annotated[
        str, typer.Option(callback=_known, help=f"Which shop: {', '.join(MERCHANTS)}.")
    ],
    port: Annotated[int, typer.Option(min=1, max=65535, help="The port to listen on.")] = 8080,
    order_book: Annotated[
        Path | None,
        typer.Option(help="Where to write the order book (SQLite); default: a temporary folder."),
    ] = None,
) -> None:
    """Run one invented web shop with its own products, order system and privacy notice.

    Environment: PRAT_GATEWAY_URL, PRAT_CONSOLE_URL, PRAT_STRIP_URL (addresses that the page links
    to), PRAT_SECRETS_DIR (folder with webhook-MERCHANT.secret), PRAT_HOST (default 127.0.0.1),
    PRAT_SHOP_FJELLBEKK_URL and PRAT_SHOP_HAVSRO_URL (addresses that the product feeds link to).
    """
    # uvicorn raises the signal again when it has stopped; leaving by an exit removes the folder.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    settings = ShopSettings()
    with tempfile.TemporaryDirectory(prefix="prat-shop-") as folder:
        path = (order_book or Path(folder) / f"orders-{merchant}.sqlite3").resolve()
        try:
            app = create_app(merchant, settings, path)
        except MissingSecretError as exc:
            typer.echo(f"error: {exc}", err=True)
            raise typer.Exit(2) from exc
        uvicorn.run(
            app,
            host=settings.host,
            port=port,
            access_log=False,
            log_level="warning",
            timeout_graceful_shutdown=GRACE_SECONDS,
        )


if __name__ == "__main__":
    typer.run(main)
