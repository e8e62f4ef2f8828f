"""The list that a clinic exports every night: it grows, is edited, shrinks and is sorted anew."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

__all__ = ["COLUMNS", "MAPPING", "Clinic", "Person"]

COLUMNS = ("Id", "First Name", "Last Name", "E-mail", "Mobile", "Remarks", "Visits")
MAPPING = """\
object = "contact"
identity = ["external_ref"]
[fields]
external_ref = "Id"
first_name = "First Name"
last_name = "Last Name"
email = { column = "E-mail", type = "email" }
phone = { column = "Mobile", type = "phone" }
notes = "Remarks"
"""
_FIRST = ("Omar", "Zoë", "Lina", "Chloé", "Badr", "Jürgen", "Nour", "Sara", "Ivana", "Tariq")
_LAST = ("Haddad", "Núñez", "Okafor", "Lindqvist", "Petrović", "Rahman", "Costa", "Weiß")
_TEA = ("likes tea", "prefers mornings", "asks for Dr Amal", "", "", "")
_GROWTH = 8
_EDITS = 20
_DELETIONS = 3

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
    _last: int = 0

    def __post_init__(self) -> None:
        """Register the first people."""
        self._register(self.rows)

    def pass_a_day(self, day: int) -> None:
        """Change the list as a day does: few people at the weekend, a campaign now and then."""
        chance = self.random
        weekend = day % 7 in {5, 6}
        share = self.rows / 10_000
        self._register(0 if weekend else round(chance.uniform(0, 2 * _GROWTH) * max(share, 0.1)))
        if day % 91 == 45:
            self._register(round(self.rows * 0.02))
        for person in chance.sample(self.people, max(1, round(_EDITS * share))):
            self._edit(person)
        for _ in range(0 if weekend else round(_DELETIONS * max(share, 0.2))):
            self.people.pop(chance.randrange(len(self.people)))
        for person in chance.sample(self.people, len(self.people) // 20):
            person[6] = str(int(person[6]) + 1)
        if day % 10 == 9:
            self.people.sort(key=lambda person: person[chance.choice([0, 1, 2])])
        self._note()

    def _register(self, count: int) -> None:
        chance = self.random
        for _ in range(count):
            self._last += 1
            number = self._last
            first, last = chance.choice(_FIRST), chance.choice(_LAST)
            email = f"{first[:2].lower()}{number}@example.com" if chance.random() < 0.9 else ""
            self.people.append(
                [
                    f"C-{number:06}",
                    first,
                    last,
                    email.encode("ascii", "ignore").decode(),
                    f"+9715{chance.choice('0456')}{1_000_000 + number}",
                    chance.choice(_TEA),
                    "1",
                ]
            )
        self._note()

    def _edit(self, person: Person) -> None:
        column = self.random.choice([2, 3, 5])
        number = person[0].removeprefix("C-")
        news = {2: self.random.choice(_LAST), 3: f"new{number}@example.com", 5: "moved house"}
        person[column] = news[column]

    def _note(self) -> None:
        for person in self.people:
            self.told.setdefault(person[0], set()).add(tuple(person[:6]))

    def export(self, people: Sequence[Person] | None = None, *, mark: str = ",") -> str:
        """Return the list as CSV."""
        text = io.StringIO()
        writer = csv.writer(text, delimiter=mark)
        writer.writerow(COLUMNS)
        writer.writerows(self.people if people is None else people)
        return text.getvalue()
