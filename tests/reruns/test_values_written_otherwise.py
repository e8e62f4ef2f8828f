"""The list comes again with the same values in another spelling: nobody is new."""

from __future__ import annotations

import json

import pytest
from referee import World

SAME = {
    "an amount": ("amount", "1250.00", "1250"),
    "an amount with thousands": ("amount", "1,250.00", "1250"),
    "a small amount": ("amount", "0.50", "0.5"),
    "an amount with a sign": ("amount", "+1250", "1250.0"),
    "an email address": ("contact_email", "Ada@Example.com", "ada@example.com"),
    "a currency": ("currency", "AED", "AED "),
    "an id in a spreadsheet": ("external_ref", "00C7", "C7"),
    "an id in small letters": ("external_ref", "C7", "c7"),
    "an accent put together otherwise": ("notes", "Ren\u00e9", "Rene\u0301"),
}
ROW = "title,owner,exported,{column}\nAda's flat,Bo,{exported},{value}\n"


@pytest.mark.parametrize(("column", "first", "then"), SAME.values(), ids=SAME)
@pytest.mark.parametrize("exported", ["monday", "tuesday"])
def test_a_value_that_means_the_same(
    world: World, column: str, first: str, then: str, exported: str
) -> None:
    mapping = (
        f'object = "deal"\n[fields]\ntitle = "title"\nowner = "owner"\n{column} = "{column}"\n'
    )
    world.write("mapping.toml", mapping)
    run = ("deals.csv", "--mapping", "mapping.toml")
    world.write("deals.csv", ROW.format(column=column, exported="monday", value=f'"{first}"'))
    world.run(*run).ended(0, created=1)
    world.write("deals.csv", ROW.format(column=column, exported=exported, value=f'"{then}"'))
    world.run(*run).ended(0, before=1)
    world.settled(**{"Ada's": 1})


@pytest.mark.parametrize("flags", [(), ("--on-change", "send")], ids=["", "changes are sent"])
@pytest.mark.parametrize(
    ("object_", "name", "field", "first", "then"),
    [
        ("deal", "title", "amount", "1250.00", "1250"),
        ("contact", "first_name", "email", "ADA@example.com", "ada@example.com"),
        (
            "contact",
            "first_name",
            "created_at",
            "2024-05-31T09:30:00Z",
            "2024-05-31T13:30:00+04:00",
        ),
    ],
    ids=["amount", "address", "instant"],
)
def test_while_the_mapping_changes_too(
    world: World, object_: str, name: str, field: str, first: str, then: str, flags: tuple[str, ...]
) -> None:
    mapping = f'object = "{object_}"\n[fields]\n{name} = "Name"\n{field} = "Value"\n'
    run = ("list.csv", "--mapping", "mapping.toml")
    world.write("mapping.toml", mapping)
    world.write("list.csv", f"Name,Value,Exported\nAda,{first},monday\n")
    world.run(*run).ended(0, created=1)
    world.write("mapping.toml", f'{mapping}notes = {{ const = "old list" }}\n')
    world.write("list.csv", f"Name,Value,Exported\nAda,{then},tuesday\n")
    world.run(*run, *flags).knew(1)
    world.settled(Ada=1)


@pytest.mark.parametrize("flags", [(), ("--on-change", "send")], ids=["", "changes are sent"])
@pytest.mark.parametrize("constant", ["", 'notes = { const = "old list" }\n'])
def test_once_the_identity_is_dropped(world: World, constant: str, flags: tuple[str, ...]) -> None:
    fields = '[fields]\ntitle = "Title"\namount = "Amount"\n'
    world.write("mapping.toml", f'object = "deal"\nidentity = ["title"]\n{fields}')
    world.write("deals.csv", "Title,Amount\nAda,1250.00\n")
    run = ("deals.csv", "--mapping", "mapping.toml")
    world.run(*run).ended(0, created=1)
    world.write("mapping.toml", f'object = "deal"\n{fields}{constant}')
    world.write("deals.csv", "Title,Amount\nAda,1250\n")
    if constant:  # the first mapping has sent no id: it may be another deal
        world.run(*run, *flags).ended(6, possible_duplicate=1)
    else:
        world.run(*run, *flags).ended(0, before=1)
    world.settled(Ada=1)


def test_money_after_a_spreadsheet_took_its_currency(world: World) -> None:
    world.write(
        "mapping.toml",
        """\
        object = "deal"
        [fields]
        title = "Title"
        amount = { column = "Amount", type = "money", currency = "EUR", decimal_mark = "." }
        """,
    )
    run = ("deals.csv", "--mapping", "mapping.toml")
    world.write("deals.csv", 'Title,Amount\nAda,"1,250.00 EUR"\nBo,"99.90 EUR"\n')
    world.run(*run).ended(0, created=2)
    world.write("deals.csv", "Title,Amount\nAda,1250\nBo,99.9\n")
    world.run(*run).ended(0, before=2)
    world.settled(Ada=1, Bo=1)


INSTANTS = {
    "in UTC": "2024-05-31T05:30:00Z",
    "in another zone": "2024-05-31T07:30:00+02:00",
    "without seconds": "2024-05-31T09:30+04:00",
    "in local time": "2024-05-31 09:30:00",
    "with fractions": "2024-05-31T05:30:00.000Z",
}


@pytest.mark.parametrize("instant", INSTANTS.values(), ids=INSTANTS)
def test_an_instant(world: World, instant: str) -> None:
    world.write(
        "mapping.toml",
        """\
        object = "contact"
        [fields]
        first_name = "First"
        created_at = { column = "Created", timezone = "Asia/Dubai" }
        """,
    )
    run = ("people.csv", "--mapping", "mapping.toml")
    world.write("people.csv", "First,Created\nAda,2024-05-31T09:30:00+04:00\n")
    world.run(*run).ended(0, created=1)
    world.write("people.csv", f"First,Created\nAda,{instant}\nBo,{instant}\n")
    world.run(*run).ended(0, before=1, created=1)
    world.settled(Ada=1, Bo=1)


@pytest.mark.parametrize("identity", ["", 'identity = ["points"]\n'], ids=["", "as identity"])
@pytest.mark.parametrize("first", [7, 7.0, "7"], ids=repr)
def test_a_number_in_json_and_in_csv(world: World, first: object, identity: str) -> None:
    mapping = '[fields]\nfirst_name = "First"\npoints = "Points"\n'
    world.write("mapping.toml", f'object = "contact"\n{identity}{mapping}')
    flags = ("--mapping", "mapping.toml", "--results", "people.results.jsonl")
    world.write("people.jsonl", json.dumps({"First": "Ada", "Points": first}) + "\n")
    world.run("people.jsonl", *flags).ended(0, created=1)
    world.write("people.csv", "First,Points\nAda,7\nBo,8\n")
    world.run("people.csv", *flags).ended(0, before=1, created=1)
    world.settled(Ada=1, Bo=1)


def test_an_identity_in_other_case(world: World) -> None:
    world.write(
        "mapping.toml",
        """\
        object = "contact"
        identity = ["email"]
        [fields]
        first_name = "First"
        email = "Mail"
        """,
    )
    run = ("people.csv", "--mapping", "mapping.toml")
    world.write("people.csv", "First,Mail\nAda,ADA@EXAMPLE.COM\n")
    world.run(*run).ended(0, created=1)
    world.write("people.csv", "First,Mail\nAda,ada@example.com\nBo,bo@example.com\n")
    world.run(*run).ended(0, before=1, created=1)
    world.settled(Ada=1, Bo=1)


PHONES = {
    "zero dropped": "501110001",
    "with spaces": "050 111 0001",
    "with hyphens": "050-111-0001",
}


class TestPhones:
    """A spreadsheet drops the zero that all numbers begin with, or people write them anew."""

    @pytest.mark.parametrize("number", PHONES.values(), ids=PHONES)
    @pytest.mark.parametrize("address", ["ada@example.com", ""], ids=["and email", "alone"])
    def test_of_people(self, world: World, number: str, address: str) -> None:
        header = "first_name,last_name,email,phone\n"
        run = ("people.csv", "--object", "contact")
        world.write("people.csv", f"{header}Ada,Abboud,{address},0501110001\n")
        world.run(*run).ended(0, created=1)
        world.write("people.csv", f"{header}Ada,Abboud,{address},{number}\n")
        world.run(*run).knew(1)
        world.settled(Ada=1)


def test_an_encoding_that_is_stated_and_no_longer_true(world: World) -> None:
    world.write(
        "mapping.toml",
        """\
        object = "contact"
        [fields]
        name = "Name"
        email = "Mail"
        [read]
        encoding = "windows-1252"
        """,
    )
    run = ("people.csv", "--mapping", "mapping.toml")
    people = "Name,Mail\nRené Müller,rene@example.com\nZoë Åberg,zoe@example.com\n"
    world.write("people.csv", people, encoding="windows-1252")
    world.run(*run).ended(0, created=2)
    world.write("people.csv", people, encoding="utf-8")
    world.run(*run)
    addresses = [record.fields["email"] for record in world.crm.records.values()]
    assert sorted(addresses) == ["rene@example.com", "zoe@example.com"]


def test_dates_rendered_anew(world: World) -> None:
    world.write(
        "mapping.toml",
        """\
        object = "contact"
        [fields]
        first_name = "First"
        birthday = { column = "Born", formats = ["%d/%m/%Y", "iso", "excel"] }
        """,
    )
    run = ("people.csv", "--mapping", "mapping.toml")
    for count, born in enumerate(["31/05/1990", "1990-05-31", "33024"]):
        world.write("people.csv", f"First,Born\nAda,{born}\n")
        world.run(*run).ended(0, **({"before": 1} if count else {"created": 1}))
    world.settled(Ada=1)
