"""Lists without a header: what their values alone say about the columns."""

from __future__ import annotations

import pytest
from lists.suggested import sent

NAMELESS = "column 1,column 2,column 3\n"


def names(text: str) -> list[tuple[str | None, str | None]]:
    found = [row or {} for row in sent(NAMELESS + text, "contact")]
    return [(row.get("first_name"), row.get("last_name")) for row in found]


def test_addresses_show_that_the_last_name_comes_first() -> None:
    rows = (
        "Muster,Ann,ann.muster@example.com\nProbe,Ben,bprobe@example.com\nDemo,Cleo,x@a.example\n"
    )
    assert names(rows) == [("Ann", "Muster"), ("Ben", "Probe"), ("Cleo", "Demo")]


def test_addresses_show_that_the_first_name_comes_first() -> None:
    rows = (
        "Ann,Muster,ann.muster@example.com\nBen,Probe,bprobe@example.com\nCleo,Demo,x@a.example\n"
    )
    assert names(rows) == [("Ann", "Muster"), ("Ben", "Probe"), ("Cleo", "Demo")]


def test_frequent_first_names_show_that_the_last_name_comes_first() -> None:
    rows = "Muster,Anna,1\nProbe,Peter,2\nDemo,Maria,3\nBeispiel,Cleo,4\n"
    assert names(rows)[0] == ("Anna", "Muster")


def test_where_nothing_shows_the_order_the_first_name_comes_first() -> None:
    rows = "Qwasch,Zerb,1\nPlimp,Drox,2\nVrunt,Galb,3\nTomp,Yexi,4\n"
    assert names(rows)[0] == ("Qwasch", "Zerb")


def test_names_are_known_though_each_row_comes_many_times() -> None:
    rows = "Anna,Muster,x\nBen,Probe,x\nCleo,Demo,x\n" * 9
    assert names(rows)[:3] == [("Anna", "Muster"), ("Ben", "Probe"), ("Cleo", "Demo")]


def test_numbers_of_eight_digits_are_phone_numbers_of_a_country_that_has_such() -> None:
    rows = "Anna Muster,51973360,x\nBen Probe,23232323,x\nCleo Demo,27282728,x\n"
    found = sent(NAMELESS + rows, "contact", region="DK")
    assert [row and row.get("phone") for row in found] == [
        "+4551973360",
        "+4523232323",
        "+4527282728",
    ]


def test_numbers_of_eight_digits_that_count_upwards_are_ids() -> None:
    rows = "Anna Muster,23232323,x\nBen Probe,23232324,x\nCleo Demo,23232328,x\n"
    found = sent(NAMELESS + rows, "contact", region="DK")
    assert [row and "phone" in row for row in found] == [False, False, False]


@pytest.mark.parametrize(
    ("header", "country", "phones"),
    [
        ("Kontakt", "DK", ["+4551973360", "+4523232323", "+4527282728"]),
        ("Kontakt", "US", [None, None, None]),  # it has no numbers of eight digits
        ("Kontaktoplysninger", "DK", ["+4551973360", "+4523232323", "+4527282728"]),
        ("Medlem", "DK", [None, None, None]),
    ],
)
def test_numbers_of_eight_digits_below_contact_are_phone_numbers(
    header: str, country: str, phones: list[str | None]
) -> None:
    text = f"Navn,{header}\nAnna Muster,51973360\nBen Probe,23232323\nCleo Demo,27282728\n"
    found = sent(text, "contact", region=country)
    assert [row and row.get("phone") for row in found] == phones


def test_numbers_of_contact_details_that_nobody_can_read_are_sent_as_written() -> None:
    numbers = ["12341234", "11223344", "12431234", "11334455", "12451245"]
    rows = "".join(f"Anna Muster{at},{text}\n" for at, text in enumerate(numbers))
    found = sent(f"Navn,Kontaktinfo\n{rows}", "contact", region="NO")
    assert [row and row.get("phone") for row in found] == numbers


def test_towns_beside_streets_and_states_are_no_names() -> None:
    rows = (
        "a@example.com,71 Eden Route,North Casper\nb@example.com,876 Kemmer Cove,East Luell\n"
        "c@example.com,9 Points,Old Town\n"
    )
    found = sent(NAMELESS + rows, "contact")
    assert found[0] == {"email": "a@example.com"}
    rows = (
        "a@example.com,North Casper,LA,98872\nb@example.com,East Luell,AL,21362\n"
        "c@example.com,Old Town,MT,29547\n"
    )
    found = sent(f"{NAMELESS.strip()},column 4\n{rows}", "contact")
    assert found[0] == {"email": "a@example.com"}


def test_names_behind_groups_and_before_countries_are_names() -> None:
    rows = "Team 1,Anna Muster,DE\nTeam 1,Ben Probe,FR\nTeam 2,Cleo Demo,DE\nTeam 2,Dan Test,DE\n"
    assert [row and row["name"] for row in sent(NAMELESS + rows, "contact")][1] == "Ben Probe"
