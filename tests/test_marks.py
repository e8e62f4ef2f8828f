"""What a record is known by when no key fits any more, and what does not make two rows one."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importer.marks import Marker, Marks, plain

MARKER = Marker("salt")
RANA: dict[str, Any] = {
    "first_name": "Rana",
    "last_name": "Haddad",
    "email": "rana@example.com",
    "phone": "+971501234567",
}


def marks(object_: str = "contact", **fields: Any) -> Marks:
    return MARKER.marks(object_, fields)


def may_be(row: Marks, record: Marks, *, gone: bool = False, same: bool = False) -> bool:
    return row.may_be(record, is_gone=lambda: gone, is_same_list=same)


# Meaning


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1250.00", "1250"),
        (1250, "1250.0"),
        (7, "7"),
        ("2026-01-01T12:00:00+04:00", "2026-01-01T08:00:00Z"),
        ("Rana@Example.com", "rana@example.com"),
        ([1, "a"], ["1.0", "a"]),
        (True, True),
    ],
)
def test_values_that_mean_the_same_are_one(one: Any, other: Any) -> None:
    assert plain(one) == plain(other)
    assert marks(notes=one).meaning == marks(notes=other).meaning


@pytest.mark.parametrize(
    ("one", "other"),
    [("007", "7"), ("1,250", "1250"), ("Rana", "rana"), (1, True), ("2026-01-01", "2026-01-02")],
)
def test_values_that_may_mean_something_else_are_two(one: Any, other: Any) -> None:
    assert plain(one) != plain(other)


def test_a_value_in_another_field_is_another_meaning() -> None:
    assert marks(email="a@example.com").meaning != marks(notes="a@example.com").meaning
    assert marks(name="x").meaning != marks("lead", name="x").meaning


# People


@pytest.mark.parametrize(
    "changes",
    [
        {"phone": "+971509999999"},
        {"email": "new@example.com"},
        {"phone": "0501234567", "email": None},
        {"first_name": "RANA", "email": None},
        {"last_name": None},
        {"first_name": None, "last_name": None, "name": "Rana Haddad", "phone": None},
        {"notes": "moved"},
    ],
)
def test_a_corrected_row_may_be_the_record(changes: dict[str, Any]) -> None:
    row = {name: value for name, value in (RANA | changes).items() if value is not None}
    assert may_be(marks(**row), marks(**RANA))


@pytest.mark.parametrize("shared", ["email", "phone"])
def test_two_people_who_share_one_detail_are_two(shared: str) -> None:
    row = {"first_name": "Omar", "last_name": "Khan", shared: RANA[shared]}
    assert not may_be(marks(**row), marks(**RANA), gone=True)


def test_a_member_of_the_family_is_another_person_while_the_first_is_there() -> None:
    brother = {"first_name": "Sami", "last_name": "Haddad", "phone": RANA["phone"]}
    assert not may_be(marks(**brother), marks(**RANA))
    assert may_be(marks(**brother), marks(**RANA), gone=True)


def test_two_details_and_a_part_of_the_name_are_enough() -> None:
    assert may_be(marks(**RANA | {"first_name": "Rania"}), marks(**RANA))


def test_a_name_alone_is_enough_where_the_row_is_gone() -> None:
    row = marks(first_name="Rana", last_name="Haddad", phone="+971507777777")
    assert not may_be(row, marks(**RANA))
    assert may_be(row, marks(**RANA), gone=True)


def test_a_first_name_alone_is_never_enough() -> None:
    row = marks(first_name="Rana", phone="+971507777777")
    assert not may_be(row, marks(first_name="Rana", email="rana@example.com"), gone=True)


def test_another_id_makes_the_same_name_two_people() -> None:
    row = {"name": "Ali Hassan", "phone": "+971507777777", "external_ref": "8"}
    record = {"name": "Ali Hassan", "phone": "+971501111111", "external_ref": "7"}
    assert not may_be(marks(**row), marks(**record), gone=True)


def test_an_id_needs_more_beside_it_where_the_names_differ() -> None:
    record = marks(name="Ali Hassan", external_ref="0007")
    assert may_be(marks(name="Ali H", external_ref="7", email="a@example.com"), record)
    assert not may_be(marks(name="Omar Khan", external_ref="7"), record)


def test_who_can_be_reached_nowhere_is_known_by_the_name() -> None:
    assert may_be(marks(name="Ali Hassan", notes="a"), marks(name="Hassan, Ali", notes="b"))
    assert not may_be(marks(name="Ali", notes="a"), marks(name="Ali", notes="b"))


def test_names_prove_nothing_where_the_same_file_is_read_in_another_way() -> None:
    row, record = (
        marks(name="René", email="r@example.com"),
        marks(name="RenÃ©", email="r@example.com"),
    )
    assert may_be(row, record, gone=True, same=True)
    assert not may_be(row, record, gone=True)


# What people have several of


def test_another_visit_of_a_person_is_another_record() -> None:
    visit = {"customer_name": "Rana Haddad", "customer_phone": "+971501234567"}
    first = marks("appointment", **visit, scheduled_start="2026-01-01T08:00:00Z")
    same = marks("appointment", **visit, scheduled_start="2026-01-01T12:00:00+04:00", notes="x")
    later = marks("appointment", **visit, scheduled_start="2026-01-08T08:00:00Z")
    assert may_be(same, first)
    assert not may_be(later, first, gone=True)


def test_one_id_makes_two_deals_one_whatever_their_titles() -> None:
    first = marks("deal", title="Villa 7", external_ref="D-7")
    assert may_be(marks("deal", title="Villa 8", external_ref="D-7"), first)
    assert not may_be(marks("deal", title="Villa 8", external_ref="D-8"), first)


def test_a_deal_without_a_person_is_known_by_its_title() -> None:
    first = marks("deal", title="Villa 7", amount="1")
    assert may_be(marks("deal", title="villa 7", amount="2"), first)
    assert not may_be(marks("deal", title="Villa 8", amount="1"), first)


# On record


TEXTS = st.text(max_size=12)
FIELDS = st.dictionaries(
    st.sampled_from(["name", "first_name", "email", "phone", "external_ref", "title", "notes"]),
    st.one_of(TEXTS, st.emails(), st.integers(), st.just("+971501234567")),
)


@given(FIELDS, st.sampled_from(["contact", "lead", "deal", "case", "appointment"]))
def test_marks_are_read_back_as_they_were_written(fields: dict[str, Any], object_: str) -> None:
    made = MARKER.marks(object_, fields)
    assert Marks.parse(made.text()) == made
    assert made.text().isascii()


@given(FIELDS)
def test_a_row_may_always_be_itself_where_it_can_be_reached(fields: dict[str, Any]) -> None:
    made = MARKER.marks("contact", fields)
    assert not made.contacts or may_be(made, made)


def test_another_salt_makes_other_marks() -> None:
    assert Marker("other").marks("contact", RANA).contacts.isdisjoint(marks(**RANA).contacts)
