"""A list of which two rows have no clear answer, the CRM's exports of it, and what is found."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

from referee.crm import refusal
from referee.world import World

PEOPLE = ("Ada", "Bo", "Cyd", "Dan", "Eve", "Fay")
LIST = "people.csv"
RESULTS = "people.results.jsonl"
MAPPING = """\
    object = "contact"
    [fields]
    first_name = "First"
    last_name = "Last"
    email = "Mail"
    phone = { column = "Tel", type = "phone", region = "AE" }
    """
RUN = (LIST, "--mapping", "mapping.toml")
STOP = refusal("unauthorized", 401)
NO = refusal("validation_error")
Change = Callable[[dict[str, str]], dict[str, str] | None]


def row_of(name: str) -> str:
    number = PEOPLE.index(name) if name in PEOPLE else 90 + len(name)
    return f"{name},Saleh{name},{name.lower()}@example.com,050 123 45{number:02}"


def write_list(world: World, *names: str) -> None:
    world.write(LIST, "\n".join(["First,Last,Mail,Tel", *map(row_of, names), ""]))


def export(
    world: World, *changes: Change, name: str = "export.csv", more: Iterable[str] = ()
) -> str:
    """Write the CRM's export: its own headers, each record changed by `changes`, None for none."""
    lines = ["Record ID,First Name,Last Name,Email,Phone Number,Owner"]
    for one, request in world.crm.records.items():
        fields = request.fields
        found: dict[str, str] | None = {
            "id": one,
            **{key: str(fields.get(key, "")) for key in ("first_name", "last_name")},
            **{key: str(fields.get(key, "")) for key in ("email", "phone")},
            "owner": "Omar",
        }
        for change in changes:
            found = None if found is None else change(found)
        if found is not None:
            lines.append(",".join(found.values()))
    world.write(name, "\n".join([*lines, *more, ""]))
    return name


def reconcile(world: World, exported: str, *flags: str) -> tuple[int, dict[str, Any]]:
    code, out, err = world.command("reconcile", RESULTS, exported, "--json", *flags)
    assert "Traceback" not in err
    assert "should not have happened" not in err, err
    return code, json.loads(out)


def findings(world: World) -> dict[str, tuple[str, str]]:
    """Return (finding, id) by the first name of the row, which is that of the list."""
    if not world.has("people.reconcile.csv"):
        return {}
    people = [line.split(",")[0] for line in world.read(LIST).splitlines()[1:]]
    return {
        people[int(one["row"]) - 1]: (one["finding"], one["external_id"])
        for one in world.rows("people.reconcile.csv")
    }


def id_of(world: World, name: str) -> str:
    [made] = world.crm.of(name)
    return str(made.record)


def without(*names: str) -> Change:
    return lambda one: None if one["first_name"] in names else one
