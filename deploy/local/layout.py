"""Which part of a house listens where, and what each process is told about the others."""

from pathlib import Path

from deploy.local.ports import HOST, Ports
from libs.contracts.topics import SERVICES

MERCHANTS = ("fjellbekk", "havsro")
"""The two demo shops."""

DEMO_AGENTS = {"kari@fjellbekk.example": "fjellbekk", "elsa@havsro.example": "havsro"}
"""The two demo agents and the merchant that each works for."""

DEMO_EDITORS = {"siri@fjellbekk.example": "fjellbekk", "nils@havsro.example": "havsro"}
"""The two demo editors and the merchant whose content each writes."""

PREFERRED = {
    "fjellbekk": 8080,
    "havsro": 8081,
    "gateway": 8090,
    "handoff": 8091,
    "analytics": 8092,
    "strip": 8093,
    "authoring": 8094,
}
"""The ports that the documentation names; a taken one is replaced by the next free one."""


class Layout:
    """The ports of one house; with `fixed` the well-known ones are tried first."""

    def __init__(self, ports: Ports, *, fixed: bool = True) -> None:
        self.public = {
            name: ports.prefer(port) if fixed else ports.any() for name, port in PREFERRED.items()
        }
        self.internal = {service: ports.any() for service in SERVICES}

    def url(self, name: str) -> str:
        """The public address of a shop, the strip or a service."""
        return f"http://{HOST}:{self.public[name]}"

    def internal_url(self, service: str) -> str:
        """The address of a service's internal port."""
        return f"http://{HOST}:{self.internal[service]}"

    def links(self) -> dict[str, str]:
        """The addresses for people."""
        return {
            "fjellbekk": f"{self.url('fjellbekk')}/",
            "havsro": f"{self.url('havsro')}/",
            "console": f"{self.url('handoff')}/",
            "statistics": f"{self.url('analytics')}/",
            "authoring": f"{self.url('authoring')}/",
            "gateway": self.url("gateway"),
            "playground": f"{self.url('gateway')}/playground?merchant=fjellbekk",
            "strip": self.url("strip"),
        }

    def env(self, secrets: Path) -> dict[str, str]:
        """What every process is told, besides broker and store."""
        return {
            **self._port_variables(), **self._url_variables(), "PRAT_SECRETS_DIR": str(secrets),
            # Without a mail server, what would be sent can be read here.
            "PRAT_HANDOFF_MAIL_FOLDER": str(secrets.parent / "mail"),
        }  # fmt: skip

    def _port_variables(self) -> dict[str, str]:
        public = {name: port for name, port in self.public.items() if name in SERVICES}
        variables = {f"PRAT_{name.upper()}_PUBLIC_PORT": str(p) for name, p in public.items()}
        for service, port in self.internal.items():
            variables[f"PRAT_{service.upper()}_INTERNAL_PORT"] = str(port)
        variables["PRAT_NLU_AUTHORING_PORT"] = str(self.public["authoring"])
        return {"PRAT_HOST": HOST, **variables}

    def _url_variables(self) -> dict[str, str]:
        shops = {f"PRAT_SHOP_{merchant.upper()}_URL": self.url(merchant) for merchant in MERCHANTS}
        return {
            **shops,
            # The demo shops' order systems are on this machine and speak plain HTTP.
            "PRAT_NLU_WEBHOOK_PLAIN_HOSTS": HOST,
            "PRAT_HANDOFF_WEBHOOK_PLAIN_HOSTS": HOST,
            "PRAT_GATEWAY_URL": self.url("gateway"),
            "PRAT_CONSOLE_URL": self.url("handoff"),
            "PRAT_STATISTICS_URL": self.url("analytics"),
            "PRAT_AUTHORING_URL": self.url("authoring"),
            "PRAT_STRIP_URL": self.url("strip"),
            "PRAT_RETENTION_URL": self.internal_url("retention"),
            "PRAT_HANDOFF_URL": self.internal_url("handoff"),
        }
