"""What a service says when it has erased its part."""

from uuid import uuid4

import pytest

from libs.contracts.privacy import ErasureRequested
from libs.contracts.topics import ACKNOWLEDGEMENT_TOPICS, SERVICES, topic_for
from tests.builders import NOW, conversation_id


@pytest.mark.parametrize("service", SERVICES)
def test_an_acknowledgement_is_the_same_on_every_try_and_goes_on_its_own_topic(
    service: str,
) -> None:
    event = ErasureRequested(
        event_id=uuid4(), merchant_id="fjellbekk", conversation_id=conversation_id(),
        occurred_at=NOW, erasure_id=uuid4(), requested_by="visitor",
    )  # fmt: skip
    first = event.acknowledged(service, {"things": 1}, NOW)
    assert first.event_id == event.acknowledged(service, {"things": 0}, NOW).event_id
    assert first.occurred_at > event.occurred_at
    assert (first.service, first.cause_id, first.erasure_id, first.deleted) == (
        service, event.event_id, event.erasure_id, {"things": 1},
    )  # fmt: skip
    assert topic_for(first) is ACKNOWLEDGEMENT_TOPICS[service]
    assert topic_for(first).writer == service
