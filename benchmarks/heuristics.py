"""
Switches off each heuristic of the suggestion in turn, and counts the columns that are lost by it.

    python -m benchmarks.heuristics

Three kinds of lists are suggested for: the header rows of `tests/mapper/headers` (headers alone),
the invented lists of `benchmarks.mapping`, and the lists with values of
`tests/mapper/suggest/lists.toml`. A column is right if the suggestion is the field that it has, or
if it is left out as it should be. What earns nothing in any of them is to be deleted.
"""

from __future__ import annotations

import csv
import io
import json
import random
import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

from benchmarks.mapping import invented
from importer.core.locale import Message
from importer.mapper import load_schema
from importer.mapper.headers.words import Vocabulary
from importer.mapper.suggest.columns import choose as choosing
from importer.mapper.suggest.columns import context, evidence, headers, looks, names, persons
from importer.mapper.suggest.columns.choice import Choice

TESTS = Path(__file__).parents[1] / "tests" / "mapper"
NEVER = re.compile(r"(?!)")


@dataclass(frozen=True)
class Labelled:
    """A list and the field of each of its columns: "" for none, "?name" for one only offered."""

    kind: str
    object: str
    columns: list[str]
    fields: list[str]
    values: list[list[str]] | None = None
    region: str | None = None


def labelled() -> Iterator[Labelled]:
    """Yield all lists."""
    for path in sorted((TESTS / "headers").glob("*.json")):
        for row in json.loads(path.read_text(encoding="utf-8")):
            kind = "held out" if row["held_out"] else "tuned"
            fields = [field or "" for _, field in row["columns"]]
            yield Labelled(kind, row["object"], [name for name, _ in row["columns"]], fields)
    chance = random.Random(1)
    for _ in range(150):
        one = invented(chance)
        fields = [field or "" for field in one.fields]
        yield Labelled("invented", "contact", one.columns, fields, one.samples)
    text = (TESTS / "suggest" / "lists.toml").read_text(encoding="utf-8")
    for each in tomllib.loads(text)["list"]:
        header, *rows = csv.reader(io.StringIO(each["text"].strip()))
        values = [list(column) for column in zip(*rows, strict=True)]
        yield Labelled("lists", each["object"], header, each["fields"], values, each.get("region"))


def is_right(found: Choice, wanted: str, kind: str) -> bool:
    """Return whether a suggestion is what a column is."""
    if found.field is None:
        return not wanted
    unsure = found.confidence == "unsure"
    if kind in {"tuned", "held out"}:  # no person sees a value there: what is offered counts
        return found.field == wanted
    return f"{'?' if unsure else ''}{found.field}" == wanted or (unsure and not wanted)


def right(lists: Sequence[Labelled]) -> dict[str, int]:
    """Return how many columns of each kind of list are right."""
    counts: dict[str, int] = {}
    for one in lists:
        schema = load_schema(one.object)
        found = choosing.choose(one.columns, schema, one.values, region=one.region)
        pairs = zip(found, one.fields, strict=True)
        counts[one.kind] = counts.get(one.kind, 0) + sum(
            is_right(choice, wanted, one.kind) for choice, wanted in pairs
        )
    return counts


def first(*given: Any, **_: Any) -> Any:
    """Return the choices unchanged, in place of a function that changes them."""
    return given[0]


def no(*_: Any, **__: Any) -> bool:
    """Return False, in place of a test."""
    return False


def nothing(*_: Any, **__: Any) -> None:
    """Return None, in place of a function that finds something."""


def none(*_: Any, **__: Any) -> int:
    """Return 0, in place of a share."""
    return 0


def left_out(choice: Choice, *_: Any) -> Choice:
    """Leave a column out, in place of a decision among neighbours."""
    return choice.drop(Message(""))


# The name of each heuristic, where it is, and what it is without.
OFF: dict[str, tuple[Any, str, Any]] = {
    "values confirm and refute": (choosing, "_by_values", first),
    "refuted fields are questions": (choosing, "_to_decide", first),
    "whole names beside surnames": (choosing, "settle_names", first),
    "the fuller of two names": (choosing, "with_fuller_names", first),
    "few names in many rows": (choosing, "without_few_names", first),
    "titles by their values": (choosing, "with_titles", first),
    "- forms of address": (evidence, "_is_form_of_address", no),
    "lines of an address": (choosing, "with_street_lines", first),
    "different codes are ids": (choosing, "with_ids", first),
    "misfits": (choosing, "without_misfits", first),
    "- codes are no names": (evidence, "_is_code", no),
    "- numbers are no owners": (evidence, "_NAMED", frozenset()),
    "- extensions are no phones": (evidence, "_is_extension", no),
    "- links are no sources": (evidence, "_is_link", no),
    "- the same value in all rows": (evidence, "_are_all_the_same", no),
    "- longer than the field": (evidence, "_too_long", none),
    "- countries": (evidence, "_are_no_countries", no),
    "- Estado with status words": (evidence, "_is_status", no),
    "empty rivals": (choosing, "without_rivals_that_are_empty", first),
    "names of companies": (choosing, "with_companies", first),
    "unknown words beside known": (choosing, "_despite_unknown_words", first),
    "emails and phones by values": (choosing, "recognise", first),
    "mobile numbers beside phones": (choosing, "with_mobile", first),
    "second phones without a header": (choosing, "with_second_phones", first),
    "digits of the country": (choosing, "as_numbers_of", lambda _, seen, *__, **___: seen),
    "digits of contact details": (choosing, "as_numbers", first),
    "notes behind numbers": (looks, "_NOTE", NEVER),
    "lists without a header": (choosing, "with_names_of_nameless", first),
    "- names told by addresses": (names, "are_told", no),
    "- order of first and last": (names, "is_last_first", no),
    "- names with a comma": (names, "_are_whole_last", no),
    "- the only texts": (names, "_are_texts", no),
    "- different titles": (names, "_are_titles", no),
    "- towns are no names": (names, "_is_place", no),
    "- the same row many times": (names, "_different", list),
    "names by values": (choosing, "with_names_by_values", first),
    "- called a name": (names, "_are_called_names", no),
    "last names behind first ones": (choosing, "with_last_beside_first", first),
    "the fullest words": (choosing, "with_fullest_words", first),
    "what deals and cases lack": (choosing, "with_candidates", first),
    "secrets by values": (choosing, "sensitive_values", nothing),
    "parents, agents: whose columns": (
        choosing,
        "headers_of_the_row",
        lambda columns, _: [*columns],
    ),
    "second persons": (choosing, "names_another_person", no),
    "- pupils": (persons, "_is_of_pupil", no),
    "shared beginnings and ends": (headers, "_shared", lambda _: (set(), set())),
    "- of a person": (headers, "_is_of_a_person", no),
    "beginnings in databases": (headers, "_TYPED", NEVER),
    "numbered questions": (headers, "_NUMBERED", NEVER),
    "brackets": (headers, "_BRACKETS", NEVER),
    "what is behind an or": (headers, "_ALTERNATIVE", NEVER),
    "the first of several things": (headers, "_first_part", lambda _, parsed, *__: parsed),
    "compounds": (Vocabulary, "_compound", nothing),
    "compounds whose end is known": (Vocabulary, "_with_known_end", nothing),
    "misspellings": (Vocabulary, "_corrected", nothing),
    "languages of the list": (Vocabulary, "languages", lambda *_: {}),
} | {
    f"neighbours: {role}": (context, "_SPECIAL", {**context._SPECIAL, role: left_out})  # noqa: SLF001 - switched off here
    for role in ("final", "byname", "others", "place", "house", "title", "either", "code")
}


def main() -> None:
    """Print what each heuristic earns."""
    lists = [*labelled()]
    full = right(lists)
    columns = {kind: sum(len(one.columns) for one in lists if one.kind == kind) for kind in full}
    print(f"| heuristic | {' | '.join(full)} |\n{'| --- ' * (len(full) + 1)}|")
    print("| all: columns right | " + " | ".join(f"{full[k]} of {columns[k]}" for k in full) + " |")
    for name, (where, what, instead) in OFF.items():
        with patch.object(where, what, instead):
            found = right(lists)
        print(
            f"| {name} | " + " | ".join(f"{full[k] - found[k]:+}" for k in full) + " |", flush=True
        )


if __name__ == "__main__":
    main()
