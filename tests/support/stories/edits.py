"""What people do to a list over weeks, one thing at a time."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from stories.register import Entry, Register

__all__ = ["LOSSY", "Edits"]

LOSSY = ("numbers cut", "ids cut", "names with question marks", "names misspelt")
_RESAVES = (
    ("names as mojibake", "numbers without zeros", "ids without zeros", "dates by day"),
    ("names as mojibake", "numbers cut", "ids cut", "dates by day"),
    ("numbers as numbers", "ids without zeros", "dates in words"),
    ("numbers without zeros", "ids cut"),
    ("names with question marks", "numbers as numbers", "dates by day"),
)


class Edits:
    """
    Edits a list. What is true of a row changes once between two runs at most (`touched`).

    `undo` has what takes back the last edit that made identities collide.
    """

    def __init__(self, register: Register, chance: Random, identity: str | None) -> None:
        self._register = register
        self._chance = chance
        self._identity = identity or "Ref"
        self.touched: set[str] = set()
        self.undo: list[Callable[[], None]] = []
        self._firms = 0
        self._moves = 0
        self.named: dict[str, Callable[[], object]] = {
            "another address": self._address,
            "another number": self._number,
            "another last name": self._marry,
            "another name": self._other_name,
            "another note": lambda: self._change("Note", f"called {chance.randint(1, 9)} times"),
            "new person": lambda: self._join("new person"),
            "new relative": self._relative,
            "new colleague": self._colleague,
            "new namesake": self._namesake,
            "a second row": self._second_row,
            "a copy": self._copy,
            "successor": self._successor,
            "leaves": self._leave,
            "comes back": self._come_back,
            "sorted": lambda: chance.shuffle(register.entries),
            "one written otherwise": self._quirk,
            "all written otherwise": self._style,
            "names in other columns": self._layout,
            "resaved": self._resave,
            "repaired": self.repair,
            "same identity": self._same_identity,
            "one identity for many": self._many_with_one,
            "renumbered": self._renumber,
            "two branches": self._two_branches,
        }

    def somebody(self, *columns: str) -> Entry | None:
        """Return a row that nothing has happened to since the last run, with these columns."""
        found = [
            one
            for one in self._register.entries
            if one.who not in self.touched and all(one.facts[column] for column in columns)
            if one.copied is None
        ]
        if not found:
            return None
        entry = self._chance.choice(found)
        self.touched.add(entry.who)
        return entry

    # What is true of somebody changes

    def _change(self, column: str, text: str, label: str | None = None) -> Entry | None:
        entry = self.somebody()
        if entry is not None:
            entry.facts[column] = text
            entry.label = label or "another note"
        return entry

    def _address(self) -> object:
        self._moves += 1
        return self._change("Mail", f"moved{self._moves}@example.org", "another address")

    def _number(self) -> object:
        self._moves += 1
        return self._change("Tel", f"+97155{7_650_000 + self._moves * 13}", "another number")

    def _marry(self) -> None:
        if (entry := self.somebody()) is not None:
            entry.facts["Last"] = self._register.a_last_name(entry.facts["First"])
            entry.label = "another last name"

    def _other_name(self) -> None:
        if (entry := self.somebody()) is not None:
            name = self._register.new("", Mail="", Tel="").facts
            entry.facts |= {column: name[column] for column in ("First", "Last")}
            entry.label = "another name"

    # Others come and go

    def _join(self, label: str, **facts: str) -> Entry:
        entry = self._register.insert(self._register.new(label, **facts))
        self.touched.add(entry.who)
        return entry

    def _relative(self) -> None:
        if (other := self.somebody("Tel")) is not None:
            shared = self._chance.choice((("Tel", "Last"), ("Tel", "Last", "Mail"), ("Tel",)))
            self._join("new relative", **{column: other.facts[column] for column in shared})

    def _colleague(self) -> None:
        firms = [one.facts for one in self._register.entries if one.facts["Firm"]]
        if not firms or self._chance.random() < 0.2:
            self._firms += 1
            number = self._firms
            facts = {
                "Firm": f"Firm {number} LLC",
                "Mail": f"info@firm{number}.example",
                "Tel": f"+9714{8_760_000 + number * 100}",
            }
        else:
            firm = self._chance.choice(firms)
            facts = {column: firm[column] for column in ("Firm", "Mail", "Tel")}
        if self._chance.random() < 0.3:
            own = self._register.new("").facts
            facts |= {"Mail": own["Mail"]}
        self._join("new colleague", **facts)

    def _namesake(self) -> None:
        if (other := self.somebody("Mail")) is not None:
            entry = self._join("new namesake")
            entry.facts |= {column: other.facts[column] for column in ("First", "Last")}

    def _second_row(self) -> None:
        if (other := self.somebody()) is not None:
            again = self._register.insert(other.again())
            self._moves += 1
            again.facts["Mail"] = f"second{self._moves}@example.org"
            again.label = "a second row"

    def _copy(self) -> None:
        """Add a row that differs in its note at most; whatever the first one becomes, it stays."""
        if (other := self.somebody()) is not None:
            copy = self._register.insert(other.again())
            if self._chance.random() < 0.7:
                copy.facts["Note"] = f"copied by {self._chance.randint(1, 9)}"
            copy.label, copy.copied = "a copy", other

    def _successor(self) -> None:
        other = self.somebody("Mail")
        if other is not None and len(self._register.entries) > 2:
            self._register.entries.remove(other)
            self._join("successor", Mail=other.facts["Mail"], Firm=other.facts["Firm"])

    def _leave(self) -> None:
        other = self.somebody()
        if other is not None and len(self._register.entries) > 2:
            self._register.entries.remove(other)
            self._register.gone.append(other)

    def _come_back(self) -> None:
        if self._register.gone:
            back = self._register.gone.pop(0)
            self._register.insert(back)
            back.label = "comes back"

    # The same is written otherwise

    def _quirk(self) -> None:
        if (entry := self.somebody()) is not None:
            styles = self._register.styles_of(self._chance.choice(("names", "names", "numbers")))
            quirk = self._chance.choice(styles)
            entry.quirks = (quirk,) if quirk not in entry.quirks else ()
            entry.label = f"{quirk} (one row)"

    def _style(self) -> None:
        kind = self._chance.choice(("names", "names", "names", "numbers", "ids", "dates"))
        self._register.label_all(self._register.toggle_style(kind))

    def _layout(self) -> None:
        others = [one for one in ("apart", "merged", "last first") if one != self._register.layout]
        self._register.layout = self._chance.choice(others)
        self._register.label_all(f"names {self._register.layout}")

    def _resave(self) -> None:
        self._register.styles = self._chance.choice(_RESAVES)
        self._register.label_all("resaved: " + ", ".join(self._register.styles))

    def repair(self) -> None:
        """Write everything again as it was at first."""
        if self._register.styles:
            self._register.styles = ()
            self._register.label_all("as before the resave")

    def make_readable(self) -> None:
        """Let nothing in the list be written in a way that loses values."""
        lossy = [style for style in self._register.styles if style in LOSSY]
        if lossy:
            self.repair()
        for entry in self._register.entries:
            if {*entry.quirks} & {*LOSSY}:
                entry.quirks = ()
                entry.label = "as before (one row)"

    # Identities collide

    def _same_identity(self) -> None:
        if (other := self.somebody(self._identity)) is not None:
            self._join("same identity", **{self._identity: other.facts[self._identity]})

    def _many_with_one(self) -> None:
        if (other := self.somebody(self._identity)) is None:
            return
        shared = other.facts[self._identity]
        own = []
        for _ in range(7):
            entry = self._join("one identity for many")
            own.append((entry, entry.facts[self._identity]))
            entry.facts[self._identity] = shared

        def undo() -> None:
            for entry, text in own:
                entry.facts[self._identity] = text

        self.undo.append(undo)

    def _renumber(self) -> None:
        entries = self._register.entries
        old = [(entry, entry.facts["Ref"]) for entry in entries]
        refs = [ref for _, ref in old]
        shift = self._chance.randint(1, max(1, len(refs) - 1))
        for entry, ref in zip(entries, [*refs[shift:], *refs[:shift]], strict=True):
            entry.facts["Ref"] = ref
            entry.label = "renumbered"
        self._put_back_later(old)

    def _two_branches(self) -> None:
        entries = self._register.entries
        half = len(entries) // 2
        old = [(entry, entry.facts["Ref"]) for entry in entries[half:]]
        for entry, other in zip(entries[half:], entries, strict=False):
            entry.facts["Ref"] = other.facts["Ref"]
            entry.label = "two branches"
        self._put_back_later(old)

    def _put_back_later(self, old: list[tuple[Entry, str]]) -> None:
        self.touched |= {entry.who for entry, _ in old}

        def undo() -> None:
            for entry, ref in old:
                entry.facts["Ref"] = ref
                entry.label = "ids as before"

        self.undo.append(undo)
