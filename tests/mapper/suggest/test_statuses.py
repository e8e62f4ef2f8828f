"""The status of an appointment: words in many languages, and columns of yes or no."""

from __future__ import annotations

import pytest
from lists.suggested import proposed, sent

HEAD = "Start,End,Name,Phone"


def appointments(column: str, *values: str) -> str:
    rows = (
        f"2024-06-0{at}T09:00:00Z,2024-06-0{at}T10:00:00Z,Ann Muster,050 123 456{at},{value}\n"
        for at, value in enumerate(values, start=1)
    )
    return f"{HEAD},{column}\n{''.join(rows)}"


def statuses(text: str) -> list[str | None]:
    found = sent(text, "appointment", region="AE")
    return [row["status"] if row and "status" in row else None for row in found]


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("Stato", ("Confermata", "Annullata", "Non presentato")),
        ("Status", ("Bestätigt", "Storniert", "Nicht erschienen")),
        ("Estado", ("Confirmada", "Cancelada", "No se presentó")),
        ("Статус", ("Подтверждено", "Отменено", "Не пришел")),
    ],
)
def test_words_in_other_languages_are_statuses(header: str, words: tuple[str, ...]) -> None:
    assert statuses(appointments(header, *words)) == ["confirmed", "cancelled", "no_show"]


@pytest.mark.parametrize(
    ("came", "did_not"),
    [
        ("Attended", "Absent"),
        ("تم الحضور", "غائب"),
        ("حضر", "لم يحضر"),
        ("Venue", "Absente"),
        ("Asistió", "Ausente"),
        ("Przyszła", "Nieobecna"),
        ("已完成", "未到"),
    ],
)
def test_who_came_has_completed_the_appointment(came: str, did_not: str) -> None:
    assert statuses(appointments("Status", came, did_not)) == ["completed", "no_show"]


def test_what_else_has_been_done_is_no_status() -> None:
    assert statuses(appointments("تم الدفع", "نعم", "لا")) == [None, None]


def test_a_word_that_nobody_knows_leaves_out_no_other() -> None:
    text = appointments("Status", "Confirmed", "Qwxz", "Cancelled")
    assert statuses(text) == ["confirmed", None, "cancelled"]
    (question,) = proposed(text, "appointment", region="AE").questions
    assert question.values == ("Qwxz",)


def test_a_lead_keeps_the_word_that_nobody_knows() -> None:
    text = "Name,Phone,Status\nAnn Muster,050 123 4561,New\nBen Probe,050 123 4562,Qwxz\n"
    found = sent(text, "lead", region="AE")
    assert [row and (row.get("status"), row["attributes"]) for row in found] == [
        ("new", {"status": "New"}),
        (None, {"status": "Qwxz"}),
    ]


@pytest.mark.parametrize("header", ["Canceled", "Is Cancelled?", "Storniert", "Annullato"])
def test_yes_below_a_status_is_that_status(header: str) -> None:
    assert statuses(appointments(header, "No", "Yes", "")) == [None, "cancelled", None]


def test_two_columns_of_yes_or_no_make_one_status() -> None:
    text = appointments(
        "Canceled,Marked as No-Show", "false,No", "true,No", "false,Yes", "true,Yes"
    )
    assert statuses(text) == [None, "cancelled", "no_show", "cancelled"]


def test_yes_or_no_below_another_word_is_no_status() -> None:
    assert statuses(appointments("Paid", "No", "Yes")) == [None, None]


def test_only_the_time_zone_is_missing_where_a_start_is_known() -> None:
    text = "Start,Name,Phone\n2024-06-01 09:00,Ann Muster,+971 50 123 4561\n"
    decisions = proposed(text, "appointment").decisions
    assert any("--timezone" in one for one in decisions)
    assert not any("map a column to it" in one for one in decisions)
