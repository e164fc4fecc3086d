"""The proof itself: a house of its own and three conversations; one is erased, two end by time."""

import asyncio
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from deploy.demo.runner import DemoHouse
from deploy.local import faketime
from libs.kit.mongo import connect
from tests.proof.canaries import Canaries, found_in
from tests.proof.look import Expected, Look, Looking
from tests.proof.proof import Ending, Proof
from tests.proof.resurrection import back_up, once_more, restored
from tests.proof.scan import scan
from tests.proof.story import Told, erase, figures, tell, tell_the_bot
from tests.proof.travelling import journey

PRESENT, GONE = Expected.PRESENT, Expected.GONE


@dataclass
class Trial:
    """One conversation on its way to an end."""

    told: Told
    ending: Ending

    @property
    def conversation(self) -> str:
        """Its id."""
        return self.told.visitor.conversation_id

    def add(self, look: Look) -> None:
        """Another look at it."""
        self.ending.looks.append(look)


class Steps:
    """Says on stderr what is done, and how long the proof has taken so far."""

    def __init__(self) -> None:
        self._began = time.monotonic()

    def __call__(self, step: str) -> None:
        sys.stderr.write(f"[{time.monotonic() - self._began:4.0f} s] {step}\n")


async def prove(house: DemoHouse, *, leak: bool, no_expiry: str) -> Proof:
    """All ways to an end, one after the other, in one house.

    `leak` plants a canary in a log, `no_expiry` says why there is no journey in time.
    """
    say = Steps()
    say("a house starts")
    await house.start()
    try:
        return await _prove(house, say, leak=leak, no_expiry=no_expiry)
    finally:
        await house.stop()


async def _prove(house: DemoHouse, say: Steps, *, leak: bool, no_expiry: str) -> Proof:
    say("visitors and an agent write wherever one can write")
    gone, person, bot = await stories(house)
    proof = Proof([one.ending for one in (gone, person, bot)], house.stack.sentence)
    await controls(house, (gone, person, bot))
    backup = house.places.root / "backup"
    await back_up(house, backup)
    await keep_figures(house)

    say("one conversation is erased, then all its records come again")
    await erase(gone.told.visitor)
    if leak:
        spill(house, gone.told.canaries)
    await look(house, gone, "erased", GONE)
    count = await once_more(house, gone.conversation)
    await look(house, gone, f"its {count} records came again, also under new ids", GONE)

    say("every byte is read")
    await stop_members(house)
    # The store writes everything to its files when it stops.
    await house.store.restart()
    await read_bytes(house, gone)

    say("the backup from before is restored, and all topics are read from their start")
    outcome = await restored(house, backup)
    if not outcome["erased"]:
        proof.faulty.append("the control failed: the backup had nothing of what was erased")
    await look(house, gone, "a backup from before was restored, all topics read again", GONE)
    await look(house, person, "a backup from before was restored", PRESENT)
    await look(house, bot, "a backup from before was restored", PRESENT)

    if no_expiry:
        proof.skipped = no_expiry
        proof.endings[:] = [gone.ending]
        return proof
    say("time passes")
    await stop_members(house)
    proof.said += await journey(house, bot, person, say)
    say("every byte is read again")
    await house.store.stop()
    for one in (person, bot):
        await read_bytes(house, one)
    return proof


async def stories(house: DemoHouse) -> tuple[Trial, Trial, Trial]:
    """To be erased, to end with its case, to end with the bot."""

    async def persons() -> tuple[Told, Told]:
        return await tell(house), await tell(house)

    (gone, person), bot = await asyncio.gather(persons(), tell_the_bot(house))
    return (
        Trial(gone, ending("erased", gone)),
        Trial(person, ending("ended by time: a conversation with a person", person)),
        Trial(bot, ending("ended by time: a conversation with the bot", bot)),
    )


def ending(how: str, told: Told) -> Ending:
    """What is known before it ends."""
    shown = sum(
        any(one in export for export in told.exports for one in forms)
        for forms in told.canaries.needles().values()
    )
    return Ending(how, len(told.canaries.planted), shown, [])


async def controls(house: DemoHouse, trials: tuple[Trial, ...]) -> None:
    """What is to be unreadable later can be read now."""
    for one in trials:
        await look(house, one, "before", PRESENT)


@asynccontextmanager
async def looking(house: DemoHouse) -> AsyncIterator[Looking]:
    """Looks at a running house."""
    client = connect(house.store.url)
    try:
        yield Looking(house, client)
    finally:
        client.close()


async def look(house: DemoHouse, trial: Trial, when: str, expected: Expected) -> None:
    """Looks once, and keeps what was seen."""
    async with looking(house) as looks:
        trial.add(await looks.at(trial.conversation, when, expected))


async def stop_members(house: DemoHouse) -> None:
    """Services, shops and strip go; broker and store stay."""
    await asyncio.gather(*(member.stop() for member in house.members.values()))


async def read_bytes(house: DemoHouse, trial: Trial) -> None:
    """Every byte that the house has written."""
    canaries = trial.told.canaries
    trial.ending.scanned = await asyncio.to_thread(
        scan, house.places.root, canaries, trial.conversation
    )


def spill(house: DemoHouse, canaries: Canaries) -> None:
    """Does what must never happen: writes a text into a log. The proof has to fail then."""
    log = house.log("gateway")
    with log.open("a") as file:
        file.write(canaries.planted["message to the bot"] + "\n")
    assert found_in(log, canaries.needles())


async def keep_figures(house: DemoHouse) -> None:
    """What the services tell of themselves, as a file for the scan."""
    folder = house.places.root / "metrics"
    folder.mkdir()
    for name, text in (await figures(house)).items():
        (folder / f"{name}.txt").write_text(text)


def why_no_expiry(*, wanted: bool) -> str:
    """Why the journey in time is left out, or an empty string."""
    if not wanted:
        return "not wanted"
    return "" if faketime.library() else f"libfaketime is not here ({faketime.FIX})"
