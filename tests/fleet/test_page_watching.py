"""A page of a fleet waits for no database, and asks it no more often than it must."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence

import pytest

from importer.fleet.page.watching import Watch
from importer.fleet.showing.overview import JobState


class _Slow:
    """A database that answers when it is let, and the time that the page believes in."""

    def __init__(self) -> None:
        self.time = 0.0
        self.asked = 0
        self.may_answer = threading.Event()

    def ask(self) -> Sequence[JobState]:
        self.asked += 1
        self.may_answer.wait(30)
        return []

    def clock(self) -> float:
        return self.time


@pytest.fixture
def slow() -> Iterator[_Slow]:
    one = _Slow()
    yield one
    one.may_answer.set()


@pytest.fixture
def watch(slow: _Slow) -> Iterator[Watch]:
    one = Watch(slow.ask, clock=slow.clock)
    yield one
    slow.may_answer.set()
    one.close()


def test_nobody_waits_for_a_slow_database_and_it_is_asked_once(slow: _Slow, watch: Watch) -> None:
    for _ in range(3):
        assert watch.look(0).at is None
    slow.may_answer.set()
    assert watch.look(30).at is not None
    slow.time = 4.9
    watch.look(30)
    assert slow.asked == 1
    slow.time = 5.1
    watch.look(30)
    assert slow.asked == 2


def test_a_database_that_does_not_answer_any_more_is_said(slow: _Slow, watch: Watch) -> None:
    slow.may_answer.set()
    assert watch.look(30).error is None
    slow.may_answer.clear()
    slow.time = 10
    assert watch.look(0).error is None
    slow.time = 30
    assert watch.look(0).error == "The database does not answer"
    slow.may_answer.set()
    assert watch.look(30).error is None


def test_a_fault_of_our_own_does_not_end_the_page() -> None:
    def broken() -> Sequence[JobState]:
        raise ValueError("secret")

    watch = Watch(broken)
    found = watch.look(30)
    assert found.error == "This should not have happened, please report it: ValueError"
    watch.close()
    assert watch.look(30).error == found.error
