"""Sealing: a ciphertext opens with its own key, at its own place, unchanged, or not at all."""

from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.contracts.sealed import Purpose
from libs.privacy.sealing import Place, WrongKey, seal, unseal, unwrap, wrap

KEY = bytes(range(32))
PLACE = Place("fjellbekk", "a" * 32, uuid4()).associated_data()


@given(st.binary(max_size=4096))
def test_what_is_sealed_opens_again_and_is_not_readable(plaintext: bytes) -> None:
    sealed = seal(KEY, Purpose.DIALOGUE, PLACE, plaintext)
    assert unseal(KEY, PLACE, sealed) == plaintext
    assert len(plaintext) < 8 or plaintext.hex() not in sealed.data


def test_the_same_text_never_looks_the_same() -> None:
    first, second = (seal(KEY, Purpose.CASE, PLACE, b"same") for _ in range(2))
    assert first.nonce != second.nonce
    assert first.data != second.data


@pytest.mark.parametrize("changed", ["key", "place", "data", "nonce"])
def test_another_key_place_or_a_changed_byte_does_not_open(changed: str) -> None:
    sealed = seal(KEY, Purpose.DIALOGUE, PLACE, b"order 10482217")
    key = bytes(32) if changed == "key" else KEY
    place = b"elsewhere" if changed == "place" else PLACE
    if changed in ("data", "nonce"):
        sealed = sealed.model_copy(update={changed: "AAAA" + getattr(sealed, changed)[4:]})
    with pytest.raises(WrongKey):
        unseal(key, place, sealed)


def test_a_field_moved_to_another_field_of_its_event_does_not_open() -> None:
    event_id = uuid4()
    message = Place("fjellbekk", "a" * 32, event_id, "message").associated_data()
    intake = Place("fjellbekk", "a" * 32, event_id, "intake").associated_data()
    with pytest.raises(WrongKey):
        unseal(KEY, intake, seal(KEY, Purpose.CASE, message, b"x"))


def test_a_wrapped_key_unwraps_with_its_key_encryption_key_only() -> None:
    wrapped = wrap(KEY, PLACE, b"k" * 32)
    assert unwrap(KEY, PLACE, wrapped) == b"k" * 32
    with pytest.raises(WrongKey):
        unwrap(bytes(32), PLACE, wrapped)
