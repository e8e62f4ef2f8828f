"""The list that a clinic exports every night: it grows, is edited, shrinks and is sorted anew."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from random import Random
from typing import Any

__all__ = ["COLUMNS", "MAPPING", "Clinic", "Person"]

COLUMNS = (
    "Id",
    "First Name",
    "Last Name",
    "E-mail",
    "Mobile",
    "Remarks",
    "Balance",
    "Since",
    "Visits",
)
MAPPING = """\
object = "contact"
identity = ["external_ref"]
[fields]
external_ref = "Id"
first_name = "First Name"
last_name = "Last Name"
email = "E-mail"
phone = "Mobile"
notes = "Remarks"
"attributes.balance" = "Balance"
"attributes.since" = "Since"
"""
_FIELDS = ("external_ref", "first_name", "last_name", "email", "phone", "notes")
_OWN_FIELDS = ("balance", "since")
_VISITS = COLUMNS.index("Visits")
_FIRST = ("Omar", "Zoë", "Lina", "Chloé", "Badr", "Jürgen", "Nour", "Sára", "Ivana", "Tariq")
_LAST = ("Haddad", "Núñez", "Okafor", "Lindqvist", "Petrović", "Rahman", "Costa", "Weiß")
_SYLLABLES = ("an", "el", "mo", "ri", "sa", "tu", "vi", "wa", "ko", "de")
_TEA = ("likes tea", "prefers mornings", "asks for Dr Amal", "", "", "")
_GROWTH = 8
_EDITS = 20
_DELETIONS = 3
_NAMESAKES = 0.04
_SINCE = ((2010, 2026), (1, 13), (1, 13))
"""Days up to the 12th: exchanged with the month they are dates, too."""

Person = list[str]


@dataclass
class Clinic:
    """
    A list of people, and every content that any of them has had on an honest night.

    `told` has the contents by id: a record must have one of them.
    """

    random: Random
    rows: int
    people: list[Person] = field(default_factory=list)
    told: dict[str, set[tuple[str, ...]]] = field(default_factory=dict)
    last: int = 0
    _gone: list[Person] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Register the first people."""
        self.register(self.rows)

    def pass_a_day(self, day: int) -> None:
        """Change the list as a day does: few people at the weekend, a campaign now and then."""
        chance = self.random
        weekend = day % 7 in {5, 6}
        share = self.rows / 10_000
        self.register(0 if weekend else round(chance.uniform(0, 2 * _GROWTH) * max(share, 0.1)))
        if day % 91 == 45:
            self.register(round(len(self.people) * 0.15))
        for person in chance.sample(self.people, max(1, round(_EDITS * share))):
            self._edit(person)
        for _ in range(0 if weekend else round(_DELETIONS * max(share, 0.2))):
            self._gone.append(self.people.pop(chance.randrange(len(self.people))))
        for person in chance.sample(self.people, len(self.people) // 20):
            person[_VISITS] = str(int(person[_VISITS]) + 1)
        if day % 10 == 9:
            self.people.sort(key=lambda person: person[chance.choice([0, 1, 2])])
        self._note()

    def register(self, count: int) -> None:
        """Let so many people come; a few have the name of somebody who has left, or is there."""
        self.people += (self.newcomer() for _ in range(count))
        self._note()

    def newcomer(self) -> Person:
        """Return somebody with the next id."""
        chance = self.random
        self.last += 1
        number = self.last
        first = chance.choice(_FIRST)
        last = f"{chance.choice(_LAST)}-{''.join(chance.choices(_SYLLABLES, k=4)).title()}"
        if self.people and chance.random() < _NAMESAKES:
            _, first, last, *_ = chance.choice(self._gone or self.people)
        plain = first.encode("ascii", "ignore").decode().lower()
        return [
            f"C-{number:06}",
            first,
            last,
            f"{plain}{number}@example.com" if chance.random() < 0.9 else "",
            f"05{chance.choice('0456')}{1_000_000 + number}",
            chance.choice(_TEA),
            f"{chance.randrange(10, 90_000)}.50",
            date(*(chance.randrange(*one) for one in _SINCE)).isoformat(),
            "1",
        ]

    def _edit(self, person: Person) -> None:
        column = self.random.choice([2, 3, 5])
        number = person[0].removeprefix("C-")
        news = {2: self.random.choice(_LAST), 3: f"new{number}@example.com", 5: "moved house"}
        person[column] = news[column]

    def _note(self) -> None:
        for person in self.people:
            self.told.setdefault(person[0], set()).add(tuple(person[:_VISITS]))

    def has_told(self, fields: dict[str, Any]) -> bool:
        """Return whether a record has what the list said of its person on some honest night."""
        own = fields.get("attributes") or {}
        content = [fields.get(name) for name in _FIELDS] + [own.get(name) for name in _OWN_FIELDS]
        known = self.told.get(str(fields.get("external_ref")), set())
        return tuple("" if one is None else str(one) for one in content) in known

    def export(self, people: Sequence[Person] | None = None, *, mark: str = ",") -> str:
        """Return the list as CSV."""
        text = io.StringIO()
        writer = csv.writer(text, delimiter=mark)
        writer.writerow(COLUMNS)
        writer.writerows(self.people if people is None else people)
        return text.getvalue()
