"""How long a wait will be: from what cases took lately and how many can be handled at a time. Pure.

With c places that are all busy, cases end about every m / c seconds, where m is the mean handling time:
the stationary departures of c independent renewal processes come at the rate c / m. Whoever stands
at position p waits for the p-th of them, so for

    mean      p · m / c
    variance  (m / c)² · (min(p, c) + max(0, p - c) · s²)

where s² is the squared coefficient of variation of handling times. The first c departures come from
different places and pool to nearly a Poisson process (Palm-Khintchine theorem; variance 1 each, in
units of (m / c)²); later ones repeat places, whose own spread s² then counts (Cox, Renewal Theory,
1962, ch. 6). The sum is fitted by a Gamma distribution with that mean and variance (exactly Erlang's
for exponential times), and the range shown is its middle half, by Wilson and Hilferty's
approximation of Gamma quantiles (PNAS 17, 1931).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import fmean

from libs.contracts.case import WaitRange

FEWEST_SAMPLES = 5
"""With fewer cases handled lately nothing is said of a wait."""

QUARTILE = 0.674489750196082
"""The standard normal distribution's upper quartile: the middle half lies between it and its mirror."""


@dataclass(frozen=True)
class Forecast:
    """What waits in a queue are reckoned from; the empty one knows nothing."""

    count: int = 0
    mean: float = 0.0
    variance: float = 0.0
    places: float = 0.0

    @property
    def pace(self) -> float | None:
        """Seconds from one departure to the next; None while too little is known."""
        if self.count < FEWEST_SAMPLES or self.places <= 0 or self.mean <= 0:
            return None
        return self.mean / self.places

    def wait(self, position: int) -> WaitRange | None:
        """The middle half of the waits at a position (1 = next), or None."""
        low, high = self.quantile(position, -QUARTILE), self.quantile(position, QUARTILE)
        if low is None or high is None:
            return None
        return WaitRange(low_seconds=round(low), high_seconds=round(high))

    def quantile(self, position: int, z: float) -> float | None:
        """The wait at a position that belongs to the normal deviate `z` (0 = the median)."""
        if self.pace is None:
            return None
        mean = position * self.pace
        pooled, repeated = min(position, self.places), max(0, position - self.places)
        spread = self.variance / self.mean**2
        return gamma_quantile(mean, self.pace**2 * (pooled + repeated * spread), z)

    def differs(self, other: "Forecast", share: float) -> bool:
        """Whether waits by the other one are clearly longer or shorter, or known where these are not."""
        if self.pace is None or other.pace is None:
            return (self.pace is None) is not (other.pace is None)
        return abs(other.pace / self.pace - 1) > share


NOTHING_KNOWN = Forecast()


def forecast_of(handled: Sequence[float], places: float) -> Forecast:
    """The forecast from recent handling times in seconds and the cases handled at a time."""
    if not handled:
        return Forecast(places=places)
    mean = fmean(handled)
    # Not statistics.pvariance: its exact fractions take a hundred times as long.
    variance = fmean((seconds - mean) ** 2 for seconds in handled)
    return Forecast(len(handled), mean, variance, places)


def gamma_quantile(mean: float, variance: float, z: float) -> float:
    """Where a Gamma distribution of this mean and variance has the normal deviate `z`."""
    if variance <= 0:
        return mean
    inverse_shape = variance / mean**2
    root = 1 - inverse_shape / 9 + z * sqrt(inverse_shape) / 3
    return mean * max(0.0, root) ** 3
