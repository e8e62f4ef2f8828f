"""What connects a row with one that is on record, as the contract has it, from what is true."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from stories.register import Entry
from stories.writings import UNREADABLE_NAMES, words

__all__ = ["Book", "Shape", "Version", "version_of"]

_DETAILS: dict[str, set[str]] = {"Mail": set(), "Tel": {"numbers cut"}, "Ref": {"ids cut"}}
"""What connects people, each with the ways of writing that lose it."""
Names = tuple[str, ...]


@dataclass(frozen=True)
class Shape:
    """What a list has, what is mapped, and the identity: all by the columns of the file."""

    columns: tuple[str, ...]
    mapped: tuple[str, ...]
    identity: str | None = None
    object: str = "contact"
    knows_numbers: bool = True


@dataclass(frozen=True)
class Version:
    """
    A row as a run has seen it: the names and the details that can be read. `first` is the first
    name where it has a column.

    `truth` are its mapped facts. Two versions with the same differ only in how they are written.
    """

    who: str
    first: str | None
    names: Names | None
    details: frozenset[tuple[str, str]]
    truth: tuple[str, ...]


def version_of(
    entry: Entry, cells: Mapping[str, str], styles: Sequence[str], shape: Shape
) -> Version:
    """Return what a run sees of a row, which stands in the file with these cells."""
    used = {*entry.quirks, *styles}
    facts = entry.facts
    is_readable = not used & UNREADABLE_NAMES
    details = {column: facts[column] for column in _DETAILS if column in shape.mapped}
    if not shape.knows_numbers and "Tel" in details:
        details["Tel"] = cells["Tel"].replace(" ", "")
    return Version(
        who=entry.who,
        first=facts["First"] if is_readable and "First" in cells else None,
        names=words(f"{facts['First']} {facts['Last']}") if is_readable else None,
        details=frozenset(
            (column, text)
            for column, text in details.items()
            if text and not used & _DETAILS[column]
        ),
        truth=tuple(facts[column] for column in shape.mapped),
    )


class Book:
    """All versions of each person's rows that the importer has put on record."""

    def __init__(self) -> None:
        self._versions: defaultdict[str, set[Version]] = defaultdict(set)
        self._last: dict[str, Version] = {}

    def note(self, version: Version) -> None:
        """Note a version of a row that has a record, or may be that of one."""
        self._versions[version.who].add(version)
        self._last[version.who] = version

    def forget(self) -> None:
        """Forget everything: the results file is gone."""
        self._versions.clear()
        self._last.clear()

    def of(self, who: str) -> set[Version]:
        """Return the versions of a person's rows."""
        return self._versions[who]

    def knows_truth(self, version: Version) -> bool:
        """Return whether a version says what another one has said, however they are written."""
        return any(one.truth == version.truth for one in self.of(version.who))

    def unconnected(self, rows: Sequence[Version], identity: str | None) -> Iterator[str]:
        """Yield the people of a list whom nothing connects with their records any more."""
        shared = self._shared(rows)
        known = [row for row in rows if self.of(row.who)]
        tied = {
            row: max((_tie(row, one, shared, identity) for one in self.of(row.who)), default=0)
            for row in known
        }
        is_whole = 2 * sum(strength > 0 for strength in tied.values()) >= len(rows)
        for row, strength in tied.items():
            if strength < (1 if is_whole else 2):
                yield row.who

    def is_certain(self, row: Version, other: str, identity: str | None) -> bool:
        """Return whether the contract takes a row for that of another person's record."""
        for one in self.of(other):
            both = row.details & one.details
            whole = row.names is not None and row.names == one.names
            first = row.first is not None and row.first == one.first
            same_id = any(column == identity for column, _ in both)
            if (whole and both) or (first and len(both) > 1):
                return True
            if same_id and (first or len(both) > 1):
                return True
        return False

    def contradictions(self, rows: Sequence[Version], identity: str) -> tuple[int, int]:
        """
        Return how many rows have the identity of others: at least, and at most.

        Those that are on record as they are may have been decided about.
        """
        groups: defaultdict[tuple[str, str], list[Version]] = defaultdict(list)
        for row in rows:
            for detail in row.details:
                if detail[0] == identity:
                    groups[detail].append(row)
        least = most = 0
        for detail, group in groups.items():
            today = {row.who for row in group}
            news = {row.who for row in group if not self.knows_truth(row)}
            has_it = {who for who, last in self._last.items() if detail in last.details}
            had_it = {
                who
                for who, versions in self._versions.items()
                if any(detail in one.details for one in versions)
            }
            own = today & has_it or ({group[0].who} if not has_it else set())
            least += len(news - own)
            most += len(group) if len(today | has_it | had_it) > 1 else 0
        return least, most

    def _shared(self, rows: Iterable[Version]) -> set[tuple[str, str]]:
        """Return the details that two rows with different names have, or two records."""
        today: defaultdict[tuple[str, str], set[Names | None]] = defaultdict(set)
        for row in rows:
            for detail in row.details:
                today[detail].add(row.names)
        records = Counter(
            detail
            for versions in self._versions.values()
            for detail in {detail for one in versions for detail in one.details}
        )
        return {one for one, names in today.items() if len(names) > 1} | {
            one for one, count in records.items() if count > 1
        }


def _tie(row: Version, one: Version, shared: set[tuple[str, str]], identity: str | None) -> int:
    """Return how two versions are connected: 2 for sure, 1 if most of the list is, 0 not at all."""
    both = row.details & one.details
    whole = row.names is not None and row.names == one.names
    first = row.first is not None and row.first == one.first
    if both - shared or (both and (first or whole)):
        return 2
    if any(column == identity for column, _ in both):
        return 2
    if whole:
        return 1 if row.details or one.details else 2
    return 0
