"""Records are given to as many rows as possible, by strength and then by order."""

from __future__ import annotations

from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from importer.matching.assignment import assign

TIES = st.dictionaries(
    st.integers(0, 5), st.lists(st.tuples(st.integers(0, 2), st.integers(10, 14)), max_size=4)
)


def most(ties: dict[int, list[tuple[int, int]]], rank: int) -> int:
    """Return how many rows can have a record of this rank or a stronger one, by trying all ways."""
    records = {unit: {one for level, one in found if level <= rank} for unit, found in ties.items()}
    units = [unit for unit, found in records.items() if found]
    best = 0
    for order in permutations(range(10, 15)):
        best = max(best, _greedy(units, records, order))
    return best


def _greedy(units: list[int], records: dict[int, set[int]], order: tuple[int, ...]) -> int:
    """Give each record, in this order, to the unit that has the fewest others."""
    left = list(units)
    for record in order:
        takers = [unit for unit in left if record in records[unit]]
        if takers:
            left.remove(min(takers, key=lambda unit: len(records[unit])))
    return len(units) - len(left)


@given(TIES)
def test_each_record_goes_to_one_row_that_is_tied_to_it(
    ties: dict[int, list[tuple[int, int]]],
) -> None:
    given_ = assign(sorted(ties), ties)
    assert len(set(given_.values())) == len(given_)
    assert all(record in {one for _, one in ties[unit]} for unit, record in given_.items())


@given(TIES)
def test_no_other_way_gives_a_record_to_more_rows(
    ties: dict[int, list[tuple[int, int]]],
) -> None:
    assert len(assign(sorted(ties), ties)) >= most(ties, 2)


def test_the_stronger_tie_comes_first_and_moves_on_where_another_has_no_choice() -> None:
    ties = {"weak": [(1, "r1")], "strong": [(0, "r1")]}
    assert assign(["weak", "strong"], ties) == {"strong": "r1"}
    both = {"weak": [(1, "r1")], "strong": [(0, "r1"), (1, "r2")]}
    assert assign(["weak", "strong"], both) == {"strong": "r2", "weak": "r1"}


def test_a_thousand_equal_rows_take_no_time_to_speak_of() -> None:
    units = list(range(3000))
    records = [(0, f"r{at}") for at in range(1000)]
    assert len(assign(units, dict.fromkeys(units, records))) == 1000
