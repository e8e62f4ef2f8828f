"""A name and a phone number in one cell are read by two lines."""

from __future__ import annotations

from lists.suggested import sent


def test_a_name_and_a_mobile_number_in_one_cell_are_both_sent() -> None:
    text = """
Name & Mobile,Service
Ann Muster - 0501234561,Cleaning
Mrs. Probe 050 123 4562,Cleaning
Cleo (0501234563),Pool
+971501234564 Dan Example,Pool
Villa 22,Pool
"""
    assert sent(text, "contact", region="AE") == [
        {"name": "Ann Muster", "mobile_phone": "+971501234561"},
        {"name": "Mrs. Probe", "mobile_phone": "+971501234562"},
        {"name": "Cleo", "mobile_phone": "+971501234563"},
        {"name": "Dan Example", "mobile_phone": "+971501234564"},
        {"name": "Villa 22"},
    ]


def test_it_is_so_in_other_languages() -> None:
    text = """
Name und Telefon,Ort
Ann Muster: 030 1234567,Berlin
Ben Probe / 030 1234568,Berlin
Cleo Demo 030/1234569,Berlin
"""
    found = sent(text, "contact", region="DE")
    assert [row and (row["name"], row["phone"]) for row in found] == [
        ("Ann Muster", "+49301234567"),
        ("Ben Probe", "+49301234568"),
        ("Cleo Demo", "+49301234569"),
    ]


def test_names_that_have_a_column_are_not_cut_out_of_another() -> None:
    text = "Name,Name & Phone\nAnn,Ann 0501234561\nBen,Ben 0501234562\nCleo,Cleo 0501234563\n"
    assert [row and row["name"] for row in sent(text, "contact", region="AE")] == [
        "Ann",
        "Ben",
        "Cleo",
    ]
