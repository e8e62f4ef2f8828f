"""
Suggests fields for invented lists in many languages, and counts what is right and what is wrong.

    python -m benchmarks.mapping [--lists 150] [--seed 1]

Headers are decorated as people do it: capitals, underscores, a prefix that all share, remarks,
a misspelt one; a third of the columns mean no field. Coverage is the share of the columns with a
field for which it was suggested, error the share of wrong ones among all suggestions: once for
each level of confidence and all above it. Beside it stand the rules of import widgets (the same
text, else at most two letters differ) and difflib's closest match, with the names and aliases of
the same fields.
"""

from __future__ import annotations

import argparse
import difflib
import random
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from importer.mapper.headers.names import normalize_header
from importer.mapper.schema.object_schema import load_schema
from importer.mapper.suggest.columns.choose import choose

HEADERS = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
CODES = ("XQ_17", "Flag3", "ColourCode", "cf_9", "Ext ref type")
LEVELS = ("certain", "likely", "unsure")
ROWS = 8
FIRST = ("Anna", "Ben", "Cleo", "Dan", "Eva", "Finn", "Gina", "Hugo")
LAST = ("Muster", "Probe", "Sample", "Test", "Demo", "Example", "Ejemplo", "Prova")
PLACES = ("Sampleton", "Musterstadt", "Exempla", "Probedorf")


@dataclass(frozen=True)
class Invented:
    """A list: its headers, the field of each or None, and the values below each."""

    language: str
    columns: list[str]
    fields: list[str | None]
    samples: list[list[str]]


def invented(chance: random.Random) -> Invented:
    """Return a list in one of the languages."""
    language = chance.choice(sorted(HEADERS))
    words = HEADERS[language]
    known = [name for name in words if name != "junk"]
    chosen = chance.sample(known, k=min(len(known), chance.randint(4, 8)))
    if {"first_name", "last_name"} & set(chosen):  # one of them alone may be the whole name
        chosen = list(dict.fromkeys((*chosen, "first_name", "last_name")))
    fields: list[str | None] = [*chosen, *[None] * (len(chosen) // 2)]
    chance.shuffle(fields)
    junk = iter(chance.sample(words["junk"] + list(CODES), k=len(chosen) // 2))
    plain = [chance.choice(words[name]) if name else next(junk) for name in fields]
    columns = decorated(plain, chance)
    samples = [values(name, chance) for name in fields]
    return Invented(language, columns, fields, samples)


def decorated(headers: Sequence[str], chance: random.Random) -> list[str]:
    """Return headers as programs and people write them."""
    way = chance.choice(("plain", "plain", "capitals", "underscores", "prefix", "remark", "typo"))
    found = list(headers)
    if way == "capitals":
        return [one.upper() for one in found]
    if way == "underscores":
        return [one.lower().replace(" ", "_") for one in found]
    if way == "prefix":
        return [f"CON_{one}" for one in found]
    at = chance.randrange(len(found))
    if way == "remark":
        found[at] += chance.choice((" *", " (required)", ":", " (1)"))
    if way == "typo" and len(found[at]) > 6:
        cut = chance.randrange(2, len(found[at]) - 2)
        found[at] = found[at][:cut] + found[at][cut + 1] + found[at][cut] + found[at][cut + 2 :]
    return found


def values(name: str | None, chance: random.Random) -> list[str]:
    """Return the values of a column; some cells are empty."""
    kinds: dict[str, Callable[[int], str]] = {
        "first_name": lambda at: FIRST[at],
        "last_name": lambda at: LAST[at],
        "email": lambda at: f"{FIRST[at]}.{LAST[at]}@example.com".lower(),
        "phone": lambda at: f"+49 30 2312{at}{chance.randrange(100, 999)}",
        "mobile_phone": lambda at: f"+49 1512 3456{at}{chance.randrange(10, 99)}",
        "street": lambda at: f"{LAST[at]} street {at + 1}",
        "city": lambda at: PLACES[at % 4],
        "postal_code": lambda at: str(10115 + 7 * at),
        "company": lambda at: f"{LAST[at]} Ltd",
        "birthday": lambda at: f"19{60 + at}-0{at + 1}-1{at}",
    }
    others: list[Callable[[int], str]] = [
        lambda at: str(36 + at % 9),
        lambda at: "AB0"[at % 3],
        lambda at: ("yes", "no")[at % 2],
    ]
    made = kinds[name] if name is not None else chance.choice(others)
    return [made(at) if chance.random() > 0.15 else "" for at in range(ROWS)]


Guess = tuple[str | None, str]
Suggester = Callable[[Invented], list[Guess]]


def by_importer(one: Invented) -> list[Guess]:
    """Suggest as `vorel-import map` does."""
    choices = choose(one.columns, load_schema("contact"), one.samples)
    return [(choice.field, choice.confidence) for choice in choices]


def _names() -> dict[str, str]:
    schema = load_schema("contact")
    named = {normalize_header(name): name for name in schema.fields}
    return {normalize_header(alias): spec.name for spec in schema.fields.values()
            for alias in spec.aliases} | named  # fmt: skip


NAMES = _names()


def by_widget(one: Invented) -> list[Guess]:
    """Suggest by the same text, else by one that differs in at most two letters."""
    return [_near(normalize_header(header)) for header in one.columns]


def _near(header: str) -> Guess:
    if header in NAMES:
        return NAMES[header], "certain"
    close = (
        name for name in NAMES if abs(len(name) - len(header)) < 3 and distance(name, header) < 3
    )
    found = next(close, None)
    return (NAMES[found], "likely") if found else (None, "likely")


def distance(one: str, other: str) -> int:
    """Return in how many letters two texts differ (Levenshtein)."""
    row = list(range(len(other) + 1))
    for at, letter in enumerate(one, 1):
        before, row[0] = row[0], at
        for place, mark in enumerate(other, 1):
            costs = (row[place] + 1, row[place - 1] + 1, before + (letter != mark))
            before, row[place] = row[place], min(costs)
    return row[-1]


def by_difflib(one: Invented) -> list[Guess]:
    """Suggest the name that difflib finds closest."""
    found = (difflib.get_close_matches(normalize_header(h), NAMES, n=1) for h in one.columns)
    return [(NAMES[close[0]], "likely") if close else (None, "likely") for close in found]


def measure(lists: Sequence[Invented], suggest: Suggester) -> dict[str, tuple[float, float]]:
    """Return coverage and error of the suggestions of each level of confidence and above."""
    guesses = [
        (field, guess, level)
        for one in lists
        for field, (guess, level) in zip(one.fields, suggest(one), strict=True)
    ]
    should = sum(field is not None for field, _, _ in guesses)
    figures = {}
    for place, level in enumerate(LEVELS):
        taken = [(f, g) for f, g, one in guesses if g and one in LEVELS[: place + 1]]
        right = sum(field == guess for field, guess in taken)
        figures[level] = (right / should, 1 - right / len(taken) if taken else 0.0)
    return figures


def main() -> None:
    """Print the figures of all rules."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lists", type=int, default=150)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    chance = random.Random(given.seed)
    lists = [invented(chance) for _ in range(given.lists)]
    columns = sum(len(one.columns) for one in lists)
    print(f"{len(lists)} lists, {columns} columns, {len(HEADERS)} languages, seed {given.seed}")
    print("| rules | confidence | coverage | error |\n| --- | --- | --- | --- |")
    for name, suggest, levels in (
        ("vorel-import map", by_importer, LEVELS),
        ("same text, else two letters", by_widget, LEVELS[:2]),
        ("difflib", by_difflib, LEVELS[1:2]),
    ):
        figures = measure(lists, suggest)
        for level in levels:
            coverage, error = figures[level]
            print(f"| {name} | {level} and above | {coverage:.3f} | {error:.3f} |")
    worst = {
        language: measure([one for one in lists if one.language == language], by_importer)["likely"]
        for language in sorted({one.language for one in lists})
    }
    shown = sorted(worst.items(), key=lambda pair: pair[1][0])
    print("coverage (certain and likely) by language:", ", ".join(
        f"{language} {coverage:.2f}" for language, (coverage, _) in shown))  # fmt: skip


if __name__ == "__main__":
    main()
