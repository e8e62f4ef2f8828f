"""Lists as other software exports them: names below a key, two header rows, a total at the end."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from commands.inside import vorel_import

from importer.reader.csv.tables import is_total

CUSTOMERS = (
    "Jana;Bergmann;jana@example.org;0171 2345678\nTimo;Kestner;timo@example.org;0171 2345679\n"
)
WHOLE = {"first_name": "Jana", "last_name": "Bergmann", "email": "jana@example.org",
         "phone": "+491712345678"}  # fmt: skip


def sent(path: Path, *flags: str) -> tuple[list[dict[str, Any]], str]:
    """
    Return what is sent of a list by the mapping that `map` suggests, and what is said of it.

    Nothing is sent, with exit code 2, of a list whose header only a person can tell.
    """
    output = path.with_suffix(".toml")
    words = ("--object", "contact", "--region", "DE", "--no-input", "-o", output, "--force")
    mapped = vorel_import("map", path, *words, *flags, cwd=path.parent)
    assert mapped.returncode == 0, mapped.stderr
    checked = vorel_import("check", path, "--mapping", output, *flags, "--json", cwd=path.parent)
    document = json.loads(checked.stdout)
    assert (checked.returncode == 2) == ("looks like names" in mapped.stderr)
    if checked.returncode == 2:
        return [], f"{mapped.stderr}\n{document['stopped']}"
    return [one["fields"] for one in document["samples"]], "\n".join(
        [mapped.stderr, *document["notices"]]
    )


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("person.first", "person.last"),
        ("Customer First", "Customer Last"),
        ("contact.name.given", "contact.name.family"),
        ("kunde.vorname", "kunde.nachname"),
        ("patient.name.vorname", "patient.name.nachname"),
        ("client.nom.prenom", "client.nom.famille"),
        ("العميل.الاسم.الأول", "العميل.الاسم.العائلة"),
    ],
)
def test_both_parts_of_a_name_are_sent_whatever_they_are_below(
    first: str, last: str, tmp_path: Path
) -> None:
    rows: list[dict[str, Any]] = []
    for one, other in (("Rana", "Haddad"), ("Omar", "Saleh")):
        row: dict[str, Any] = {"mail": f"{one.lower()}@example.org"}
        for column, value in ((first, one), (last, other)):
            *above, name = column.split(".")
            inner = row
            for key in above:
                inner = inner.setdefault(key, {})
            inner[name] = value
        rows.append(row)
    path = tmp_path / "people.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")

    found, _ = sent(path)

    assert found[0] == {"first_name": "Rana", "last_name": "Haddad", "email": "rana@example.org"}


@pytest.mark.parametrize(
    ("numbers", "column"),
    [
        ([{"type": "home", "number": "+97142123456"}], "phones.0.number"),
        (["+97142123456"], "phones"),
    ],
)
def test_the_first_of_the_phones_in_a_list_of_json(
    numbers: list[Any], column: str, tmp_path: Path
) -> None:
    path = tmp_path / "people.jsonl"
    emails = [{"address": "rana@example.org", "verified": True}]
    row = {"name": "Rana Haddad", "emails": emails, "phones": numbers}
    path.write_text("".join(json.dumps({**row, "id": one}) + "\n" for one in "abc"), "utf-8")

    found, _ = sent(path)

    assert found[0]["email"] == "rana@example.org"
    assert found[0]["phone"] == "+97142123456"
    assert f'phone = {{ column = "{column}"' in path.with_suffix(".toml").read_text("utf-8")


def people(**outside: Any) -> list[dict[str, Any]]:
    """Return rows that each have a list of two people, and a name and more outside it."""
    rows = []
    for at, (one, other) in enumerate([("Rana Haddad", "Omar Saleh"), ("Mia Berg", "Leo Kunz")]):
        persons = [
            {"full_name": name, "mails": [{"email": f"{name.split()[0].lower()}@example.org"}]}
            for name in (one, other)
        ]
        rows.append({"id": f"c{at}", "name": f"Kiosk {at} GmbH", **outside, "people": persons})
    return rows


def test_the_first_person_in_a_list_of_json_is_sent_with_the_company(tmp_path: Path) -> None:
    path = tmp_path / "firms.json"
    path.write_text(json.dumps(people(url="https://kiosk.example")), "utf-8")

    found, said = sent(path)

    assert found[1]["name"] == "Mia Berg"
    assert found[1]["email"] == "mia@example.org"
    assert found[1]["company"] == "Kiosk 1 GmbH"
    assert "not the one of 'people.1.full_name', 'people.1.mails.0.email'" in said


def test_people_in_a_list_of_json_are_others_if_the_row_has_a_person(tmp_path: Path) -> None:
    path = tmp_path / "children.json"
    path.write_text(json.dumps(people(name="Kim Lee", birthday="2019-02-03")), "utf-8")

    found, said = sent(path)

    assert found[0] == {"name": "Kim Lee", "birthday": "2019-02-03", "external_ref": "c0"}
    assert 'write email = { column = "people.0.mails.0.email", type = "email" }' in said


def test_the_day_of_the_last_contact_is_no_name(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text(
        "Customer First,Last Contact,Customer Last,Mail\nRana,Monday,Haddad,r@example.org\n"
    )
    assert sent(path)[0][0]["last_name"] == "Haddad"


@pytest.mark.parametrize(
    ("header", "row", "name"),
    [
        ("Name,Contact Last,Email", "Jana Bergmann,Phone call,jana@example.org", "Jana Bergmann"),
        ("姓名,姓,Email", "王小明,王,wang@example.org", "王小明"),
        ("Full Name,Surname,Email", "Madonna,Ciccone,madonna@example.org", "Madonna"),
    ],
)
def test_a_whole_name_stays_one(header: str, row: str, name: str, tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text(f"{header}\n{row}\n", "utf-8")
    assert sent(path)[0][0]["name"] == name


@pytest.mark.parametrize("groups", ["Name;Name;Kontakt;Kontakt", "Name;;Kontakt;"])
def test_names_of_columns_below_names_of_groups(groups: str, tmp_path: Path) -> None:
    path = tmp_path / "kunden.csv"
    path.write_text(f"{groups}\nVorname;Nachname;E-Mail;Telefon\n{CUSTOMERS}", "utf-8")
    found, said = sent(path)
    assert (len(found), found[0]) == (2, WHOLE)
    assert "the header has 2 rows" in said


@pytest.mark.parametrize(
    ("above", "flags"),
    [
        ("First name;Last name;Email;Phone", ("--header-rows", "2")),
        ("A;B;C;D", ("--skip-lines", "1")),
    ],
)
def test_a_second_row_of_names_is_told_with_what_to_do(
    above: str, flags: tuple[str, str], tmp_path: Path
) -> None:
    path = tmp_path / "kunden.csv"
    path.write_text(f"{above}\nVorname;Nachname;E-Mail;Telefon\n{CUSTOMERS}", "utf-8")

    _, said = sent(path)
    assert "line 2 looks like names of columns too: use --header-rows 2" in said
    assert " ".join(flags) in said

    found, said = sent(path, *flags)
    assert (len(found), found[0]) == (2, WHOLE)
    assert "looks like names" not in said


@pytest.mark.parametrize(
    ("above", "names"), [("Name;Name;City", "Vorname;Nachname;Ort"), ("Name;;Mail", "First;Last;")]
)
def test_a_second_row_of_names_is_told_also_above_words(
    above: str, names: str, tmp_path: Path
) -> None:
    path = tmp_path / "people.csv"
    path.write_text(f"{above}\n{names}\nJana;Bergmann;Bonn\nTimo;Kestner;Kiel\n", "utf-8")
    assert "line 2 looks like names of columns too: use --header-rows 2" in sent(path)[1]
    found, said = sent(path, "--header-rows", "2")
    assert found[0]["last_name"] == "Bergmann"
    assert "looks like names" not in said


def test_people_with_words_instead_of_numbers_are_no_second_header(tmp_path: Path) -> None:
    path = tmp_path / "kunden.csv"
    first = "Ute;Lorenz;ute@example.org;ruft zurück\n"
    path.write_text(f"Vorname;Nachname;E-Mail;Telefon\n{first}{CUSTOMERS}", "utf-8")
    assert "looks like names" not in sent(path)[1]


@pytest.mark.parametrize(
    "last",
    ["Summe;2 Kunden;;", "Total;;;3", "Anzahl: 2;;;", "Gesamt;;;", "Grand total;;2 contacts;",
     "Total général;3;;", "المجموع;2;;", "إجمالي العملاء: 2;;;", "Anzahl Kunden: 2;;;\n;;;\n"],
)  # fmt: skip
def test_a_total_at_the_end_is_nobody_and_is_told(last: str, tmp_path: Path) -> None:
    path = tmp_path / "kunden.csv"
    rows = "Jana Bergmann;jana@example.org;0171 2345678;2\nTimo Kestner;timo@example.org;;1\n"
    path.write_text(f"Name;E-Mail;Telefon;Besuche\n{rows}{last}\n", "utf-8")
    found, said = sent(path)
    assert [one["name"] for one in found] == ["Jana Bergmann", "Timo Kestner"]
    assert "line 4 is skipped as a footer" in said


def test_a_total_below_two_columns(tmp_path: Path) -> None:
    path = tmp_path / "kunden.csv"
    path.write_text("Name;E-Mail\nJana Bergmann;jana@example.org\nAnzahl: 1;\n", "utf-8")
    found, said = sent(path)
    assert [one["name"] for one in found] == ["Jana Bergmann"]
    assert "line 3 is skipped as a footer: 'Anzahl: 1'" in said


@pytest.mark.parametrize(
    "last",
    ["Total;total@example.org;;", "Total;;0171 2345670;", "Total;;01712345670;",
     "Anna Total;;;1", "Summer;;;2", "Total;;+49 171 2345670;", "Suma;;98450 12345;",
     "Summe;;0171 2345670 mobil;"],
)  # fmt: skip
def test_people_who_are_called_total_are_sent(last: str, tmp_path: Path) -> None:
    path = tmp_path / "kunden.csv"
    rows = "Jana Bergmann;jana@example.org;0171 2345678;2\n"
    path.write_text(f"Name;E-Mail;Telefon;Besuche\n{rows}{last}\n", "utf-8")
    found, said = sent(path)
    assert [one["name"] for one in found] == ["Jana Bergmann", last.partition(";")[0]]
    assert "footer" not in said


def test_a_number_with_its_country_is_no_total() -> None:
    assert not is_total(["Total", "", "+49 171 234 567", ""])
    assert is_total(["Total", "", "171 234 567", ""])


def test_a_long_line_is_soon_seen_to_be_no_total() -> None:
    began = time.process_time()
    assert not is_total([f"Total 1{' ' * 40_000}!x", "", "", ""])
    long = time.process_time() - began
    began = time.process_time()
    assert not is_total([f"Total 1{' ' * 4_000}!x", "", "", ""])
    assert long < 40 * max(time.process_time() - began, 0.0005)


@pytest.mark.parametrize("number", ["0151 2345678", "0151/2345678", "0151 - 2345678"])
def test_numbers_that_are_too_short_are_not_cut_in_two(number: str, tmp_path: Path) -> None:
    """Their second half alone would be another person's number."""
    path = tmp_path / "kunden.csv"
    path.write_text(f"Name;Mail;Telefon\nJana Bergmann;jana@example.org;{number}\n", "utf-8")
    found, said = sent(path)
    assert "+492345678" not in json.dumps(found)
    assert "phone" in said


def test_two_numbers_in_a_cell_are_still_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "kunden.csv"
    path.write_text("Name;Telefon\nJana Bergmann;01712345678 01722345678\n", "utf-8")
    assert sent(path)[0][0]["phone"] == "+491712345678"


@pytest.mark.parametrize("header", ["Pet Name;Owner Name", "Tiername;Besitzer", "Cat;Client"])
def test_nobody_gets_the_name_of_a_pet(header: str, tmp_path: Path) -> None:
    path = tmp_path / "clients.csv"
    pets = ["Bello;Jana Bergmann", "Mia;Timo Kestner", "Rex;Ute Lorenz"]
    rows = "".join(f"{pet};0171 234567{at}\n" for at, pet in enumerate(pets))
    path.write_text(f"{header};Phone\n{rows}", "utf-8")
    assert "Bello" not in json.dumps(sent(path)[0])
