"""
Switches off each heuristic of the suggestion in turn, and counts the columns that are lost by it.

    python -m benchmarks.heuristics [LABELS ...]

Three kinds of lists are suggested for: the header rows of `tests/mapper/headers` (headers alone),
the invented lists of `benchmarks.mapping`, and the lists with values of
`tests/mapper/suggest/lists.toml`. A column is right if the suggestion is the field that it has, or
if it is left out as it should be.

Each of the LABELS is a file that describes lists in the folder `lists` beside it, one a line as a
JSON object: the `name` of the list, its `object`, the `region` to state, the fields that each of
its `columns` may be (null for none), and the `core` columns, which have to be right. Of these lists
the columns count, and the lists: one is right if no core column is missed or wrong, and no other
is wrong and `certain`.
"""

from __future__ import annotations

import csv
import io
import json
import random
import re
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

from benchmarks.mapping import invented
from importer.core.errors import UsageError
from importer.core.locale.message import Message
from importer.mapper.headers.words import Vocabulary
from importer.mapper.schema.object_schema import load_schema
from importer.mapper.suggest.columns import choose as choosing
from importer.mapper.suggest.columns import context, headers, looks, names_in_values
from importer.mapper.suggest.columns import values as by_values
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
    values: Sequence[Sequence[str]] | None = None
    region: str | None = None
    label: Mapping[str, Any] | None = None


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


def real(path: Path) -> Iterator[Labelled]:
    """Yield the lists that a file of labels describes."""
    from importer.suggesting.likely_objects import list_in_object, sheet_of_people
    from importer.suggesting.sampling import encoding_of, take_sample

    for line in path.read_text(encoding="utf-8").splitlines():
        label = json.loads(line)
        source = str(path.parent / "lists" / label["name"])
        read: dict[str, Any] = {}
        schema = load_schema(label["object"])
        if sheet := sheet_of_people(source, read, schema):
            read["sheet"] = sheet
        if lists := list_in_object(source, read, schema):
            read["record_path"] = lists[0]
        if encoding := encoding_of(source, read, label["region"]):
            read["encoding"] = encoding[0]
        try:
            sample = take_sample(source, read)
        except UsageError as error:
            print(f"{label['name']}: {error.message}", file=sys.stderr)
            continue
        yield Labelled(
            path.parent.name,
            label["object"],
            [*sample.columns],
            [],
            sample.values,
            label["region"],
            label,
        )


def is_right(found: Choice, wanted: str, kind: str) -> bool:
    """Return whether a suggestion is what a column is."""
    if found.field is None:
        return not wanted
    unsure = found.confidence == "unsure"
    if kind in {"tuned", "held out"}:  # no person sees a value there: what is offered counts
        return found.field == wanted
    return f"{'?' if unsure else ''}{found.field}" == wanted or (unsure and not wanted)


def right(lists: Sequence[Labelled]) -> Counter[str]:
    """Return how many columns of each kind of list are right, and how many lists."""
    counts: Counter[str] = Counter()
    for one in lists:
        schema = load_schema(one.object)
        found = choosing.choose(one.columns, schema, one.values, region=one.region)
        if one.label is not None:
            columns, is_good = judged(found, one.label, one.values or ())
            counts[one.kind] += columns
            counts[f"{one.kind}: lists"] += is_good
            continue
        pairs = zip(found, one.fields, strict=True)
        counts[one.kind] += sum(is_right(choice, wanted, one.kind) for choice, wanted in pairs)
    return counts


def judged(
    found: Sequence[Choice], label: Mapping[str, Any], values: Sequence[Sequence[str]]
) -> tuple[int, bool]:
    """Return how many columns of a labelled list are right, and whether the whole list is."""
    states: dict[str, str] = {}
    seen: Counter[str] = Counter()
    certain_and_wrong = False
    for choice, cells in zip(found, values, strict=True):
        name = choice.column.strip()
        seen[name] += 1
        key = key_of(name, seen[name], label["columns"])
        given = choice.field if choice.confidence != "unsure" else None
        allowed = label["columns"].get(key)
        allowed = allowed if isinstance(allowed, list) else [allowed]
        if key is not None and not any(map(str.strip, cells)):
            states.setdefault(key, "empty")
        elif given is not None and given in allowed:
            states[key or name] = "right"
        elif given is not None:
            states[key or name] = "wrong"
            certain_and_wrong |= choice.confidence == "certain"
        else:
            states[key or name] = "missed" if all(allowed) else "left out"
    cores = [core if isinstance(core, list) else [core] for core in label["core"]]
    is_good = not certain_and_wrong and all(
        any(states.get(one) in {"right", "empty"} for one in core)
        and all(states.get(one) != "wrong" for one in core)
        for core in cores
    )
    return sum(one not in {"wrong", "missed"} for one in states.values()), is_good


def key_of(name: str, times: int, columns: Mapping[str, Any]) -> str | None:
    """Return the labelled column that a header is, or None."""
    if times > 1 and f"{name}#{times}" in columns:
        return f"{name}#{times}"
    if name in columns:
        return name
    for pattern in (r"(.*?) ?\((\d+)\)", r"(.*?)[_#.](\d+)", r"(.*?) (\d+)"):
        match = re.fullmatch(pattern, name)
        if match and f"{match[1].strip()}#{match[2]}" in columns:
            return f"{match[1].strip()}#{match[2]}"
    return None


def no(*_: Any, **__: Any) -> bool:
    """Return False, in place of a test."""
    return False


def nothing(*_: Any, **__: Any) -> None:
    """Return None, in place of a function that finds something."""


def left_out(choice: Choice, *_: Any) -> Choice:
    """Leave a column out, in place of a decision among neighbours."""
    return choice.drop(Message(""))


def without(decide: Any) -> tuple[Any, str, Any]:
    """Return what is left of the decisions by values without one."""
    left = tuple(one for one in choosing.BY_VALUES if one is not decide)
    return choosing, "BY_VALUES", left


# The name of each heuristic, where it is, and what it is without.
OFF: dict[str, tuple[Any, str, Any]] = {
    "values confirm and refute": without(by_values.confirm_or_refute),
    "first names beside surnames": without(names_in_values.find_first_names),
    "whole names beside surnames": without(names_in_values.find_whole_names),
    "titles by their values": without(names_in_values.decide_titles),
    "misfits": without(by_values.leave_out_misfits),
    "- yes and no": (by_values, "is_flag", no),
    "- objects as text": (by_values, "_OBJECT", NEVER),
    "names of companies": without(names_in_values.find_companies),
    "- told by addresses": (names_in_values, "are_told", no),
    "unknown words beside known": without(by_values.decide_unknown_words),
    "channels below wishes": without(by_values.find_channels),
    "emails and phones by values": without(by_values.recognise),
    "digits of the country": (choosing, "as_numbers_of", lambda _, seen, *__, **___: seen),
    "values read as they are sent": (looks, "_kind_read", lambda _: "text"),
    "names by values": without(names_in_values.find_names),
    "- lists without a header": (names_in_values, "_find_in_nameless", nothing),
    "- order of first and last": (names_in_values, "is_last_first", no),
    "- names with a comma": (names_in_values, "_are_whole_last", no),
    "- the only texts": (names_in_values, "_are_texts", no),
    "- different titles": (names_in_values, "_are_titles", no),
    "- called a name": (names_in_values, "are_words", no),
    "secrets by values": without(by_values.leave_out_secrets),
    "parents, agents: whose columns": (
        choosing,
        "headers_of_the_row",
        lambda columns, _: [*columns],
    ),
    "second persons": (choosing, "names_another_person", no),
    "shared beginnings": (headers, "_shared", lambda _: []),
    "- of a person": (headers, "_is_of_a_person", no),
    "brackets": (headers, "_BRACKETS", NEVER),
    "what is behind an or": (headers, "_alternatives", lambda: NEVER),
    "compounds": (Vocabulary, "_compound", nothing),
    "languages of the list": (Vocabulary, "languages", lambda *_: {}),
} | {
    f"neighbours: {role}": (context, "_SPECIAL", {**context._SPECIAL, role: left_out})  # noqa: SLF001 - switched off here
    for role in ("byname", "house", "title", "either", "code")
}


def main() -> None:
    """Print what each heuristic earns."""
    lists = [*labelled(), *(one for path in sys.argv[1:] for one in real(Path(path)))]
    full = right(lists)
    columns = Counter(one.kind for one in lists for _ in one.columns)
    columns.update(f"{one.kind}: lists" for one in lists if one.label is not None)
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
