"""What may be set does not break what is promised."""

import pytest
from pydantic import ValidationError

from services.handoff.settings import HandoffSettings


def test_however_it_is_set_cases_of_an_agent_who_is_gone_are_back_within_a_minute() -> None:
    slowest = HandoffSettings(handoff_silence_seconds=50, handoff_round_seconds=10)
    assert slowest.handoff_silence_seconds + slowest.handoff_round_seconds <= 60
    with pytest.raises(ValidationError, match="handoff_silence_seconds"):
        HandoffSettings(handoff_silence_seconds=51)
    with pytest.raises(ValidationError, match="handoff_round_seconds"):
        HandoffSettings(handoff_round_seconds=11)
