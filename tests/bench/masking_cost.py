"""What masking takes in a process of its own: memory, processor's time, messages a second.

`python -m tests.bench.masking_cost` writes one JSON object.
"""

import json
import resource
import sys
import time
from collections.abc import Callable, Iterator
from os import urandom

CHARACTERS = 100
ROUNDS = 3


def memory() -> float:
    """Megabytes that this process has taken at most."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def messages() -> list[str]:
    """Texts of a hundred characters, put together from the lines of the sets."""
    from tests.bench.masking_sets import SETS, own

    return list(_cut(line.text for name in SETS for line in own(name)))


def _cut(texts: Iterator[str]) -> Iterator[str]:
    written = ""
    for text in texts:
        written = f"{written} {text}".strip()
        if len(written) >= CHARACTERS:
            yield written[:CHARACTERS]
            written = ""


def micros(work: Callable[[int], object], count: int) -> list[float]:
    """The processor's microseconds of each piece of work: the least of some rounds."""
    least = [float("inf")] * count
    for _ in range(ROUNDS):
        for index in range(count):
            began = time.thread_time_ns()
            work(index)
            least[index] = min(least[index], (time.thread_time_ns() - began) / 1000)
    return sorted(least)


def consumer(texts: list[str]) -> Callable[[int], object]:
    """What a consumer does with a message before it counts: read the event, open it, mask the text."""
    from libs.contracts.bodies import MessageBody
    from libs.contracts.sealed import Purpose
    from libs.contracts.visitor import MessageReceived
    from libs.privacy.masking import mask
    from libs.privacy.sealing import Place, seal, unseal
    from tests.builders import conversation_id, message_received

    key = urandom(32)

    def written(text: str) -> bytes:
        event = message_received(conversation_id())
        place = Place.of(event).associated_data()
        body = MessageBody(text=text).model_dump_json().encode()
        sealed = seal(key, Purpose.DIALOGUE, place, body)
        return event.model_copy(update={"message": sealed}).model_dump_json().encode()

    records = [written(text) for text in texts]

    def work(index: int) -> object:
        event = MessageReceived.model_validate_json(records[index])
        opened = unseal(key, Place.of(event).associated_data(), event.message)
        body = MessageBody.model_validate_json(opened)
        return mask(body.text, body.language)

    return work


def main() -> None:
    """Measures and writes."""
    from libs.privacy.masking import mask

    mask("hei, jeg heter Kari Nygård")
    imported = memory()
    texts = messages()
    masking = micros(lambda index: mask(texts[index]), len(texts))
    strict = micros(lambda index: mask(texts[index], strict=True), len(texts))
    whole = micros(consumer(texts), len(texts))
    found = {
        "memory": imported, "p50": masking[len(texts) // 2], "p99": masking[int(0.99 * len(texts))],
        "strict_p50": strict[len(texts) // 2], "strict_p99": strict[int(0.99 * len(texts))],
        "per_second": 1e6 * len(whole) / sum(whole), "texts": len(texts),
    }  # fmt: skip
    sys.stdout.write(f"{json.dumps(found)}\n")


if __name__ == "__main__":
    main()
