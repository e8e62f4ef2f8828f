"""What the rows of a list probably are, by its columns."""

from __future__ import annotations

import pytest

from importer.suggesting.likely_objects import likely_object

LISTS = {
    "appointment": {
        "Booking No": ["B1", "B2"],
        "Client": ["Mona Khoury", "Ali Said"],
        "Phone": ["0501234567", "0501234568"],
        "Date": ["01/03/2026", "15/03/2026"],
        "Time": ["09:30", "14:15"],
        "Duration": ["45", "30"],
        "Service": ["Cut", "Color"],
        "Status": ["Confirmed", "Done"],
    },
    "contact": {"Name": ["Mona Khoury", "Ali Said"], "Mobile": ["0501234567", "0501234568"]},
    "case": {
        "Subject": ["Leak", "Noise"],
        "Description": ["Water in the hall", "At night"],
        "Priority": ["high", "low"],
        "Email": ["mona@example.com", "ali@example.com"],
    },
    "deal": {
        "Deal name": ["Villa 7", "Shop 2"],
        "Stage": ["Offer", "Won"],
        "Amount": ["900000", "120000"],
        "Closing date": ["2026-05-01", "2026-06-01"],
    },
}


@pytest.mark.parametrize("object_", LISTS)
def test_the_object_whose_fields_most_columns_are(object_: str) -> None:
    columns = LISTS[object_]
    assert likely_object([*columns], [*columns.values()]) == object_
