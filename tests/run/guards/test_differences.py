"""What differs between two lists, in words."""

from __future__ import annotations

import pytest

from importer.run.guards.differences import column_differences, new_rows, reading_differences
from importer.run.guards.list_shape import ListShape, form_of


def shape(
    rows: int, read_as: tuple[str, str] = ("utf-8", ","), **columns: dict[str, int]
) -> ListShape:
    return ListShape(rows=rows, columns=columns, read_as=[read_as], is_ascii=False)


@pytest.mark.parametrize(
    ("new", "words"),
    [(50, []), (51, ["51 of its 9,000 rows"]), (1_051, ["1,051 of its 9,000 rows"])],
)
def test_new_rows_are_told_if_there_are_more_than_usual(new: int, words: list[str]) -> None:
    assert [one.partition(" look new")[0] for one in new_rows(9_000, new, 50)] == words


@pytest.mark.parametrize(
    ("was", "now", "is_told"),
    [
        ({"email": 1000}, {"email": 990}, False),
        ({"email": 1000}, {"email": 490}, True),
        ({"email": 40}, {}, False),  # too few to tell anything
        ({"email": 900}, {"digits": 900}, True),
        ({"email": 500, "words": 400}, {"words": 900}, False),  # it never had one form
        ({"code": 900, "digits": 100}, {"code": 500, "digits": 500}, False),
    ],
)
def test_a_column_has_collapsed_if_its_share_has_halved(
    was: dict[str, int], now: dict[str, int], is_told: bool
) -> None:
    found = [*column_differences(shape(1000, A=now), shape(1000, A=was))]
    assert bool(found) is is_told


def test_a_column_that_is_not_mapped_any_more_is_no_difference() -> None:
    assert [*column_differences(shape(1000), shape(1000, A={"words": 1000}))] == []


def test_a_small_sample_proves_nothing() -> None:
    was, now = shape(110, A={"words": 55, "digits": 5}), shape(12, A={"words": 3})
    assert [*column_differences(now, was)] == []


@pytest.mark.parametrize(
    ("now", "before", "words"),
    [
        (("cp1252", ","), ("utf-8", ","), "it is encoded in CP1252; the last one was in UTF-8"),
        (("utf-8", ";"), ("utf-8", ","), "its delimiter is ';'; that of the last one was ','"),
    ],
)
def test_it_is_said_how_a_list_is_read_otherwise(
    now: tuple[str, str], before: tuple[str, str], words: str
) -> None:
    assert [*reading_differences(shape(9, now), shape(9, before))] == [words]


@pytest.mark.parametrize(
    ("value", "form"),
    [
        (True, "words"),
        (7, "digits"),
        ({"a": 1}, "nested"),
        ([], None),
        (" ", None),
        ("—", "signs"),
        ("٠٥٠", "digits"),
    ],
)
def test_the_form_of_any_value(value: object, form: str | None) -> None:
    assert form_of(value) == form  # type: ignore[arg-type]
