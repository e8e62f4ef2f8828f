"""What is known of each object beside its fields, from `schemas/objects.json`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from importer.core.resources import data_folder


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectFacts:
    """
    What is known of an object beside its fields.

    `title` is what its records are called, `hint` what they are, and `counted` how many they are,
    in the singular and in the plural: texts in English, with translations in the catalogues.
    `record_words` and `person_words` are the meanings of headers (`schemas/words.toml`) that name a
    record and the person it is about. Two records of `are_people` with the same phone may be the
    same person. `topic` and `start` are the
    fields that say what a record is about, and when. `parts` are what a record is worth, each with
    the fields that are one. Records without any of the parts `needed` are hardly worth sending.
    """

    title: str
    hint: str = ""
    counted: tuple[str, str] = ("%(number)s row", "%(number)s rows")
    record_words: str = ""
    person_words: str = ""
    are_people: bool = False
    topic: str | None = None
    start: str | None = None
    parts: Mapping[str, Sequence[str]] = field(default_factory=dict)
    needed: Sequence[str] = ()


def _read() -> Mapping[str, ObjectFacts]:
    text = data_folder("schemas").joinpath("objects.json").read_text(encoding="utf-8")
    return {name: ObjectFacts(**facts) for name, facts in json.loads(text).items()}


OBJECT_FACTS = _read()
"""What is known of each object, by its name."""
PEOPLE = frozenset(name for name, facts in OBJECT_FACTS.items() if facts.are_people)
"""The objects that are people."""


def object_facts(name: str) -> ObjectFacts:
    """
    Return what is known of an object; of another one nothing is known but its name.

    >>> object_facts("deal").title, object_facts("visit").counted[1]
    ('Deals', '%(number)s rows')
    """
    return OBJECT_FACTS.get(name) or ObjectFacts(title=name)
