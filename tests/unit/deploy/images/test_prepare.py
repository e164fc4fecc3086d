"""What a start of the containers prepares: the replica set once, the shops' inner addresses."""

from typing import Any

import pytest
from pymongo.errors import OperationFailure

from deploy.images.prepare import from_inside, initiate
from tests.builders import pack

ADDRESSES = {
    "PRAT_SHOP_FJELLBEKK_URL": "http://127.0.0.1:8080",
    "PRAT_SHOP_FJELLBEKK_INSIDE_URL": "http://shop-fjellbekk:8080",
}


class Node:
    """A store's answers to commands, and what it was asked."""

    def __init__(self, hello: dict[str, Any], refusal: int | None = None) -> None:
        self.asked: list[Any] = []
        self._hello = hello
        self._refusal = refusal

    async def __call__(self, name: str, value: Any = 1) -> dict[str, Any]:
        self.asked.append((name, value))
        if name == "hello":
            return self._hello
        if self._refusal:
            raise OperationFailure("refused", self._refusal)
        return {"ok": 1}


async def test_a_new_node_becomes_a_replica_set_of_its_own() -> None:
    node = Node({"isWritablePrimary": False})
    assert await initiate(node, "mongo:27017", "prat") == "replica set prat initiated"
    members = [{"_id": 0, "host": "mongo:27017"}]
    assert node.asked[1:] == [("replSetInitiate", {"_id": "prat", "members": members})]


async def test_a_node_that_has_a_replica_set_keeps_it() -> None:
    node = Node({"setName": "prat"})
    assert await initiate(node, "mongo:27017", "prat") == "replica set prat is there"
    assert len(node.asked) == 1


async def test_one_that_was_initiated_meanwhile_is_fine() -> None:
    assert await initiate(Node({}, refusal=23), "mongo:27017", "prat")


async def test_any_other_refusal_is_raised() -> None:
    with pytest.raises(OperationFailure):
        await initiate(Node({}, refusal=93), "mongo:27017", "prat")


def test_only_what_nlu_calls_gets_the_inner_address() -> None:
    public = ADDRESSES["PRAT_SHOP_FJELLBEKK_URL"]
    made = pack(
        origins=(public,), webhook_url=f"{public}/prat/webhook", feed_url=f"{public}/f.xml",
        case_webhook_url=f"{public}/prat/cases",
    )  # fmt: skip
    moved = from_inside(made, ADDRESSES).merchant
    assert moved.webhook_url == "http://shop-fjellbekk:8080/prat/webhook"
    assert moved.feed_url == "http://shop-fjellbekk:8080/f.xml"
    assert moved.case_webhook_url == "http://shop-fjellbekk:8080/prat/cases"
    assert moved.origins == (public,)


def test_a_merchant_without_order_system_or_inner_address_is_left_as_it_is() -> None:
    assert from_inside(pack(), ADDRESSES).merchant.webhook_url is None
    other = pack("havsro", webhook_url="https://havsro.example/prat/webhook")
    assert from_inside(other, ADDRESSES) == other
