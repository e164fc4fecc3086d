"""What is said often is let through once in a while."""

from services.handoff.throttle import REMEMBERED, Throttle


def test_the_same_thing_passes_once_in_a_while() -> None:
    now = [0.0]
    throttle = Throttle(2.5, lambda: now[0])
    assert [throttle.passes("a"), throttle.passes("a"), throttle.passes("b")] == [True, False, True]
    now[0] = 2.4
    assert not throttle.passes("a")
    now[0] = 2.5
    assert throttle.passes("a")


def test_only_so_many_are_remembered() -> None:
    throttle = Throttle(60, lambda: 0.0)
    assert all(throttle.passes(n) for n in range(REMEMBERED + 1))
    assert throttle.passes(0)
    assert not throttle.passes(REMEMBERED)
