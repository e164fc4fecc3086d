"""Figures for the operators' monitoring: named numbers, never anything personal, as Prometheus reads them."""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from prometheus_client.core import Metric

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


@dataclass(frozen=True)
class Reading:
    """One number of now; `labels` name collections and services, never a person or conversation."""

    name: str
    meaning: str
    value: float
    labels: Mapping[str, str] = field(default_factory=dict)


Readings = Callable[[], Awaitable[list[Reading]]]
"""Who is asked for numbers at each visit of the monitoring."""


def exposition(readings: Iterable[Reading]) -> bytes:
    """The numbers in Prometheus' text format."""
    # Imported by whoever is asked first: most processes of a small house never are.
    from prometheus_client import CollectorRegistry, generate_latest

    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Told([*readings]))
    return generate_latest(registry)


class _Told:
    """Readings as the families that the library writes down."""

    def __init__(self, readings: list[Reading]) -> None:
        self._readings = readings

    def collect(self) -> Iterator["Metric"]:
        """One family per name."""
        from prometheus_client.core import GaugeMetricFamily

        families: dict[str, GaugeMetricFamily] = {}
        for reading in self._readings:
            family = families.get(reading.name)
            if family is None:
                family = GaugeMetricFamily(reading.name, reading.meaning, labels=[*reading.labels])
                families[reading.name] = family
            family.add_metric([*reading.labels.values()], reading.value)
        yield from families.values()
