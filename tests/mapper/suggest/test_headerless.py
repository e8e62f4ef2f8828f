"""Lists without a header: what their values alone say about the columns."""

from __future__ import annotations

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


def test_names_behind_groups_and_before_countries_are_names() -> None:
    rows = "Team 1,Anna Muster,DE\nTeam 1,Ben Probe,FR\nTeam 2,Cleo Demo,DE\nTeam 2,Dan Test,DE\n"
    assert [row and row["name"] for row in sent(NAMELESS + rows, "contact")][1] == "Ben Probe"
