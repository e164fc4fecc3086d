"""Receipts: signed only when all is done, checked offline, and any change is found."""

import json
import string
from base64 import b64decode, b64encode
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.kafka.topics import COMMON
from libs.contracts.topics import SERVICES, TOPICS
from services.retention.domain import Erasure
from services.retention.evidence import BUS_SLACK, copies_until, facts_of
from services.retention.receipts import (
    STORES_OF,
    Altered,
    NotAReceipt,
    ReceiptFault,
    Signer,
    Unfinished,
    UnknownKey,
    canonical,
    key_id,
    read_keys,
    verify,
)
from tests.builders import NOW

ERASURE_ID = UUID("7d4be1c0-2f5c-4c5e-9f57-6b8f3a3de0aa")
SIGNER = Signer(bytes(range(32)))
DELETED = {service: {"things": number} for number, service in enumerate(SERVICES)}
DONE_AT = NOW + timedelta(seconds=2)


def signed(**changes: Any) -> dict[str, Any]:
    erasure = Erasure(ERASURE_ID, "visitor", NOW, changes.pop("deleted", DELETED))
    return SIGNER.sign(facts_of(erasure, "fjellbekk", DONE_AT))


def published(signer: Signer = SIGNER) -> dict[str, bytes]:
    return read_keys(json.dumps(signer.published()))


RECEIPT = signed()
TEXT = json.dumps(RECEIPT)


def test_a_receipt_says_exactly_this() -> None:
    assert {
        "format": "prat-receipt/1", "erasure_id": str(ERASURE_ID), "merchant_id": "fjellbekk",
        "requested_by": "visitor", "requested_at": "2026-03-02T12:00:00Z",
        "completed_at": "2026-03-02T12:00:02Z", "deleted": DELETED,
        "sealed_copies_until": {
            "bus": "2026-03-05T14:00:02Z", "dead_letters": "2026-03-12T16:00:02Z",
            "outboxes": "2026-03-12T13:00:02Z", "key_backups": "2026-03-09T12:00:02Z",
        },
        "signature": {
            "algorithm": "Ed25519", "key_id": "56475aa75463474c0285df5dbf2bcab7",
            "value": RECEIPT["signature"]["value"],
        },
    } == RECEIPT  # fmt: skip


def test_it_is_verified_however_it_is_written_down() -> None:
    for text in (TEXT, json.dumps(RECEIPT, indent=4), json.dumps(dict(reversed(RECEIPT.items())))):
        assert verify(text, published()).erasure_id == ERASURE_ID
    assert verify(TEXT.encode(), published()).deleted == DELETED


def test_the_same_facts_are_the_same_receipt() -> None:
    assert signed() == RECEIPT


@pytest.mark.parametrize("missing", SERVICES)
def test_nothing_is_signed_while_one_service_has_not_acknowledged(missing: str) -> None:
    deleted = {service: counts for service, counts in DELETED.items() if service != missing}
    with pytest.raises(Unfinished, match=missing):
        signed(deleted=deleted)


def test_this_format_speaks_for_every_service_of_the_house() -> None:
    assert STORES_OF == SERVICES


def leaves(value: Any, *path: str) -> list[tuple[str, ...]]:
    if not isinstance(value, dict):
        return [path]
    return [leaf for key, inner in value.items() for leaf in leaves(inner, *path, key)]


def changed(path: tuple[str, ...], change: Callable[[Any], Any]) -> str:
    copy = json.loads(TEXT)
    inner = copy
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = change(inner[path[-1]])
    return json.dumps(copy)


def other(value: Any) -> Any:
    if isinstance(value, int):
        return value + 1
    return value[:-1] + ("0" if value[-1] != "0" else "1")


def other_text(text: str, _value: Any) -> str:
    return text


@pytest.mark.parametrize("path", leaves(RECEIPT))
def test_every_changed_field_is_found(path: tuple[str, ...]) -> None:
    with pytest.raises(ReceiptFault) as fault:
        verify(changed(path, other), published())
    expected = {
        ("format",): NotAReceipt, ("signature", "algorithm"): NotAReceipt,
        ("signature", "key_id"): UnknownKey,
    }  # fmt: skip
    assert type(fault.value) is expected.get(path, Altered)


@given(st.integers(0, 85), st.sampled_from("ABCDEFGHabcdefgh0123456789+/-_ \n="))
def test_no_other_signature_text_passes(place: int, letter: str) -> None:
    value = RECEIPT["signature"]["value"]
    forged = value[:place] + letter + value[place + 1 :]
    text = changed(("signature", "value"), lambda _: forged)
    if forged == value:
        assert verify(text, published())
    else:
        with pytest.raises(Altered):
            verify(text, published())


def test_bits_that_mean_nothing_cannot_be_changed_either() -> None:
    value = RECEIPT["signature"]["value"]
    alphabet = string.ascii_uppercase + string.ascii_lowercase + string.digits + "+/"
    for letter in alphabet:
        forged = value[:85] + letter + "=="
        if forged != value:
            with pytest.raises(Altered):
                verify(changed(("signature", "value"), partial(other_text, forged)), published())


@pytest.mark.parametrize(
    "change",
    [
        {"conversation_id": "0" * 32}, {"deleted": {}}, {"deleted": DELETED | {"sixth": {"x": 1}}},
        {"note": "Alt er slettet æøå"},
    ],
)  # fmt: skip
def test_nothing_can_be_added_or_taken_away(change: dict[str, Any]) -> None:
    with pytest.raises(Altered):
        verify(json.dumps(RECEIPT | change), published())


def test_a_receipt_of_somebody_elses_key_is_not_ours() -> None:
    stranger = Signer(bytes(32))
    with pytest.raises(UnknownKey):
        verify(TEXT, published(stranger))
    forged = json.loads(TEXT)
    forged["signature"]["key_id"] = key_id(next(iter(published(stranger).values())))
    with pytest.raises(Altered):
        verify(json.dumps(forged), published(stranger))


def test_after_a_rotation_old_receipts_are_still_verified() -> None:
    retired = tuple(published().values())
    rotated = Signer(bytes(32), retired)
    assert verify(TEXT, published(rotated))
    assert len(published(rotated)) == 2


@pytest.mark.parametrize(
    "text",
    [
        "", "receipt", "[]", "null", "{}", b"\xff\xfe", '{"format": "prat-receipt/2"}', "[" * 100_000,
        '{"format": "prat-receipt/1"}', '{"format": "prat-receipt/1", "signature": {}}',
        TEXT.replace('"format"', '"format": "prat-receipt/1", "format"', 1),
    ],
)  # fmt: skip
def test_what_is_no_receipt_is_said_to_be_none(text: str | bytes) -> None:
    with pytest.raises(NotAReceipt):
        verify(text, published())


def resigned(body: dict[str, Any]) -> str:
    """Signed by ourselves, though it must not be: the second lock behind the first."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    body["signature"].pop("value")
    value = Ed25519PrivateKey.from_private_bytes(SIGNER.seed).sign(canonical(body))
    body["signature"]["value"] = b64encode(value).decode()
    return json.dumps(body)


def test_even_a_good_signature_does_not_make_an_unfinished_erasure_done() -> None:
    body = json.loads(TEXT)
    del body["deleted"]["analytics"]
    with pytest.raises(Unfinished, match="analytics"):
        verify(resigned(body), published())


def test_even_a_good_signature_does_not_carry_unknown_fields() -> None:
    body = json.loads(TEXT) | {"conversation_id": "0" * 32}
    with pytest.raises(NotAReceipt, match="conversation_id"):
        verify(resigned(body), published())


def test_the_status_of_a_running_erasure_is_no_receipt_and_says_who_is_missing() -> None:
    with pytest.raises(Unfinished, match="nlu, analytics"):
        verify('{"done": false, "waiting_for": ["nlu", "analytics"]}', published())


@pytest.mark.parametrize(
    "text",
    [
        "", "[]", "{}", '{"format": "prat-receipt-keys/1", "keys": [{"public_key": "AAAA"}]}',
        '{"format": "prat-receipt-keys/2", "keys": []}', '{"format": "x", "keys": "y"}', "null",
        json.dumps({"format": "prat-receipt-keys/1", "keys": [{"public_key": 7}]}), TEXT,
    ],
)  # fmt: skip
def test_a_wrong_file_of_keys_is_refused(text: str) -> None:
    with pytest.raises(ReceiptFault, match="list of keys"):
        read_keys(text)


def test_a_keys_id_is_worked_out_and_not_believed() -> None:
    lying = SIGNER.published()
    lying["keys"][0]["key_id"] = "0" * 32
    assert list(read_keys(json.dumps(lying))) == [RECEIPT["signature"]["key_id"]]


def test_the_private_key_is_not_published() -> None:
    said = json.dumps(SIGNER.published())
    assert b64encode(SIGNER.seed).decode() not in said
    assert len(b64decode(SIGNER.published()["keys"][0]["public_key"])) == 32


def test_the_bound_for_the_bus_covers_what_the_topics_are_set_to() -> None:
    closing = timedelta(
        milliseconds=int(COMMON["segment.ms"]) + int(COMMON["file.delete.delay.ms"])
    )
    assert closing + timedelta(minutes=5) < BUS_SLACK
    for topic in TOPICS:
        if topic.purposes:
            kept = timedelta(milliseconds=topic.retention_ms)
            assert copies_until(NOW).bus >= NOW + kept + closing
