"""What a person who knows everybody says of possible duplicates: the same person, or a new one."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from types import MappingProxyType

__all__ = ["POSSIBLE_DUPLICATE", "Doubt", "decisions"]

POSSIBLE_DUPLICATE = "possible_duplicate"
_FILE = "decided.csv"


@dataclass(frozen=True)
class Doubt:
    """A possible duplicate: whom its row is about, whose record it names, and its `vorel_ref`."""

    who: str
    named: str | None
    ref: str


def decisions(
    doubts: Sequence[Doubt],
    there: Counter[str],
    folder: Path,
    chance: Random,
    *,
    may_say_all: bool,
    allowed: Mapping[str, int] = MappingProxyType({}),
) -> Iterator[tuple[str, str, set[str]]]:
    """
    Yield the flags that decide about doubts truthfully, each with its value and whom it is about.

    A row is the same if it names the person's own record, and new if the person has none, or fewer
    than their rows are `allowed`. Of several rows of one person, only the first is: the others are
    decided about once that has a record. Unless one `may_say_all`, there are doubts that are not
    among these.
    """
    same = [doubt for doubt in doubts if doubt.named == doubt.who]
    new = {
        doubt.who: doubt
        for doubt in reversed(doubts)
        if doubt.named != doubt.who and there[doubt.who] < allowed.get(doubt.who, 1)
    }
    for flag, decided in (("--same", same), ("--new", [*new.values()])):
        if decided:
            is_all = may_say_all and len(decided) == len(doubts) and chance.random() < 0.5
            refs = "all" if is_all else _in_a_file([one.ref for one in decided], folder)
            yield flag, refs, {one.who for one in decided}


def _in_a_file(refs: Iterable[str], folder: Path) -> str:
    """Return a reference, or a file that has several."""
    one, *others = refs
    if not others:
        return one
    with (folder / _FILE).open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([["vorel_ref"], [one], *([ref] for ref in others)])
    return _FILE
