"""The kinds of stories about a list over weeks: what each list has, and what happens to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random

from referee import World

from stories.service import Service
from stories.ties import Shape
from stories.weeks import Weeks

__all__ = ["KINDS", "Kind", "begin", "go_on"]

_PEOPLE = ("First", "Last", "Mail", "Tel", "Note")
_WITH_IDS = ("First", "Last", "Mail", "Tel", "Ref", "Since", "Note")
_OFFICE = ("First", "Last", "Mail", "Tel", "Firm", "Note")
_ALL = ("First", "Last", "Mail", "Tel", "Ref", "Firm", "Since", "Note")


def _shape(
    columns: tuple[str, ...],
    *unmapped: str,
    identity: str | None = None,
    object_: str = "contact",
    knows_numbers: bool = True,
) -> Shape:
    mapped = tuple(column for column in columns if column not in unmapped)
    return Shape(columns, mapped, identity, object_, knows_numbers)


_CHANGES = {
    "another address": 4,
    "another number": 4,
    "another last name": 3,
    "another name": 0.5,
    "another note": 1,
}
_COMINGS = {"new person": 2, "leaves": 1, "comes back": 1, "sorted": 0.5}
_RELATIVES = {"new relative": 3, "new colleague": 4, "new namesake": 0.5, "a second row": 1}
_WRITINGS = {"one written otherwise": 3, "all written otherwise": 2, "names in other columns": 1}
_COLLISIONS = {
    "same identity": 3,
    "one identity for many": 1,
}


@dataclass(frozen=True, kw_only=True)
class Kind:
    """
    A kind of story: how large the list is at first, how many nights there are, and what happens.

    `edits` are weighed; from `least` to `most` of them happen between two nights. `others` are what
    else may happen after a night, each with its share of nights.
    """

    shapes: tuple[Shape, ...]
    edits: Mapping[str, float]
    people: tuple[int, int] = (6, 14)
    nights: tuple[int, int] = (5, 9)
    changes: tuple[int, int] = (1, 3)
    others: Mapping[str, float] = field(default_factory=dict)
    long_ids: float = 0.0


_HABITS = {"acknowledge": 0.4, "decide": 0.5, "compact": 0.1, "send changes": 0.02}

KINDS: dict[str, Kind] = {
    "changes": Kind(
        shapes=(
            _shape(_PEOPLE),
            _shape(_PEOPLE, "Note"),
            _shape(_WITH_IDS, "Since"),
            _shape(("First", "Last", "Mail")),
            _shape(_PEOPLE, "Note", identity="Mail"),
            _shape(_WITH_IDS, "Note", identity="Ref"),
        ),
        edits={**_CHANGES, **_COMINGS},
        nights=(7, 11),
        changes=(1, 4),
        others=_HABITS,
    ),
    "relatives": Kind(
        shapes=(
            _shape(_OFFICE),
            _shape(_OFFICE, "Note"),
            _shape(_ALL, "Ref", "Since"),
            _shape(_OFFICE, "Note", object_="lead"),
        ),
        edits={**_RELATIVES, **_COMINGS, "another number": 1, "another address": 1, "successor": 1},
        others=_HABITS,
    ),
    "spellings": Kind(
        shapes=(_shape(_PEOPLE), _shape(_WITH_IDS), _shape(_PEOPLE, knows_numbers=False)),
        edits={**_WRITINGS, "new person": 1, "another address": 0.5, "another number": 0.5},
        others=_HABITS,
    ),
    "resaves": Kind(
        shapes=(
            _shape(_WITH_IDS),
            _shape(_WITH_IDS, "Note", identity="Ref"),
            _shape(_WITH_IDS, "Ref"),
        ),
        edits={"resaved": 3, "repaired": 1, "new person": 2, **_CHANGES, "new relative": 1},
        others=_HABITS,
        long_ids=0.5,
    ),
    "identities": Kind(
        shapes=(
            _shape(_WITH_IDS, "Note", identity="Ref"),
            _shape(_PEOPLE, "Note", identity="Mail"),
            _shape(_WITH_IDS, "Since", identity="Ref"),
        ),
        edits={
            **_COLLISIONS,
            "renumbered": 1,
            "two branches": 1,
            "new person": 3,
            "another address": 2,
            "another number": 2,
        },
        people=(5, 16),
        others=_HABITS,
    ),
    "lost memory": Kind(
        shapes=(_shape(_PEOPLE), _shape(_WITH_IDS, "Note", identity="Ref")),
        edits={**_CHANGES, "new person": 4, "leaves": 1},
        others={**_HABITS, "lose results": 0.35},
    ),
    "copies": Kind(
        shapes=(
            _shape(_PEOPLE, "Note"),
            _shape(_WITH_IDS, "Note", "Ref"),
            _shape(_PEOPLE, "Note", identity="Mail"),
            _shape(_WITH_IDS, "Note", identity="Ref"),
        ),
        edits={**_CHANGES, **_COMINGS, "a copy": 5, "another note": 3},
        others=_HABITS,
    ),
    "weeks": Kind(
        shapes=(
            _shape(_ALL, "Firm"),
            _shape(_ALL, "Ref", "Firm"),
            _shape(_ALL, "Since", "Firm", identity="Ref"),
        ),
        edits={
            **_CHANGES,
            **_COMINGS,
            "new relative": 1,
            "new colleague": 1,
            "successor": 0.2,
            "one written otherwise": 0.5,
            "all written otherwise": 0.2,
            "names in other columns": 0.1,
            "resaved": 0.15,
            "repaired": 0.5,
        },
        people=(14, 24),
        nights=(20, 26),
        changes=(0, 3),
        others={"acknowledge": 0.25, "decide": 0.4, "compact": 0.05, "send changes": 0.005},
    ),
}


def begin(kind: Kind, chance: Random, world: World, crm: Service) -> Weeks:
    """Begin a story of a kind: a list that nobody has imported yet."""
    shape = chance.choice(kind.shapes)
    story = Weeks(chance, world, crm, shape)
    story.register.has_long_ids = chance.random() < kind.long_ids
    for _ in range(chance.randint(*kind.people)):
        story.register.insert(story.register.new("first list"))
    if "Firm" in shape.columns:
        for _ in range(chance.randint(2, 5)):
            story.edit("new colleague")
            story.edits.touched.clear()
        story.register.label_all("first list")
    return story


def go_on(kind: Kind, story: Weeks) -> None:
    """Play all the nights, and what happens in between."""
    chance = story.chance
    names, weights = [*kind.edits], [*kind.edits.values()]
    for night in range(chance.randint(*kind.nights)):
        if night:
            for name in chance.choices(names, weights, k=chance.randint(*kind.changes)):
                story.edit(name)
        story.night()
        for name, share in kind.others.items():
            if chance.random() < share:
                _OTHERS[name](story)
    story.come_to_rest()


_OTHERS = {
    "acknowledge": Weeks.acknowledge,
    "decide": Weeks.decide,
    "compact": Weeks.compact,
    "send changes": Weeks.send_changes,
    "lose results": Weeks.lose_results,
}
