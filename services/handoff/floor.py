"""What is to be done on the floor now: whom to give what, who has gone away, how long waits are. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from libs.contracts.content import Merchant
from services.handoff.case import Case
from services.handoff.ending import has_given_up
from services.handoff.places import places, teams_of
from services.handoff.presence import Floor, skills_of
from services.handoff.routing import Key, Seat, match
from services.handoff.waiting import Forecast, forecast_of


@dataclass(frozen=True)
class Pace:
    """How often rounds are made, and when visitors hear of other waits than before."""

    seconds: float = 2.0
    share: float = 0.2
    pause: timedelta = timedelta(seconds=1.5)


def gone_away(
    waiting: Iterable[Case], merchants: Mapping[str, Merchant], now: datetime
) -> list[Case]:
    """Cases whose visitors have given up."""
    return [case for case in waiting if has_given_up(case, merchants[case.merchant_id], now)]


def are_given(waiting: Iterable[Case], merchants: Mapping[str, Merchant]) -> bool:
    """Whether some of them are given to agents, who need not claim them."""
    return any(merchants[case.merchant_id].routing == "auto" for case in waiting)


def to_give(
    waiting: Iterable[Case], merchants: Mapping[str, Merchant], floor: Floor
) -> list[tuple[Case, Seat]]:
    """Which cases go to whom, at the merchants that have them given."""
    given = [case for case in waiting if merchants[case.merchant_id].routing == "auto"]
    return match(given, floor.seats())


def places_by_queue(
    merchants: Iterable[Merchant], floor: Floor, waiting: Iterable[Case]
) -> dict[Key, float]:
    """How many cases of each queue can be handled at a time."""
    queues = [(merchant.id, skill) for merchant in merchants for skill in skills_of(merchant)]
    lengths = Counter((case.merchant_id, case.skill) for case in waiting)
    teams = teams_of(floor.seats(), queues)
    return {queue: places(teams, queue, lengths) for queue in queues}


def reckoned(
    room: Mapping[Key, float], handled: Mapping[Key, Sequence[float]]
) -> dict[Key, Forecast]:
    """The forecast of each queue from its places and the handling times that are known of it."""
    return {key: forecast_of(handled.get(key, ()), count) for key, count in room.items()}


def news(
    reckoned_now: Mapping[Key, Forecast], said: Mapping[Key, Forecast], share: float
) -> dict[Key, Forecast]:
    """The forecasts that are clearly others than what was said last."""
    return {
        key: forecast
        for key, forecast in reckoned_now.items()
        if forecast.differs(said.get(key, Forecast()), share)
    }
