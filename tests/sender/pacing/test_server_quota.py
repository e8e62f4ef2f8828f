"""What the service says about its window, and what is made of it: a value for each instant."""

from __future__ import annotations

from importer.core.clock import NANOSECONDS
from importer.sender.answer import Quota
from importer.sender.pacing.server_quota import ServerQuota

S = NANOSECONDS
RATE = 200


class Client:
    """Sends requests whose answers report windows that end at whole minutes."""

    def __init__(self, *, spread: bool = False) -> None:
        self.quota = ServerQuota(RATE, spread=spread)
        self._tickets = 0

    def leave(self, at: float) -> int:
        self._tickets += 1
        self.quota.leave(self._tickets, int(at * S))
        return self._tickets

    def answer(self, ticket: int, at: float, remaining: int, *, end: float = 60) -> None:
        """Answer a request at an instant; the window that counted it ends at `end` s."""
        quota = Quota(
            limit=RATE,
            remaining=remaining,
            name=1_772_443_800.0 + end,
            latest=end - at,
        )
        self.quota.answered(ticket, int(at * S), quota)

    def exchange(self, at: float, remaining: int, *, end: float = 60) -> None:
        self.answer(self.leave(at), at, remaining, end=end)

    def is_used_up(self, at: float) -> bool:
        return self.quota.is_used_up(int(at * S))


def test_nothing_is_held_back_before_the_first_answer() -> None:
    client = Client()
    for _ in range(RATE + 1):
        client.leave(1)

    assert client.quota.earliest(1 * S) == 1 * S
    assert client.quota.limit() is None


def test_others_are_what_an_answer_counts_beyond_the_own_requests() -> None:
    client = Client()
    client.exchange(10, remaining=149)

    assert client.quota.others() == 50
    assert client.quota.limit() == RATE


def test_requests_in_flight_use_up_what_an_answer_leaves() -> None:
    client = Client()
    client.exchange(10, remaining=2)
    client.leave(11)
    assert not client.is_used_up(11)
    client.leave(11)

    assert client.is_used_up(11)
    assert client.quota.earliest(11 * S) == 60 * S + S // 20


def test_a_request_that_met_no_server_uses_up_nothing() -> None:
    client = Client()
    client.exchange(10, remaining=1)
    ticket = client.leave(11)
    client.quota.withdraw(ticket)

    assert not client.is_used_up(11)


def test_an_answer_without_a_quota_may_have_been_counted() -> None:
    client = Client()
    client.exchange(10, remaining=1)
    client.quota.answered(client.leave(11), 12 * S, None)

    assert client.is_used_up(12)


def test_the_next_window_is_expected_when_this_one_has_ended() -> None:
    client = Client()
    client.exchange(10, remaining=0)
    assert client.is_used_up(60)

    assert not client.is_used_up(60.1)
    assert client.quota.others() == 0


def test_an_expected_window_is_confirmed_by_the_first_answer_of_its_own() -> None:
    client = Client()
    client.exchange(10, remaining=0)
    client.exchange(61, remaining=0, end=120)

    assert client.is_used_up(61)
    assert client.quota.earliest(61 * S) == 120 * S + S // 20


def test_a_late_answer_of_the_last_window_changes_nothing_in_the_expected_one() -> None:
    client = Client()
    client.exchange(10, remaining=150)
    late = client.leave(59)
    client.quota.earliest(61 * S)
    client.answer(late, 61, remaining=0, end=60)

    assert client.quota.others() == 0
    assert not client.is_used_up(61)


def test_a_late_answer_of_the_last_window_was_not_counted_in_the_confirmed_one() -> None:
    client = Client()
    client.exchange(10, remaining=150)
    late = client.leave(59)
    client.exchange(61, remaining=100, end=120)
    before = client.quota.others()
    client.answer(late, 62, remaining=0, end=60)

    assert client.quota.others() == before + 1


def test_a_reset_that_moves_with_each_answer_is_not_trusted() -> None:
    client = Client()
    client.exchange(10, remaining=0, end=60)
    client.exchange(15, remaining=0, end=75)

    assert not client.is_used_up(15)
    assert client.quota.others() == 0


def test_a_reset_is_trusted_again_once_it_was_the_same_for_five_seconds() -> None:
    client = Client()
    client.exchange(10, remaining=0, end=60)
    client.exchange(15, remaining=0, end=75)
    client.exchange(19, remaining=0, end=75)
    assert not client.is_used_up(19)
    client.exchange(20, remaining=0, end=75)

    assert client.is_used_up(20)


def test_an_even_pace_spreads_what_is_left_over_the_rest_of_the_window() -> None:
    client = Client(spread=True)
    client.exchange(10, remaining=101)  # the very last one is left to the others

    assert client.quota.earliest(10 * S) == 10 * S + 50 * S // 100
