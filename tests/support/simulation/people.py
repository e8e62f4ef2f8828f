"""A list of people that is edited between runs, and the mappings of it."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar, Literal

from law import lists

from importer.core import keys
from simulation.plan import Plan

__all__ = ["COLUMNS", "MAPPINGS", "Kind", "Line", "People"]

Kind = Literal["good", "flaky", "refused", "invalid", "malformed"]
COLUMNS = {**lists.COLUMNS, "born": "Born", "level": "Level", "exported": "Exported At"}


def _mappings() -> dict[str, lists.ListMapping]:
    """Return mappings of the list; all of them need the date of birth, which may be wrong."""
    mapped = {
        name: replace(
            mapping, fields={**mapping.fields, "birthday": "born"}, types={"birthday": "date"}
        )
        for name, mapping in lists.MAPPINGS.items()
    }
    full = mapped["full"]
    levels = replace(full, fields={**full.fields, "attributes.level": "level"})
    for type_ in ("text", "decimal", "integer"):
        types = {**full.types, "attributes.level": type_}
        mapped[f"level as {type_}"] = replace(levels, types=types)
    return mapped


MAPPINGS = _mappings()


@dataclass(frozen=True, slots=True, kw_only=True)
class Line(lists.Line):
    """A line of the list. The column Exported At is never mapped."""

    columns: ClassVar[Mapping[str, str]] = COLUMNS
    kind: Kind
    level: str = "7"
    exported: str = ""

    @property
    def born(self) -> str:
        """The date of birth as it stands in the file."""
        return "soon" if self.kind == "invalid" else "1980-02-03"

    def cells(self) -> tuple[str, ...]:
        """Return the cells as they stand in the file."""
        if self.kind == "malformed":
            return self.ref, self.first
        return tuple(self.values().values())

    def source_hash(self) -> str:
        """Return the hash the results file knows it by."""
        if self.kind == "malformed":
            return keys.source_hash(",".join(self.cells()))
        return keys.source_hash(self.values())


class People:
    """The source. `kinds` are those of people, `lines` are in the order of the file."""

    def __init__(self, plan: Plan, path: Path) -> None:
        self._chance = random.Random(f"people {plan.seed}")
        self._path = path
        self._exports = 0
        self._has_relatives = plan.seed % 5 == 0
        # Two people with one identity and one name are one by what the mapping itself says.
        self._has_namesakes = all(run.mapping != "by family" for run in plan.runs)
        self._others = random.Random(f"others {plan.seed}")
        self._drifting = {"email": _mail_anew, "last": _marry}
        self.kinds: dict[int, Kind] = {}
        self.lines: list[Line] = []
        self._known: dict[str, Line] = {}
        self._add(plan.rows)
        self._write()

    def line_of(self, source_hash: str) -> Line:
        """Return a line that the list has or had."""
        return self._known[source_hash]

    def versions_of(self, who: int) -> list[Line]:
        """Return the lines about a person that the list has or had."""
        return [line for line in self._known.values() if line.who == who]

    def take_out(self, people: set[int]) -> None:
        """Delete the lines of these people."""
        self.lines = [line for line in self.lines if line.who not in people]
        self._write()

    def edit(self) -> None:
        """Do to the list what people do: sort it, delete from it, add to it, touch columns."""
        chance = self._chance
        if chance.random() < 0.5:
            chance.shuffle(self.lines)
        if chance.random() < 0.4:
            self.lines = [line for line in self.lines if chance.random() < 0.8]
        if chance.random() < 0.4 or not self.lines:
            self._add(chance.randint(1, 5))
        if chance.random() < 0.3:
            self._touch(lambda line: replace(line, note=f"{line.note}seen"))
        if chance.random() < 0.3:
            self._touch(chance.choice((_mail_anew, _shout, _marry, _renumber)), share=0.15)
        if chance.random() < 0.3:
            self._exports += 1
            self._touch(lambda line: replace(line, exported=f"night {self._exports}"), share=1.0)
        if chance.random() < 0.15:
            self._correct()
        if self._has_relatives and self._others.random() < 0.4:
            self._add_a_relative()
        self._write()

    def drift(self) -> None:
        """Change something else of the same few people each time: changes add up."""
        name, change = self._drifting.popitem()
        self._drifting = {name: change, **self._drifting}
        self.lines = [change(line) if line.who % 5 == 1 else line for line in self.lines]
        self._write()

    def _add_a_relative(self) -> None:
        """Add somebody who has the address of somebody else, and another name."""
        if self.lines:
            other = self._others.choice(self.lines)
            self.lines.append(replace(self._new(), first="Cy", email=other.email))

    def _touch(self, edit: Callable[[Line], Line], *, share: float = 0.2) -> None:
        self.lines = [edit(one) if self._chance.random() < share else one for one in self.lines]

    def _correct(self) -> None:
        """Correct all lines of some people whose date of birth is wrong."""
        wrong = {line.who for line in self.lines if line.kind == "invalid"}
        corrected = {who for who in sorted(wrong) if self._chance.random() < 0.5}
        self.kinds.update(dict.fromkeys(corrected, "good"))
        self.lines = [
            replace(line, kind="good") if line.who in corrected else line for line in self.lines
        ]

    def _add(self, count: int) -> None:
        for _ in range(count):
            if self.lines and self._chance.random() < 0.15:
                line = self._chance.choice(self.lines)
                if self._chance.random() < 0.5:
                    line = replace(line, note=f"{line.note}again")
            else:
                line = self._new()
            self.lines.insert(self._chance.randint(0, len(self.lines)), line)

    def _new(self) -> Line:
        who = len(self.kinds) + 1
        kinds: tuple[Kind, ...] = ("good", "flaky", "refused", "invalid", "malformed")
        self.kinds[who] = self._chance.choices(kinds, (80, 10, 4, 4, 2))[0]
        first = self._chance.choice(("Ana", "Bo", "Mona"))
        return Line(
            who=who,
            ref=f"R{who:03}",
            first=first if self._has_namesakes else f"{first}{who}",
            last=self._chance.choice(("Haddad", "Roy", "Saleh", f"Nasser{who}", f"Omar{who}")),
            email=f"r{who:03}@example.com",
            kind=self.kinds[who],
        )

    def _write(self) -> None:
        self._known |= {line.source_hash(): line for line in self.lines}
        rows = (COLUMNS.values(), *(line.cells() for line in self.lines))
        self._path.write_text("".join(f"{','.join(row)}\n" for row in rows), encoding="utf-8")


def _mail_anew(line: Line) -> Line:
    return replace(line, email=f"x{line.email}")


def _shout(line: Line) -> Line:
    return replace(line, email=line.email.swapcase())


def _marry(line: Line) -> Line:
    return replace(line, last=f"{line.last}i")


def _renumber(line: Line) -> Line:
    return replace(line, ref=f"{line.ref}i")
