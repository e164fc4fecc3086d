"""What a simulated day says of the rules: figures for programs, a page and a drawing for people."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from statistics import median
from typing import Any

from deploy.simulation.run import Outcome, Wait

BAR_ERROR = 0.3
"""The estimate's median error may be as large as this."""

PLACES = ((1, 1), (2, 5), (6, 20), (21, 9999))
WIDTH = 40

Figures = dict[str, Any]


def figures(outcome: Outcome) -> Figures:
    """Everything that was measured; shares and errors are between 0 and 1, times in seconds."""
    waited = [wait for wait in outcome.waits if wait.seconds >= 1]
    shown = [wait for wait in waited if wait.said.middle is not None]
    return {
        "plan": asdict(outcome.plan),
        "queued": outcome.queued, "left_messages": outcome.filed, "gave_up": outcome.left,
        "closed": outcome.closed, "waiting_at_end": outcome.waiting_at_end, "taken_back": outcome.taken_back,
        "longest_queue": outcome.longest_queue, "told_anew": outcome.told_anew,
        "waited": len(waited), "median_wait": _median(wait.seconds for wait in waited),
        "shown": len(shown) / max(1, len(waited)),
        "median_error": _median(map(error, shown)),
        "inside_range": sum(map(_inside, shown)) / max(1, len(shown)),
        "by_place": [_of_places(shown, *between) for between in PLACES],
        "idle_while_waiting": outcome.idle, "overtaken": outcome.overtaken,
        "seconds": round(outcome.seconds, 1),
    }  # fmt: skip


def passed(found: Figures) -> bool:
    """Whether the bars are kept: nobody idle, nobody overtaken, the estimate near enough."""
    is_fair = found["idle_while_waiting"] == 0 and found["overtaken"] == 0
    return is_fair and (found["median_error"] or 0) <= BAR_ERROR


def lines(found: Figures) -> list[str]:
    """The figures in words, a line each."""
    said = [
        _day(found), _waits(found),
        f"Idle agents while somebody waits: {found['idle_while_waiting']} (bar 0)",
        f"Overtaken within skill and language: {found['overtaken']} (bar 0)",
        _estimate(found),
    ]  # fmt: skip
    for one in found["by_place"]:
        if one["waits"]:
            about = f"{one['waits']:>6,} waits, median error {_percent(one['error'])}"
            said.append(f"  place {one['places']:<8} {about}")
    return said


def _day(found: Figures) -> str:
    return (
        f"{found['queued']:,} queued, {found['left_messages']:,} left messages, "
        f"{found['gave_up']:,} gave up waiting, {found['closed']:,} closed, "
        f"{found['waiting_at_end']} still waiting when the last agent went, "
        f"{found['taken_back']} taken back from agents who vanished"
    )


def _waits(found: Figures) -> str:
    return (
        f"{found['waited']:,} waited: half of them {found['median_wait'] or 0:.0f} s or longer; "
        f"longest queue {found['longest_queue']}"
    )


def _estimate(found: Figures) -> str:
    return (
        f"Estimate's median error: {_percent(found['median_error'])} (bar {_percent(BAR_ERROR)}); "
        f"shown to {_percent(found['shown'])}; real wait inside the range: "
        f"{_percent(found['inside_range'])} (it is the middle half)"
    )


def page(found: Figures, waits: Sequence[Wait]) -> str:
    """The report as Markdown."""
    plan = found["plan"]
    asked = f"{plan['chats']:,} visitors, {plan['agents']} agents, seed {plan['seed']}"
    said = "\n".join(f"- {line.strip()}" for line in lines(found))
    drawn = "\n".join(drawing(waits))
    return f"# A day of {asked}\n\n{said}\n\n```text\n{drawn}\n```\n"


def drawing(waits: Sequence[Wait]) -> list[str]:
    """By hour of entering the queue: the median of what was said, and of what it was."""
    hours: dict[int, list[Wait]] = {}
    for wait in waits:
        if wait.said.middle is not None and wait.seconds >= 1:
            hours.setdefault(wait.entered_at.hour, []).append(wait)
    pairs = {
        hour: (median(w.said.middle or 0 for w in some), median(w.seconds for w in some))
        for hour, some in sorted(hours.items())
    }
    most = max((max(pair) for pair in pairs.values()), default=1.0)
    drawn = ["hour   minutes waited, said (-) and real (#)"]
    for hour, (said, real) in pairs.items():
        drawn.append(f"{hour:>4}   {'-' * round(WIDTH * said / most):<{WIDTH}} {said / 60:5.1f}")
        drawn.append(f"       {'#' * round(WIDTH * real / most):<{WIDTH}} {real / 60:5.1f}")
    return drawn


def error(wait: Wait) -> float:
    """How far the estimate was from the real wait, as a share of it."""
    return abs((wait.said.middle or 0) - wait.seconds) / wait.seconds


def _of_places(shown: Iterable[Wait], low: int, high: int) -> Figures:
    there = [wait for wait in shown if low <= wait.said.position <= high]
    name = str(low) if low == high else f"{low}-{high}" if high < PLACES[-1][1] else f"{low}-"
    return {"places": name, "waits": len(there), "error": _median(map(error, there))}


def _inside(wait: Wait) -> bool:
    return (wait.said.low or 0) <= wait.seconds <= (wait.said.high or 0)


def _median(values: Iterable[float]) -> float | None:
    found = [*values]
    return round(median(found), 4) if found else None


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.1f} %"
