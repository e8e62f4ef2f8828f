"""The table of ties, row by row: what a list is on record as, from the strongest tie to none."""

from __future__ import annotations

from typing import Any

import pytest
from stages.rows import BUSY, CONFLICT, VALIDATION, line, made, match, send, sent_line

from importer.core.records import Status
from importer.matching.open_rows import RowVerdict
from importer.matching.reasons import Reason, Say

RANA: dict[str, Any] = {
    "name": "Rana Haddad",
    "email": "rana@example.com",
    "phone": "+971501234567",
}


def changed(**details: Any) -> dict[str, Any]:
    return {**RANA, **details}


def say(verdict: RowVerdict | None) -> Say | None:
    return None if verdict is None else verdict.say


def one(lines: list[dict[str, Any]], person: dict[str, Any], **policy: Any) -> Say | None:
    [verdict] = match(lines, person, **policy)
    return say(verdict)


# Content, and what is sent alike


def test_a_row_as_it_was_is_known_by_its_content() -> None:
    assert one(made(send(**RANA)), RANA) is None


def test_a_row_that_differs_in_an_unmapped_column_is_before() -> None:
    assert one(made(send(**RANA)), changed(note="new")) is Say.BEFORE


def test_values_that_mean_the_same_are_before() -> None:
    assert one(made(send(**RANA)), changed(email="RANA@example.com")) is Say.BEFORE


def test_of_two_deals_that_are_sent_alike_one_has_the_record() -> None:
    pair = [{"name": "Villa", "note": "a"}, {"name": "Villa", "note": "b"}]
    lines = [*made(send("Villa"), "x1")]
    verdicts = match(lines, *pair, object_="deal")
    assert [*map(say, verdicts)] == [Say.BEFORE, Say.POSSIBLE_DUPLICATE]


# People who are certain


@pytest.mark.parametrize(
    "details",
    [
        {"email": "new@example.com"},
        {"phone": "+971509999999"},
        {"name": "HADDAD, Rana", "email": "new@example.com"},
        {"name": "Rana Kamal"},
    ],
    ids=["another address", "another number", "written otherwise", "first name and two details"],
)
def test_a_change_is_told(details: dict[str, Any]) -> None:
    assert one(made(send(**RANA)), changed(**details)) is Say.CHANGED


def test_who_has_no_detail_is_known_by_the_whole_name() -> None:
    assert one(made(send("Ali Hassan", city="a")), {"name": "Ali Hassan", "city": "b"}) is (
        Say.CHANGED
    )
    assert one(made(send("Ali", city="a")), {"name": "Ali", "city": "b"}) is Say.NEW


def test_an_identity_needs_something_that_agrees() -> None:
    known = made(send("Rana Haddad", ref="7", email="rana@example.com"))
    agrees = {"name": "Rana Kamal", "ref": "7", "email": "new@example.com"}
    nothing = {"name": "Omar Khan", "ref": "7", "email": "omar@example.com"}
    assert one(known, agrees) is Say.CHANGED
    assert one(known, nothing) is Say.POSSIBLE_DUPLICATE


# People who may be, and people who are not


def test_a_detail_of_its_own_is_a_maybe() -> None:
    assert one(made(send(**RANA)), {"name": "Omar Khan", "email": "rana@example.com"}) is (
        Say.POSSIBLE_DUPLICATE
    )


def test_a_detail_that_two_records_have_is_nobodys() -> None:
    firm: dict[str, Any] = {"phone": "+97142345678"}
    lines = [*made(send("Rana Haddad", **firm), "x1"), *made(send("Omar Khan", **firm), "x2")]
    assert one(lines, {"name": "Lina Saleh", **firm}) is Say.NEW
    assert one(lines, {"name": "Rana Saleh", **firm}) is Say.POSSIBLE_DUPLICATE


def test_a_record_whose_row_is_in_the_list_holds_nobody_back() -> None:
    lines = made(send(**RANA))
    colleague = {"name": "Omar Khan", "email": RANA["email"], "phone": RANA["phone"]}
    verdicts = match(lines, RANA, colleague)
    assert [say(one) for one in verdicts] == [None, Say.NEW]


def test_two_rows_of_one_person_are_two_records() -> None:
    second = changed(city="Ajman")
    verdicts = match(made(send(**RANA)), RANA, second)
    assert [say(verdict) for verdict in verdicts] == [None, Say.NEW]


def test_a_name_alone_counts_in_a_list_that_is_known() -> None:
    people: list[dict[str, Any]] = [
        {"name": f"P{at} Q{at}", "email": f"p{at}@example.com"} for at in range(3)
    ]
    lines = [one for at, each in enumerate(people) for one in made(send(**each), f"y{at}")]
    moved = {"name": "Rana Haddad", "email": "new@example.com", "phone": "+971507777777"}
    *_, verdict = match([*lines, *made(send(**RANA))], *people, moved)
    assert say(verdict) is Say.POSSIBLE_DUPLICATE


def test_a_namesake_in_a_list_of_others_is_new() -> None:
    others: list[dict[str, Any]] = [
        {"name": f"P{at} Q{at}", "email": f"p{at}@example.com"} for at in range(3)
    ]
    moved = {"name": "Rana Haddad", "email": "new@example.com", "phone": "+971507777777"}
    *_, verdict = match(made(send(**RANA)), *others, moved)
    assert say(verdict) is Say.NEW


def test_all_that_is_certain_is_given_before_a_maybe() -> None:
    maybe: dict[str, Any] = {
        "name": "Omar Khan",
        "email": "rana@example.com",
        "phone": "+971501111111",
    }
    certain = changed(email="new@example.com")
    verdicts = match(made(send(**RANA)), maybe, certain)
    assert [say(verdict) for verdict in verdicts] == [Say.NEW, Say.CHANGED]


# Within the list


def test_equal_rows_are_one_record() -> None:
    first, second = match([], RANA, RANA)
    assert (say(first), say(second)) == (Say.NEW, Say.DUPLICATE)
    assert second is not None
    assert second.of == 0


def test_rows_that_differ_in_an_unmapped_column_are_one_if_they_have_a_detail() -> None:
    assert [say(each) for each in match([], RANA, changed(note="b"))] == [Say.NEW, Say.DUPLICATE]
    without = [{"name": "Rana Haddad", "note": "a"}, {"name": "Rana Haddad", "note": "b"}]
    found = match([], *without)
    assert [say(each) for each in found] == [Say.NEW, Say.POSSIBLE_DUPLICATE]
    assert found[1] is not None
    assert found[1].reason is Reason.EQUAL_AS_SENT
    skipped = match([], *without, on_duplicate="skip")
    assert [say(each) for each in skipped] == [Say.NEW, Say.DUPLICATE]
    sent = match([], *without, on_duplicate="send")
    assert [say(each) for each in sent] == [Say.NEW, Say.NEW]
    assert len({each.key for each in sent if each is not None}) == 2


def test_an_identity_with_another_name_is_told() -> None:
    couple = [{"name": "Rana Haddad", "ref": "7"}, {"name": "Omar Khan", "ref": "7"}]
    same = [{"name": "Rana Haddad", "ref": "7"}, {"name": "Haddad Rana", "ref": "7", "city": "a"}]
    assert [say(each) for each in match([], *couple)] == [Say.NEW, Say.POSSIBLE_DUPLICATE]
    assert [say(each) for each in match([], *same)] == [Say.NEW, Say.DUPLICATE]


# Requests


def test_a_row_without_a_clear_answer_is_sent_again_with_its_key() -> None:
    sent = send(**RANA)
    [verdict] = match([sent_line(sent)], RANA)
    assert verdict is not None
    assert (verdict.say, verdict.key, verdict.unclear) == (Say.AGAIN, sent.key, True)


def test_a_row_that_such_a_request_may_have_been_for_is_unknown() -> None:
    assert one([sent_line(send(**RANA))], changed(email="new@example.com")) is Say.UNKNOWN
    assert one([sent_line(send(**RANA))], {"name": "Omar Khan"}) is Say.NEW


def test_one_request_holds_one_row_back() -> None:
    both = [changed(email="new@example.com"), changed(email="other@example.com")]
    verdicts = match([sent_line(send(**RANA))], *both)
    assert [say(verdict) for verdict in verdicts] == [Say.UNKNOWN, Say.NEW]


@pytest.mark.parametrize(
    ("error", "retry", "said"),
    [
        (VALIDATION, "all", Say.AGAIN),
        (VALIDATION, "transient", Say.FAILED),
        (BUSY, "transient", Say.AGAIN),
        (BUSY, "none", Say.FAILED),
    ],
)
def test_a_refused_row_is_sent_again_as_asked(error: Any, retry: str, said: Say) -> None:
    sent = send(**RANA)
    lines = [sent_line(sent), line(sent.outcome(Status.FAILED, error=error, attempts=1))]
    [verdict] = match(lines, RANA, retry=retry)
    assert verdict is not None
    assert verdict.say is said
    assert verdict.key == (f"{sent.key}-2" if said is Say.AGAIN else sent.key)


def test_a_conflict_about_an_identity_keeps_its_key() -> None:
    person: dict[str, Any] = {"name": "Rana Haddad", "ref": "7"}
    sent = send(**person)
    [verdict] = match([line(sent.outcome(Status.FAILED, error=CONFLICT, attempts=1))], person)
    assert verdict is not None
    assert verdict.key == sent.key


# What people have decided, and what was reported


def reported(status: Status, **details: Any) -> dict[str, Any]:
    sent, record_key = send(**details), send(**RANA).key
    return line(
        sent.outcome(
            status, external_id="x1", differs=True, record_key=record_key, hashes=sent.hashes
        )
    )


def test_changes_add_up() -> None:
    second = changed(email="b@example.com")
    third = {"name": "Rana Marin", "email": "b@example.com", "phone": RANA["phone"]}
    lines = [*made(send(**RANA)), reported(Status.CHANGED, **second)]
    assert one(lines, third) is Say.CHANGED
    fourth = {"name": "Rana Marin", "email": "b@example.com", "phone": "+971508888888"}
    assert one(lines, fourth) is Say.POSSIBLE_DUPLICATE
    assert one([*lines, reported(Status.CHANGED, **third)], fourth) is Say.CHANGED


def test_a_change_is_told_once_and_sent_only_until_it_is_dealt_with() -> None:
    second = changed(email="b@example.com")
    lines = [*made(send(**RANA)), reported(Status.CHANGED, **second)]
    assert one(lines, second) is None
    assert one(lines, second, on_change="send") is Say.NEW
    assert one([*lines, {"kind": "acknowledged"}], second, on_change="send") is None


def test_a_possible_duplicate_is_told_until_somebody_decides() -> None:
    maybe: dict[str, Any] = {"name": "Omar Khan", "email": RANA["email"]}
    lines = [*made(send(**RANA)), reported(Status.POSSIBLE_DUPLICATE, **maybe)]
    where = [send(**maybe).source_hash, 1]
    assert one(lines, maybe) is Say.POSSIBLE_DUPLICATE
    assert one(lines, maybe, on_change="send") is Say.POSSIBLE_DUPLICATE
    assert one([*lines, {"kind": "acknowledged"}], maybe) is Say.POSSIBLE_DUPLICATE
    assert one([*lines, {"kind": "acknowledged", "same": [where]}], maybe) is None
    [verdict] = match([*lines, {"kind": "acknowledged", "new": [where]}], maybe)
    assert verdict is not None
    assert (verdict.say, verdict.reason) == (Say.NEW, Reason.DECIDED_NEW)
