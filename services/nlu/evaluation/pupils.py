"""What an evaluation teaches: a pack, or labelled lines dressed as one, so that both go one way."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from string import ascii_lowercase

from libs.contracts.content import Merchant, PackPublished, Topic
from libs.kit.errors import ConfigurationError
from services.nlu.content.packs import published
from services.nlu.content.starter import nobody
from services.nlu.evaluation.checks import NOT_KNOWN, OUT_OF_SCOPE
from services.nlu.evaluation.labelled import Labelled
from services.nlu.understanding.brain import examples_of

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
FEWEST_LABELS = 2


@dataclass(frozen=True)
class Pupil:
    """A pack, the examples that teach it, and the label that each of its topics stands for."""

    pack: PackPublished
    examples: tuple[tuple[str, str], ...]
    labels: dict[str, str]

    @property
    def knows_limits(self) -> bool:
        """Whether it is taught what is out of scope, too."""
        return any(self.labels[key] == OUT_OF_SCOPE for _, key in self.examples)


def pupil_of(train: PackPublished | Sequence[Labelled], rate: float | None = None) -> Pupil:
    """What `train` makes; `rate` of wrong answers is wanted instead of the pack's own."""
    if isinstance(train, PackPublished):
        return _of_pack(train, rate)
    return _of_lines(train, rate)


def plain_label(label: str) -> str:
    """A label as it is compared: every name of "not known" is out_of_scope."""
    return OUT_OF_SCOPE if label in NOT_KNOWN else label


def _of_pack(pack: PackPublished, rate: float | None) -> Pupil:
    labels = {topic.key: plain_label(topic.key) for topic in pack.topics}
    own = pack.model_copy(update={"merchant": _wanting(pack.merchant, rate)})
    return Pupil(own, examples_of(pack.topics), labels)


def _of_lines(lines: Sequence[Labelled], rate: float | None) -> Pupil:
    useful = [line for line in lines if line.text.strip()]
    names = list(dict.fromkeys(plain_label(line.label) for line in useful))
    if len(names) < FEWEST_LABELS:
        cause = f"The training lines have {len(names)} label: there is nothing to tell apart."
        raise ConfigurationError(cause, "give lines of two labels or more.")
    keys = {name: name if name == OUT_OF_SCOPE else _key(n) for n, name in enumerate(names)}
    topics = [Topic(key=key, title={}) for key in keys.values()]
    pack = published(_wanting(nobody({}), rate), topics, LONG_AGO, {})
    examples = tuple((line.text, keys[plain_label(line.label)]) for line in useful)
    return Pupil(pack, examples, {key: name for name, key in keys.items()})


def _key(number: int) -> str:
    """A topic's key, which has letters only, whatever the label looks like."""
    first, rest = divmod(number, len(ascii_lowercase))
    return (_key(first - 1) if first else "label_") + ascii_lowercase[rest]


def _wanting(merchant: Merchant, rate: float | None) -> Merchant:
    return merchant if rate is None else merchant.model_copy(update={"wrong_answer_rate": rate})
