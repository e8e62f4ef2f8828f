"""Changes as a file for the CRM's own update import: there and back, each once."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from referee import World
from referee.fixtures import beginning, serve, short_waits, world

__all__ = ["serve", "short_waits", "world"]

MAPPING = """\
object = "contact"
identity = ["external_ref"]
[fields]
external_ref = "Id"
first_name = "First Name"
last_name = "Last Name"
phone = "Mobile"
notes = "Remarks"
"attributes.size" = "Size"
"""
HEADER = "Id,First Name,Last Name,Mobile,Remarks,Size\n"
FIRST = HEADER + "C-1,Rana,Haddad,0501,likes tea,3\nC-2,Omar,Costa,0502,,4\nC-3,Zoë,Weiß,0503,,5\n"
SECOND = HEADER + "C-1,Rana,Haddad,0777,,3\nC-2,Omar,Rahman,0502,,4\nC-3,Zoë,Weiß,0503,,5\n"
RUN = ("people.csv", "--mapping", "mapping.toml")
RESULTS = "people.results.jsonl"
FIELDS = {
    "general": {
        "last_name": "last_name",
        "phone": "phone",
        "notes": "notes",
        "attributes.size": "attributes.size",
    },
    "hubspot": {
        "lastname": "last_name",
        "phone": "phone",
        "message": "notes",
        "size": "attributes.size",
    },
    "salesforce": {
        "LastName": "last_name",
        "Phone": "phone",
        "Description": "notes",
        "size__c": "attributes.size",
    },
}
IDS = {"general": "external_id", "hubspot": "Record ID", "salesforce": "Id"}


class UpdateImport:
    """
    Stands in for the update import of a CRM: it finds records by id, and never makes one.

    An empty cell leaves a field as it is; `#N/A` empties it where the import is Salesforce's.
    Columns that are no fields of the CRM are left out, as people do when they map columns.
    """

    def __init__(self, world: World, form: str) -> None:
        self.records = {
            record_id: _flat(request.fields) for record_id, request in world.crm.records.items()
        }
        self.changed: list[str] = []
        self._form = form

    def take(self, path: Path) -> None:
        known = FIELDS[self._form]
        with path.open(encoding="utf-8", newline="") as stream:
            for row in csv.DictReader(stream):
                record = self.records[row[IDS[self._form]]]
                self.changed.append(row[IDS[self._form]])
                for column, text in row.items():
                    if column in known and text:
                        is_empty = text == "#N/A" and self._form == "salesforce"
                        record[known[column]] = "" if is_empty else text


def _flat(fields: Mapping[str, object], prefix: str = "") -> dict[str, str]:
    flat: dict[str, str] = {}
    for name, value in fields.items():
        nested = _flat(value, f"{prefix}{name}.") if isinstance(value, dict) else None
        flat |= {f"{prefix}{name}": str(value)} if nested is None else nested
    return flat


@beginning
def changed(world: World) -> None:
    """Two of three people have changed since they were imported."""
    world.write("mapping.toml", MAPPING)
    world.write("people.csv", FIRST)
    assert world.run(*RUN).report["counts"]["created"] == 3
    world.write("people.csv", SECOND)
    assert world.run(*RUN).report["counts"]["changed"] == 2


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.mark.parametrize("form", ["general", "hubspot", "salesforce"])
def test_a_round_trip(changed: World, form: str) -> None:
    crm = UpdateImport(changed, form)
    code, out, err = changed.command("updates", RESULTS, "people.csv", "--for", form)
    assert code == 0, err
    file = changed.folder / "people.updates.csv"
    assert "people.updates.csv  (2 records: " in out

    crm.take(file)
    assert len(crm.changed) == len(set(crm.changed)) == 2
    by_ref = {one["external_ref"]: one for one in crm.records.values()}
    assert (by_ref["C-1"]["phone"], by_ref["C-1"]["first_name"]) == ("0777", "Rana")
    assert by_ref["C-1"]["notes"] == ("" if form == "salesforce" else "likes tea")
    assert by_ref["C-2"]["last_name"] == "Rahman"

    command = out.strip().splitlines()[-1].split()
    assert command[:2] == ["vorel-import", "acknowledge"]
    assert changed.command(*command[1:])[0] == 0
    again = changed.run(*RUN)
    assert (again.exit_code, again.report["counts"]["changed"]) == (0, 0)
    _, out, _ = changed.command("updates", RESULTS, "people.csv", "--for", form)
    assert "there is nothing to update" in out
    assert not file.exists()


def test_only_the_fields_that_have_changed_are_in_it(changed: World) -> None:
    changed.command("updates", RESULTS, "people.csv")
    rana, omar = rows_of(changed.folder / "people.updates.csv")
    assert [*rana] == [
        "external_id", "last_name", "phone", "notes", "vorel_emptied", "vorel_ref",
    ]  # fmt: skip
    assert (rana["last_name"], rana["phone"], rana["vorel_emptied"]) == ("", "0777", "notes")
    assert (omar["last_name"], omar["phone"], omar["vorel_emptied"]) == ("Rahman", "", "")


def test_a_change_after_one_that_was_settled_has_only_what_is_new(changed: World) -> None:
    changed.command("updates", RESULTS, "people.csv")
    assert changed.command("acknowledge", RESULTS, "--same", "people.updates.csv")[0] == 0
    changed.write("people.csv", SECOND.replace("Rana,Haddad", "Rana,Okafor"))
    assert changed.run(*RUN).report["counts"]["changed"] == 1
    code, out, _ = changed.command("updates", RESULTS, "people.csv", "--json")
    found = json.loads(out)
    assert (code, found["records"], found["fields"]) == (0, 1, {"last_name": 1})


def test_what_was_not_settled_stays_in_the_next_file(changed: World) -> None:
    changed.command("updates", RESULTS, "people.csv")
    changed.write("people.csv", SECOND.replace("Rana,Haddad", "Rana,Okafor"))
    changed.run(*RUN)
    changed.command("updates", RESULTS, "people.csv")
    rana, omar = rows_of(changed.folder / "people.updates.csv")
    assert (rana["last_name"], rana["phone"], omar["last_name"]) == ("Okafor", "0777", "Rahman")


def test_of_records_of_an_earlier_version_all_fields_are_written(changed: World) -> None:
    results = changed.folder / RESULTS
    lines = [json.loads(line) for line in results.read_text().splitlines()]
    for line in lines:
        line.pop("fields", None)
        line.pop("changed", None)
    results.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    _, out, _ = changed.command("updates", RESULTS, "people.csv")
    assert "Of 2 it is not on record which fields have changed: they have all." in out
    rana, _ = rows_of(changed.folder / "people.updates.csv")
    assert (rana["first_name"], rana["phone"], rana["attributes.size"]) == ("Rana", "0777", "3")


def test_a_job_writes_it_each_night(world: World) -> None:
    world.write("people.csv", FIRST)
    world.write("night.toml", f'{MAPPING}\n[job]\nsources = "people.csv"\nupdates = "hubspot"\n')
    assert world.run("--job", "night.toml").report["counts"]["created"] == 3
    file = world.folder / "night.updates.csv"
    assert not file.exists()
    world.write("people.csv", SECOND)
    run = world.run("--job", "night.toml")
    assert run.exit_code == 6
    assert Path(run.report["files"]["updates"]).name == "night.updates.csv"
    assert [one["phone"] for one in rows_of(file)] == ["0777", ""]
    acknowledge = "vorel-import acknowledge night.results.jsonl --same night.updates.csv"
    assert run.report["next"] == acknowledge
    state = json.loads(world.command("status", "night.results.jsonl", "--json")[1])
    assert (Path(state["files"]["updates"]).name, state["next"]) == (file.name, acknowledge)
    done = world.command(*acknowledge.split()[1:])
    assert done[0] == 0, done
    assert world.run("--job", "night.toml").exit_code == 0
    assert not file.exists()
