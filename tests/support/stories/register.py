"""A list of people over weeks: what is true of each of them, and how it is written today."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from random import Random

from stories.writings import DATES, IDS, NAMES, NUMBERS, Writing

__all__ = ["FACTS", "Entry", "Register", "read_name"]

FACTS = ("First", "Last", "Mail", "Tel", "Ref", "Firm", "Since", "Note")
_FIRST = (
    "Jürgen", "José", "Zoë", "Søren", "Łukasz", "Işık", "Ada", "Bo", "Cyd", "Dee", "Eli", "Fay",
    "Gus", "Hal", "Ivy", "Jon", "Kim", "Lea", "Moe", "Nia", "Ola", "Pia", "Quy", "Ray", "Sue",
    "Tia", "Uma", "Val", "Wes", "Xia", "Yan", "Björn", "André", "Käthe", "Günther", "Inês",
    "Al-Amin", "Abd Allah", "Jean-Luc", "Sa'id", "فاطمة", "عبد الله", "ياسمين", "منى", "أحمد",
    "ليلى", "سامي", "هبة", "Mohammed", "Ahmed", "Ali", "Hassan", "Omar", "Maria", "Anna", "Peter",
)  # fmt: skip
_LAST = (
    "Müller", "Núñez", "Ørsted", "Wałęsa", "Yıldız", "Lind", "Marin", "Roy", "Smith", "Haddad",
    "Weiß", "Çelik", "García", "Fernández", "Björk", "Al-Masri", "Van Dijk", "Hassan", "Ali",
    "Omar", "Khan", "Saleh", "الهاشمي", "القاضي", "حمزة", "النجار",
)  # fmt: skip
_KINDS = {"names": ("First", "Last"), "numbers": ("Tel",), "ids": ("Ref",), "dates": ("Since",)}
_WRITINGS: dict[str, Writing] = {**NAMES, **NUMBERS, **IDS, **DATES}


@dataclass(eq=False)
class Entry:
    """
    A row of the list. `who` it is about is not in the file; a person may have several rows.

    `facts` are what is true, `quirks` how this row alone is written, and `label` what was done to
    it last. A row that was a copy of another one, but for notes, is `copied` from it.
    """

    who: str
    facts: dict[str, str]
    label: str
    quirks: tuple[str, ...] = ()
    copied: Entry | None = None

    def again(self) -> Entry:
        """Return another row about the same person."""
        return Entry(self.who, dict(self.facts), self.label, self.quirks)


@dataclass
class Register:
    """
    The list. `styles` are the ways in which all of it is written at the moment.

    `layout` says whether first and last names have a column each (`apart`), or one for both
    (`merged`, or `last first`).
    """

    chance: Random
    columns: tuple[str, ...]
    entries: list[Entry] = field(default_factory=list)
    gone: list[Entry] = field(default_factory=list)
    styles: tuple[str, ...] = ()
    layout: str = "apart"
    exported: str = ""
    has_long_ids: bool = False
    _people: int = 0
    _names: set[frozenset[str]] = field(default_factory=set)

    def new(self, label: str, **facts: str) -> Entry:
        """Return a row of somebody new, with these facts and others of their own."""
        self._people += 1
        number = self._people
        first, last = self._new_name(facts)
        ref = f"{4_000_000_000_000 + number * 7}" if self.has_long_ids else f"{number:05}"
        own = {
            "First": first,
            "Last": last,
            "Mail": f"person{number}@example.com",
            "Tel": f"+97150{1_230_000 + number * 11}",
            "Ref": ref,
            "Firm": "",
            "Since": f"2024-{1 + number % 12:02}-{1 + number % 28:02}",
            "Note": self.chance.choice(["", "met in May"]),
        }
        return Entry(f"person {number}", {**own, **facts, "First": first, "Last": last}, label)

    def _new_name(self, facts: dict[str, str]) -> tuple[str, str]:
        """Return a name whose words nobody else has had, in whatever order."""
        while True:
            first = facts.get("First", self.chance.choice(_FIRST))
            last = facts.get("Last", self.chance.choice(_LAST))
            if self.takes_name(first, last):
                return first, last

    def takes_name(self, first: str, last: str) -> bool:
        """Let somebody have a name, if nobody else has had it, and return whether they may."""
        key = frozenset(f"{first} {last}".split())
        if first == last or key in self._names:
            return False
        self._names.add(key)
        return True

    def a_last_name(self, first: str) -> str:
        """Return another last name for somebody."""
        while True:
            last = self.chance.choice(_LAST)
            if self.takes_name(first, last):
                return last

    def insert(self, entry: Entry) -> Entry:
        """Add a row anywhere."""
        self.entries.insert(self.chance.randint(0, len(self.entries)), entry)
        return entry

    @property
    def header(self) -> list[str]:
        """The columns of the file."""
        names = ["First", "Last"] if self.layout == "apart" else ["Name"]
        return [*names, *self.columns[2:], "Exported"]

    def cells(self, entry: Entry) -> dict[str, str]:
        """Return a row as it stands in the file."""
        texts = {
            column: _written(column, entry.facts[column], (*entry.quirks, *self.styles))
            for column in self.columns
        }
        first, last = texts["First"], texts["Last"]
        if self.layout != "apart":
            texts["Name"] = f"{first} {last}" if self.layout == "merged" else f"{last}, {first}"
        texts["Exported"] = self.exported
        return {column: texts[column] for column in self.header}

    def spellings(self, entry: Entry) -> Iterator[str]:
        """Yield all that the name of a row may be written as."""
        name = f"{entry.facts['First']} {entry.facts['Last']}"
        yield name
        for style in NAMES:
            yield " ".join(NAMES[style](entry.facts[part]) for part in ("First", "Last"))
            for other in NAMES:
                yield " ".join(
                    NAMES[other](NAMES[style](entry.facts[part])) for part in ("First", "Last")
                )

    def styles_of(self, kind: str) -> tuple[str, ...]:
        """Return the ways in which names, numbers, ids or dates can be written."""
        return tuple({"names": NAMES, "numbers": NUMBERS, "ids": IDS, "dates": DATES}[kind])

    def toggle_style(self, kind: str) -> str:
        """Write all names, numbers, ids or dates in another way. Returns what was done."""
        known = self.styles_of(kind)
        others = tuple(style for style in self.styles if style not in known)
        new = self.chance.choice([style for style in known if style not in self.styles])
        if len(others) < len(self.styles) and self.chance.random() < 0.4:
            self.styles = others
            return f"{kind} as before"
        self.styles = (*others, new)
        return new

    def label_all(self, label: str, entries: Sequence[Entry] | None = None) -> None:
        """Note what was done to rows."""
        for entry in self.entries if entries is None else entries:
            entry.label = label


def _written(column: str, text: str, styles: Sequence[str]) -> str:
    for style in styles:
        kind = style.split()[0]
        if column in _KINDS[kind]:
            text = _WRITINGS[style](text)
    return text


def read_name(cells: dict[str, str]) -> str:
    """Return the whole name of a row in a file."""
    return cells["Name"] if "Name" in cells else f"{cells['First']} {cells['Last']}"
