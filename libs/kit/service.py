"""The life of a service process: prepare, start, serve, watch, stop; the same for all five."""

import asyncio
import signal
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import structlog
import uvicorn
from aiokafka.errors import KafkaConnectionError, KafkaError
from starlette.applications import Starlette
from starlette.routing import BaseRoute

from libs.kit import logs
from libs.kit.bus import Bus
from libs.kit.errors import ConfigurationError
from libs.kit.http import Check, health_routes, web_app
from libs.kit.metrics import Readings
from libs.kit.mongo import AWAY_ERRORS, Client
from libs.kit.settings import CommonSettings, redacted_url

Step = Callable[[], Awaitable[None]]

ORDERLY_SECONDS = 20.0
"""Longest end of a service that was told to stop: a handler's budget, and leaving the groups."""

BROKEN_SECONDS = 5.0
"""Longest end of one that has failed: a consumer that is stuck may never leave its group."""

WATCH_SECONDS = 2.0
"""How often the watchdog asks whether the bus still moves."""

SOCKET_LIMITS: dict[str, object] = {
    "ws": "websockets-sansio", "ws_per_message_deflate": False, "ws_ping_interval": 20.0,
    "ws_max_size": 16 * 1024,
}  # fmt: skip
"""Deflate costs 40 kB a socket and gains nothing on short frames; larger frames are refused."""


@dataclass
class Listener:
    """A web application and the port it is served on."""

    app: Starlette
    port: int


@dataclass
class Service:
    """One service, built by its `app.py` and run by `run`."""

    name: str
    settings: CommonSettings
    bus: Bus
    client: Client
    prepare: list[Step] = field(default_factory=list)
    background: list[Step] = field(default_factory=list)
    finish: list[Step] = field(default_factory=list)
    checks: dict[str, Check] = field(default_factory=dict)
    alarms: dict[str, Check] = field(default_factory=dict)
    readings: list[Readings] = field(default_factory=list)
    listeners: list[Listener] = field(default_factory=list)

    def health(self) -> Starlette:
        """An application with the health routes only."""
        return web_app(self.health_routes())

    def health_routes(self) -> list[BaseRoute]:
        """Health and figures; readiness asks for bus, store, and whatever the service adds."""
        checks = {"bus": self._bus_check, "store": self._store_check, **self.checks}
        return health_routes(self.bus.problem, checks, self.alarms, self.readings)

    async def _bus_check(self) -> str | None:
        return None if self.bus.assigned() else "no partitions assigned yet"

    async def _store_check(self) -> str | None:
        try:
            await self.client.admin.command("ping")
        except AWAY_ERRORS:
            return "the store does not answer"
        return None


def run(build: Callable[[], Service]) -> None:
    """Runs a service until it is told to stop; exits with 1 and a clear line when it cannot."""
    import uvloop

    try:
        service = build()
        logs.configure(service.name, service.settings.log_level, service.settings.log_format)
        code = uvloop.run(_serve_until_told(service))
    except ConfigurationError as error:
        sys.stderr.write(f"prat: {error.cause}\n  Fix: {error.fix}\n")
        code = 1
    sys.exit(code)


async def serve_until(service: Service, stopping: asyncio.Event) -> int:
    """Starts everything in order, waits for `stopping` or a failure, stops in reverse; exit code."""
    log = structlog.get_logger()
    await _when_reachable(service, [*service.prepare, service.bus.start])
    servers = [_server(service.settings.host, listener) for listener in service.listeners]
    tasks = [asyncio.create_task(server.serve()) for server in servers]
    tasks += [asyncio.create_task(_as_coroutine(step)) for step in service.background]
    log.info("Service is up.", port=[listener.port for listener in service.listeners])
    code = await _watch(service, stopping, tasks)
    seconds = BROKEN_SECONDS if code else ORDERLY_SECONDS
    await _shut_down(service, servers, tasks, seconds)
    log.info("Service has stopped.", status=code)
    return code


async def _when_reachable(service: Service, steps: list[Step]) -> None:
    for step in steps:
        try:
            async with asyncio.timeout(service.settings.start_timeout_seconds):
                await _until_reachable(step)
        except TimeoutError:
            raise _not_reachable(service) from None


async def _until_reachable(step: Step) -> None:
    log = structlog.get_logger()
    while True:
        try:
            return await step()
        except (*AWAY_ERRORS, KafkaConnectionError, KafkaError, ConnectionError) as error:
            log.warning("Waiting for broker and store.", error=type(error).__name__)
            await asyncio.sleep(0.5)


def _not_reachable(service: Service) -> ConfigurationError:
    settings = service.settings
    return ConfigurationError(
        f"Broker ({settings.kafka_bootstrap}) or store ({redacted_url(settings.mongo_url)}) did "
        f"not answer within {settings.start_timeout_seconds:.0f} s.",
        "start them (`prat up` does), or correct KAFKA_BOOTSTRAP and MONGO_URL; `prat doctor` "
        "tells which one is away.",
    )


async def _watch(service: Service, stopping: asyncio.Event, tasks: list[asyncio.Task[None]]) -> int:
    log = structlog.get_logger()
    while not stopping.is_set():
        if problem := service.bus.problem():
            log.critical("The bus has stopped moving; leaving to be restarted.", problem=problem)
            return 1
        if dead := next((task for task in tasks if task.done()), None):
            error = dead.exception() if not dead.cancelled() else None
            log.critical("A part of the service ended.", error=type(error).__name__)
            return 1
        try:
            async with asyncio.timeout(WATCH_SECONDS):
                await stopping.wait()
        except TimeoutError:
            continue
    return 0


async def _shut_down(
    service: Service, servers: list[uvicorn.Server], tasks: list[asyncio.Task[None]], seconds: float
) -> None:
    for server in servers:
        server.should_exit = True
    try:
        async with asyncio.timeout(seconds):
            await service.bus.stop()
            for step in service.finish:
                await step()
    except TimeoutError:
        # The group notices by itself that the consumer is gone; hanging here would help nobody.
        structlog.get_logger().error("The service did not end in order; leaving it as it is.")
    for task in tasks[len(servers) :]:
        task.cancel()
    await asyncio.wait(tasks, timeout=3) if tasks else None
    service.client.close()


async def _as_coroutine(step: Step) -> None:
    await step()


def _server(host: str, listener: Listener) -> uvicorn.Server:
    config = uvicorn.Config(
        listener.app, host=host, port=listener.port, log_config=None, access_log=False,
        lifespan="off", timeout_graceful_shutdown=2, server_header=False,
        **SOCKET_LIMITS,  # type: ignore[arg-type]
    )  # fmt: skip
    return _QuietServer(config)


class _QuietServer(uvicorn.Server):
    """Leaves signals to `serve`, which stops the parts of a service in order."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def _serve_until_told(service: Service) -> int:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stopping.set)
    return await serve_until(service, stopping)
