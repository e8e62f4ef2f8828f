"""A list of three people with one bad row, its derived files, and what people do to those."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from typing import Any

from referee.world import World

HEADER = "first_name,last_name,email,phone\n"
ADA = "Ada,Abboud,ada@example.com,0501110001\n"
BO = "Bo,Berg,bo@example.com,0501110002\n"
CYD = "Cyd,Cohen,cyd@example.com,0501110003\n"
DAN = "Dan,Diaz,dan@example.com,0501110004\n"
TOO_LONG = "x" * 300
BAD_CYD = CYD.replace("cyd@", f"{TOO_LONG}@")
OBJECT = ("--object", "contact")
RUN = ("people.csv", *OBJECT)
RESULTS = "people.results.jsonl"
SUCCESS = "people.success.csv"
EVERYBODY = {"Ada": 1, "Bo": 1, "Cyd": 1}


def rewrite(
    world: World, name: str, to: str, edit: Callable[[dict[str, str]], dict[str, str]]
) -> None:
    """Save a derived file under a name, as a spreadsheet would after an edit of its rows."""
    save(world, to, [edit(row) for row in world.rows(name)])


def save(world: World, name: str, rows: list[dict[str, str]]) -> None:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    world.write(name, text.getvalue())


def corrected(row: dict[str, str]) -> dict[str, str]:
    return {**row, "email": row["email"].replace(TOO_LONG, row["first_name"].lower())}


def cleaned(row: dict[str, str]) -> dict[str, str]:
    """Return a row without what a person thinks nobody needs."""
    return {name: value for name, value in row.items() if name != "vorel_ref"}


def status(world: World) -> dict[str, Any]:
    code, out, told = world.command("status", "people.results.jsonl", "--json")
    assert code == 0, told
    return dict(json.loads(out))
