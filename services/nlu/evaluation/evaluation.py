"""A bot measured on labelled lines that it has not seen: how often right, how sure, how quick."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from libs.contracts.content import LANGUAGES, Language, PackPublished
from services.nlu.evaluation.checks import OUT_OF_SCOPE
from services.nlu.evaluation.labelled import Labelled
from services.nlu.evaluation.memory import resident_mb
from services.nlu.evaluation.metrics import quantile
from services.nlu.evaluation.pupils import Pupil, plain_label, pupil_of
from services.nlu.evaluation.report import Report, Speed
from services.nlu.evaluation.scoring import Answer, report_on
from services.nlu.reading.language import LanguageDetector
from services.nlu.understanding.brain import Brain, tests_of
from services.nlu.understanding.embeddings import Embeddings
from services.nlu.understanding.model import TopicModel, Verdict

WARM_UP = 3
"""Messages before the clock starts: a process pays once for what is loaded late."""

MOST_TIMED = 200
"""Messages that the encoder is timed on."""

MOST_BATCHED = 512

Asked = Callable[[], None]


@dataclass
class _Clock:
    """Milliseconds of single messages: on the wall, and of the processor."""

    wall: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)

    def time(self, work: Callable[[], object]) -> None:
        """Does something and notes how long it took."""
        wall, processor = time.perf_counter(), time.thread_time()
        work()
        self.processor.append((time.thread_time() - processor) * 1000)
        self.wall.append((time.perf_counter() - wall) * 1000)


class _Watched(TopicModel):
    """A model that remembers its last verdict: a brain gives away what it decided, not how sure."""

    def __init__(self, model: TopicModel) -> None:
        self.__dict__.update(vars(model))
        self.last: Verdict | None = None

    def weigh(self, text: str, *, thorough: bool = False) -> Verdict:
        """As the model itself."""
        self.last = super().weigh(text, thorough=thorough)
        return self.last


def evaluate(
    train: PackPublished | Sequence[Labelled],
    test: Sequence[Labelled],
    embeddings: Embeddings | None = None,
    wrong_answer_rate: float | None = None,
    asked: Asked = lambda: None,
) -> Report:
    """Teaches `train`, then says every line of `test` once, alone, as visitors do.

    `asked` is called after each. The threshold comes from `train` alone.
    """
    pupil = pupil_of(train, wrong_answer_rate)
    began = time.perf_counter()
    if embeddings:
        lines = (*pupil.examples, *tests_of(pupil.pack.topics))
        embeddings.vectors([text for text, _ in lines])
    encoded = time.perf_counter()
    model = TopicModel(pupil.examples, embeddings, tests_of(pupil.pack.topics))
    taught = time.perf_counter()
    brain = Brain(pupil.pack, _Watched(model), LanguageDetector())
    clock = _Clock()
    answers = _answers(brain, pupil, test, clock, asked)
    speed = _speed(model, test, clock, encoding=encoded - began, training=taught - encoded)
    used = embeddings is not None
    return report_on(pupil, brain.point.threshold, answers, speed, encoder=used)


def _answers(
    brain: Brain, pupil: Pupil, test: Sequence[Labelled], clock: _Clock, asked: Asked
) -> list[Answer]:
    assert isinstance(brain.model, _Watched)
    for line in test[:WARM_UP]:
        brain.understand(line.text, _prior(brain.pack, line))
    found: list[Answer] = []
    for line in test:
        brain.model.last = None
        found.append(_answer(brain, pupil, line, clock))
        asked()
    return found


def _answer(brain: Brain, pupil: Pupil, line: Labelled, clock: _Clock) -> Answer:
    assert isinstance(brain.model, _Watched)
    heard = []
    clock.time(lambda: heard.append(brain.understand(line.text, _prior(brain.pack, line))))
    understood = heard[0]
    # A topic's own title is not weighed at all.
    verdict = brain.model.last or brain.model.certain(understood.intent)
    chances: dict[str, float] = {}
    for topic, chance in zip(brain.model.topics, verdict.chances, strict=True):
        label = pupil.labels[topic]
        chances[label] = chances.get(label, 0.0) + float(chance)
    likeliest = max(chances, key=lambda label: chances[label])
    inside = {label: chance for label, chance in chances.items() if label != OUT_OF_SCOPE}
    return Answer(
        expected=plain_label(line.label),
        lang=line.lang or "?",
        likeliest=likeliest,
        confidence=chances[likeliest],
        likeliest_inside=max(inside, key=lambda label: inside[label]),
        sureness=verdict.sureness,
        decided=plain_label(pupil.labels.get(understood.intent, OUT_OF_SCOPE)),
        close=tuple(pupil.labels[key] for key in understood.close),
    )


def _prior(pack: PackPublished, line: Labelled) -> Language:
    own = (language for language in LANGUAGES if language == line.lang)
    return next(own, pack.merchant.languages[0])


def _thorough(model: TopicModel, texts: Sequence[str]) -> _Clock:
    """Times of single messages, taken from all over the test, with the encoder asked each time."""
    clock = _Clock()
    step = max(1, len(texts) // MOST_TIMED)
    for text in texts[::step][:MOST_TIMED]:
        clock.time(partial(model.weigh, text, thorough=True))
    return clock


def _speed(
    model: TopicModel, test: Sequence[Labelled], clock: _Clock, *, encoding: float, training: float
) -> Speed:
    texts = [line.text for line in test]
    thorough = _thorough(model, texts)
    batch = texts[:MOST_BATCHED]
    began = time.perf_counter()
    model.weigh_all(batch)
    rate = len(batch) / (time.perf_counter() - began)
    return Speed(
        encoding_seconds=round(encoding, 2),
        training_seconds=round(training, 2),
        message_ms_mean=round(float(np.mean(clock.wall)), 3),
        message_ms_p50=quantile(clock.wall, 0.5),
        message_ms_p99=quantile(clock.wall, 0.99),
        message_cpu_ms_mean=round(float(np.mean(clock.processor)), 3),
        message_cpu_ms_p50=quantile(clock.processor, 0.5),
        message_cpu_ms_p99=quantile(clock.processor, 0.99),
        thorough_ms_p50=quantile(thorough.wall, 0.5),
        thorough_ms_p99=quantile(thorough.wall, 0.99),
        thorough_cpu_ms_p50=quantile(thorough.processor, 0.5),
        thorough_cpu_ms_p99=quantile(thorough.processor, 0.99),
        messages_per_second_in_batches=round(rate, 1),
        memory_mb=round(resident_mb(), 1),
    )
