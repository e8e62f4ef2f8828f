"""A list of people that is edited between runs, and what must become of each of them."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from importer import keys
from simulation.plan import Plan

__all__ = ["COLUMNS", "Kind", "Line", "People", "mapping_text"]

Kind = Literal["good", "flaky", "refused", "invalid", "malformed"]
COLUMNS = ("Id", "First Name", "E-mail", "Born", "Note")


def mapping_text(*, identity: bool) -> str:
    """Return the mapping file; the column Note is not mapped."""
    return f"""\
object = "contact"
{'identity = ["external_ref"]' if identity else ""}
[fields]
external_ref = "Id"
first_name = "First Name"
email = "E-mail"
birthday = {{ column = "Born", type = "date", formats = ["%Y-%m-%d"] }}
"""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the list; lines of one `ref` become the same record."""

    ref: str
    note: str
    kind: Kind

    def cells(self) -> tuple[str, ...]:
        """Return the cells as they stand in the file."""
        if self.kind == "malformed":
            return self.ref, "Mona"
        born = "soon" if self.kind == "invalid" else "1980-02-03"
        return self.ref, "Mona", f"{self.ref.lower()}@example.com", born, self.note

    def source_hash(self) -> str:
        """Return the hash the results file knows it by."""
        if self.kind == "malformed":
            return keys.source_hash(",".join(self.cells()))
        return keys.source_hash(dict(zip(COLUMNS, self.cells(), strict=True)))


class People:
    """The source. `most` has, by ref, how many lines at a time any version of it held."""

    def __init__(self, plan: Plan, path: Path) -> None:
        self._chance = random.Random(f"people {plan.seed}")
        self._sends_twins = plan.sends_twins
        self._path = path
        self._number = 0
        self.kinds: dict[str, Kind] = {}
        self.most: Counter[str] = Counter()
        self.lines: list[Line] = []
        self._refs: dict[str, str] = {}
        self._add(plan.rows)
        self._write()

    def allowed(self, ref: str) -> int:
        """Return how many records there may be of one ref."""
        return self.most[ref] if self._sends_twins else 1

    def ref_of(self, source_hash: str) -> str:
        """Return the ref of a line that the list has or had."""
        return self._refs[source_hash]

    def edit(self) -> None:
        """Do to the list what people do: sort it, delete from it, add to it, touch a column."""
        chance = self._chance
        if chance.random() < 0.5:
            chance.shuffle(self.lines)
        if chance.random() < 0.4:
            self.lines = [line for line in self.lines if chance.random() < 0.8]
        if chance.random() < 0.4 or not self.lines:
            self._add(chance.randint(1, 5))
        if not self._sends_twins and chance.random() < 0.3:
            self.lines = [
                Line(line.ref, "seen", line.kind) if chance.random() < 0.2 else line
                for line in self.lines
            ]
        self._write()

    def _add(self, count: int) -> None:
        for _ in range(count):
            if self.lines and self._chance.random() < 0.15:
                twin = self._chance.choice(self.lines)
                note = twin.note if self._sends_twins else self._chance.choice(("", "again"))
                line = Line(twin.ref, note, twin.kind)
            else:
                line = self._new()
            self.lines.insert(self._chance.randint(0, len(self.lines)), line)

    def _new(self) -> Line:
        self._number += 1
        ref = f"R{self._number:03}"
        kinds: tuple[Kind, ...] = ("good", "flaky", "refused", "invalid", "malformed")
        self.kinds[ref] = self._chance.choices(kinds, (80, 10, 4, 4, 2))[0]
        return Line(ref, "", self.kinds[ref])

    def _write(self) -> None:
        for ref, count in Counter(line.ref for line in self.lines).items():
            self.most[ref] = max(self.most[ref], count)
        self._refs |= {line.source_hash(): line.ref for line in self.lines}
        text = "\n".join(",".join(cells) for cells in (COLUMNS, *(x.cells() for x in self.lines)))
        self._path.write_text(text + "\n", encoding="utf-8")
