"""What a model makes of texts, on a pack small enough to be learned in a blink."""

from collections.abc import Sequence
from hashlib import blake2b

import numpy as np
import pytest

from services.nlu.understanding.embeddings import Embeddings
from services.nlu.understanding.encoder import VECTOR, Vectors
from services.nlu.understanding.model import FALLBACK, NEVER, TopicModel

EXAMPLES = tuple(
    (f"{start} {what}{end}", topic)
    for topic, starts, what in (
        ("track_parcel", ("hvor er", "finner ikke", "når kommer", "har dere sendt"), "pakken min"),
        ("return_how", ("kan jeg sende", "vil levere", "angrer på", "skal returnere"), "jakken i retur"),
        ("opening_hours", ("når åpner", "når stenger", "har dere", "er det"), "åpent i dag"),
        (FALLBACK, ("hva heter", "hvem vant", "hvor høyt er", "kjenner du"), "fjellet i fotball"),
    )
    for start in starts
    for end in ("", "?", " takk")
)  # fmt: skip


class WordVectors:
    """Stands in for the encoder: texts with the same words lie near each other."""

    version = "words"

    def __init__(self) -> None:
        self.asked = 0

    def one(self, text: str) -> Vectors:
        self.asked += 1
        vector: Vectors = self.embed([text])[0]
        return vector

    def embed(self, texts: Sequence[str]) -> Vectors:
        sums: list[Vectors] = [
            sum(map(_vector, text.lower().split()), _vector("")) for text in texts
        ]
        table: Vectors = np.stack(sums)
        return table


def _vector(word: str) -> Vectors:
    seed = int.from_bytes(
        blake2b(word.strip("?!.,").encode("utf-8", "replace"), digest_size=4).digest()
    )
    return np.random.default_rng(seed).normal(size=VECTOR).astype(np.float32)


@pytest.fixture(scope="module", params=["with the encoder", "light"])
def model(request: pytest.FixtureRequest) -> TopicModel:
    embeddings = Embeddings(WordVectors()) if request.param == "with the encoder" else None
    return TopicModel(EXAMPLES, embeddings)


def best(model: TopicModel, text: str) -> str:
    """The likeliest topic."""
    topic: str = model.topics[int(model.weigh(text).chances.argmax())]
    return topic


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("hvor blir det av pakken", "track_parcel"),
        ("returnere jakken", "return_how"),
        ("åpner dere i dag", "opening_hours"),
    ],
)
def test_the_likeliest_topic_is_the_right_one(model: TopicModel, text: str, topic: str) -> None:
    assert best(model, text) == topic
    chances = model.weigh(text).chances
    assert chances.sum() == pytest.approx(1)
    assert (chances >= 0).all()


@pytest.mark.parametrize(
    "text", ["hvor er pakken min", "HVOR ER PAKKEN MIN", "hvor er pakken min?"]
)
def test_an_example_is_its_topic_for_certain(model: TopicModel, text: str) -> None:
    verdict = model.weigh(text)
    assert verdict.exact == "track_parcel"
    assert verdict.chances.max() == 1


def test_a_text_that_is_an_example_of_two_topics_is_not_certain() -> None:
    both = (*EXAMPLES, ("hvor er pakken min", "opening_hours"))
    assert TopicModel(both).weigh("hvor er pakken min").exact is None


@pytest.mark.parametrize("text", ["", " ", "???", "🙂", "\x00", "\u200b", "!" * 9000])
def test_where_there_is_nothing_to_read_nothing_is_sure(model: TopicModel, text: str) -> None:
    verdict = model.weigh(text)
    assert verdict.sureness < model.calibration.choose(0.5).threshold
    assert verdict.chances.max() == pytest.approx(1 / len(model.topics))


@pytest.mark.parametrize("text", ["\ud800", "1" * 9000, "ℵ", "xqzw", "}" * 9000 + "a"])
def test_strange_texts_are_weighed_like_others(model: TopicModel, text: str) -> None:
    assert np.isfinite(model.weigh(text).chances).all()


def test_training_twice_gives_the_same_bytes(model: TopicModel) -> None:
    embeddings = Embeddings(WordVectors()) if model.weigh_all(["a b"]) and model._meaning else None
    again = TopicModel(EXAMPLES, embeddings)
    for text in ("hvor er posten", "kan jeg bytte jakken", "xqzw"):
        one, other = model.weigh(text), again.weigh(text)
        assert one.chances.tobytes() == other.chances.tobytes()
        assert one.sureness == other.sureness


def test_many_at_once_are_understood_as_one_by_one(model: TopicModel) -> None:
    texts = ["hvor er pakken min", "", "sende jakken tilbake", "stenger dere snart"]
    for text, verdict in zip(texts, model.weigh_all(texts), strict=True):
        alone = model.weigh(text, thorough=True)
        assert verdict.exact == alone.exact
        assert np.allclose(verdict.chances, alone.chances, atol=1e-4)
    assert model.weigh_all([]) == []


def test_the_encoder_is_not_asked_where_letters_and_words_are_sure() -> None:
    encoder = WordVectors()
    model = TopicModel(EXAMPLES, Embeddings(encoder))
    asked = encoder.asked
    model.weigh("hvor er pakken min")
    assert encoder.asked == asked
    model._bars = (0.0, NEVER)
    model.weigh("hvor er pakken din")
    assert encoder.asked == asked
    model.weigh("hvem vant i fotball")
    assert encoder.asked == asked + 1, "what should not be answered has a bar of its own"
    model._bars = (NEVER, 0.0)
    model.weigh("hvem vant i fotball")
    assert encoder.asked == asked + 1
    model.weigh("hvor er pakken din", thorough=True)
    assert encoder.asked == asked + 2


def test_what_was_left_out_is_told_for_each_example(model: TopicModel) -> None:
    assert len(model.crossed) == len(EXAMPLES)
    assert set(model.crossed.tolist()) <= set(range(len(model.topics)))


def test_tests_of_the_pack_count_only_if_there_are_enough() -> None:
    few = [("hvor er pakka", "track_parcel")] * 3
    alone, told = TopicModel(EXAMPLES), TopicModel(EXAMPLES, tests=few)
    assert alone.calibration.choose(0.05) == told.calibration.choose(0.05)
    many = [(f"hvor er pakka {n} a", "track_parcel") for n in range(150)]
    assert len(TopicModel(EXAMPLES, tests=many).calibration.right) > len(alone.calibration.right)


def test_one_example_and_one_topic_are_learned() -> None:
    assert best(TopicModel([("hei", "greeting")]), "hallo") == "greeting"
    model = TopicModel([("hei", "greeting"), ("ha det", "goodbye")], Embeddings(WordVectors()))
    assert best(model, "ha det bra") == "goodbye"


def test_examples_of_nothing_but_the_unknown_are_learned() -> None:
    model = TopicModel([("a b", FALLBACK), ("c d", FALLBACK)])
    assert np.isfinite(model.weigh("e f").sureness)
