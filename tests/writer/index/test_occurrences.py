"""Equal rows are counted the same, however few of them are kept."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence

from hypothesis import given
from hypothesis import strategies as st

from importer.writer.index.occurrences import Occurrences


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@given(st.lists(st.sampled_from("abcdefgh"), max_size=30), st.integers(1, 10))
def test_each_row_has_the_number_that_it_has_among_its_equals(rows: list[str], many: int) -> None:
    hashes = [_hash(one) for one in rows]
    counted = Occurrences(lambda: [hashes[:7], hashes[7:]], many=many)
    numbers = [hashes[: at + 1].count(one) for at, one in enumerate(hashes)]
    assert [counted.take(one) for one in hashes] == numbers


@given(
    st.lists(st.lists(st.sampled_from("abcdefghijklmnop"), max_size=4), max_size=10),
    st.integers(1, 10),
)
def test_rows_are_taken_together_if_none_is_like_another(parts: list[list[str]], many: int) -> None:
    hashes = [[_hash(one) for one in part] for part in parts]
    counted, alone = Occurrences(lambda: hashes, many=many), Occurrences()
    for part in hashes:
        numbers = [alone.take(one) for one in part]
        if counted.take_new(part):
            assert numbers == [1] * len(part)
        else:
            assert [counted.take(one) for one in part] == numbers


def test_hashes_that_begin_alike_are_counted_apart() -> None:
    hashes = ["0" * 64, "0" * 63 + "1", "f" * 64, "0" * 64]
    counted = Occurrences(lambda: [hashes], many=1)
    assert [counted.take(one) for one in hashes] == [1, 1, 1, 2]


def test_a_short_list_is_not_read_again() -> None:
    def again() -> Iterator[Sequence[str]]:
        raise AssertionError

    counted = Occurrences(again, many=3)
    assert [counted.take(_hash(one)) for one in "abcabc"] == [1, 1, 1, 2, 2, 2]
