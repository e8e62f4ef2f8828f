"""A list of people called Ana, mapped in one way after the other, whose answers are lost."""

from __future__ import annotations

from referee.crm import Answer, refusal
from referee.world import World

RUN = ("people.csv", "--mapping", "mapping.toml")
NO = refusal("validation_error")
LINES = {
    "first": 'first_name = "First"',
    "mail": 'email = "Mail"',
    "firm": 'company = "Firm"',
    "born": 'birthdate = { column = "Note", type = "date" }',
}


def maps(world: World, *fields: str) -> None:
    lines = "\n".join(LINES[one] for one in fields)
    world.write("mapping.toml", f'object = "contact"\n[fields]\n{lines}\n')


def lists(world: World, *rows: str) -> None:
    world.write("people.csv", "\n".join(["First,Mail,Firm,Note", *rows, ""]))


def is_in_doubt(world: World, answer: Answer, *, before: int = 0) -> None:
    """Import the list; the one new row gets `answer`, and is then refused."""
    world.crm.script("Ana", answer, NO)
    known = {"before": before} if before else {}
    world.run(*RUN).ended(1, unknown=1, **known)
