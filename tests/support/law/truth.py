"""What is right after a run, from the records that there are and the rows of the list."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from importer.core.records import Status
from law.lists import Line, ListMapping

__all__ = ["Made", "covers", "is_own", "lost", "may_know", "mixed", "must_know", "twice"]


@dataclass(frozen=True, slots=True)
class Made:
    """
    A record, or a request that may have made one: of which row, by which mapping and key.

    `versions` are those of its row that have been reported since. If it `is_read`, it is on record
    what today's mapping reads of its row: then what the mapping of its time says counts no more.
    """

    line: Line
    mapping: ListMapping
    key: str
    versions: tuple[Made, ...] = field(default=(), kw_only=True, compare=False)
    is_read: bool = field(default=False, kw_only=True, compare=False)

    @property
    def fields(self) -> dict[str, str]:
        """What was sent."""
        return self.mapping.made_of(self.line)


def covers(made: Made, line: Line) -> bool:
    """Return whether a record is that of a row's person, or cannot be told from it."""
    return made.line.who == line.who or made.mapping.same(line) == made.mapping.same(made.line)


def must_know(made: Made, line: Line, today: ListMapping, *, surely: bool = False) -> bool:
    """
    Return whether a row has to be known, or held back, because of a record of an earlier run.

    Each version of the record's row counts: changes add up. With `surely`, only what knows it as
    the very same does: what `--on-change send` sends too.
    """
    if _must_know(made, line, today, surely=surely):
        return True
    return not surely and any(_must_know(one, line, today) for one in made.versions)


def _must_know(made: Made, line: Line, today: ListMapping, *, surely: bool = False) -> bool:
    if made.line == line or (made.is_read and today.made_of(made.line) == today.made_of(line)):
        return True
    is_same = made.mapping.same(line) == made.mapping.same(made.line)
    is_same = is_same and not (surely and made.is_read)
    if is_same and (not surely or made.mapping.made_of(line) == made.fields):
        return True
    now, then = _plain(today.made_of(line)), _plain(made.fields)
    if now == then:
        return True
    words, words_then = _words(now), _words(then)
    is_same_name = words <= words_then or words_then <= words
    has_email, has_id = _shares(now, then, "email"), _shares(now, then, "external_ref")
    if has_id:
        return not surely and (has_email or is_same_name or not words.isdisjoint(words_then))
    has_first = now.get("first_name", "").casefold() == then.get("first_name", "").casefold() != ""
    return not surely and has_email and (is_same_name or has_first)


def may_know(made: Made, line: Line, today: ListMapping) -> bool:
    """Return whether a row may be held back because of a record of an earlier run."""
    now, then = _plain(today.made_of(line)), _plain(made.fields)
    is_alike = _shares(now, then, "email") or _shares(now, then, "external_ref")
    return must_know(made, line, today) or is_alike or _words(now) == _words(then)


def is_own(
    made: Made,
    line: Line,
    lines: Collection[Line],
    today: ListMapping,
    status: Status,
    before: Iterable[Line] = (),
) -> bool:
    """
    Return whether a row of a list may be told the id of a record with this outcome.

    A change may name a record that is only likely to be of the same person, or that a row of this
    person was taken for `before`, by a mapping that sends little, or that of a row that is equal to
    it today. So may a duplicate; where the family name is the identity, that of any relative. By a
    mapping of names alone, rows of one name are one, if refused or not.
    """
    if status is Status.DUPLICATE and today.identity == "last_name":
        return True
    is_of_names = not {"email", "external_ref"} & made.fields.keys()
    has_its_name = _words(made.mapping.made_of(line)) == _words(made.fields)
    if status is Status.INVALID and is_of_names and has_its_name:
        return True
    if status is Status.POSSIBLE_DUPLICATE and _words(today.made_of(line)) & _words(made.fields):
        return True
    same = [line]
    if status in {Status.DUPLICATE, Status.CHANGED}:
        same = [other for other in lines if today.same(other) == today.same(line)]
    if any(covers(made, one) for one in (*same, *before)):
        return True
    if status in {Status.CHANGED, Status.POSSIBLE_DUPLICATE}:
        return may_know(made, line, today)
    return any(must_know(made, one, today, surely=True) for one in same)


def _plain(fields: dict[str, str]) -> dict[str, str]:
    return fields | {"email": fields["email"].casefold()} if "email" in fields else fields


def _shares(one: dict[str, str], other: dict[str, str], name: str) -> bool:
    return name in one and one[name] == other.get(name)


def _words(fields: dict[str, str]) -> set[str]:
    return set(f"{fields.get('first_name', '')} {fields.get('last_name', '')}".casefold().split())


def twice(
    before: Sequence[Made],
    new: Sequence[Made],
    lines: Sequence[Line],
    today: ListMapping,
    *,
    sends_all: bool,
    surely: bool,
    unclear: Sequence[Made] = (),
    earlier: Sequence[Sequence[Line]] = (),
) -> Iterator[str]:
    """
    Yield whom a run made again.

    People whom a mapping takes for one another are looked at together. Where each of their records
    may be any of their rows, they have no more new ones than rows without one. Rows that are equal
    today count once, and so do the records that were made of them.

    `unclear` are the requests that had no clear answer when the run began: they hold rows back also
    where changed ones are sent. If all rows are sent, each counts. As long as there is such a
    request, so do those of the `earlier` lists of which all were sent: which of the requests for
    equal rows have made a record nobody knows.
    """
    open_people = {request.line.who for request in unclear}
    as_today = [Made(line, today, "") for line in lines]
    for people in mixed([*before, *as_today], lines):
        rows = [line for line in lines if line.who in people]
        records = [made for made in before if made.line.who in people]
        if not all(
            must_know(made, line, today, surely=surely and not _is_among(made, unclear))
            for made in records
            for line in rows
        ):
            continue
        needed = len({today.same(line) for line in rows})
        own = [made for made in records if made.line in rows]
        has = len(records) - len(own) + len({today.same(made.line) for made in own})
        may = needed - has
        if sends_all:
            may = max(len(rows) - len(records), _copies(records, rows, today))
        if people & open_people:
            asked = max((sum(line.who in people for line in one) for one in earlier), default=0)
            may = max(may, asked - len(records))
        found = [made for made in new if made.line.who in people and not _is_among(made, unclear)]
        if len(found) > max(0, may):
            yield (
                f"{len(found)} more records of {sorted(people)}, who have {len(records)} and "
                f"need {needed}"
            )


def _is_among(made: Made, unclear: Iterable[Made]) -> bool:
    """
    Return whether a record is that of one of these requests, which had made none so far.

    It is finished with its key, although a later mapping takes its row for another one's.
    """
    return any(one.key == made.key for one in unclear)


def _copies(records: Sequence[Made], rows: Sequence[Line], today: ListMapping) -> int:
    """
    Return how many records more equal rows may have where all are sent.

    Of n rows with k records of their very content, n - k are sent. What was made of other content
    may be a record of rows that have none.
    """
    groups: dict[object, list[Line]] = {}
    for line in rows:
        groups.setdefault(today.same(line), []).append(line)
    left, more, others = [*records], 0, 0
    for equal in groups.values():
        own = [one for one in left if must_know(one, equal[0], today, surely=True)]
        left = [one for one in left if one not in own]
        more += max(0, len(equal) - len(own)) if own else 0
        others += 0 if own else len(equal)
    return more + max(0, others - len(left))


def mixed(before: Sequence[Made], lines: Sequence[Line]) -> list[set[int]]:
    """Return the people, those together whose records may be each other's."""
    groups = [{who} for who in {line.who for line in lines} | {made.line.who for made in before}]
    alike: dict[int, dict[object, set[int]]] = {}
    for made in before:
        if id(made.mapping) not in alike:
            same = alike[id(made.mapping)] = {}
            for line in lines:
                same.setdefault(made.mapping.same(line), set()).add(line.who)
        merged = {made.line.who, *alike[id(made.mapping)].get(made.mapping.same(made.line), ())}
        if len(merged) > 1:
            for group in [one for one in groups if one & merged]:
                groups.remove(group)
                merged |= group
            groups.append(merged)
    return groups


def lost(
    records: Sequence[Made], passed: Iterable[Line], today: ListMapping, *, sends_all: bool
) -> Iterator[str]:
    """
    Yield whom nobody made, though their rows were `passed` over as done.

    Each record is that of one row; rows that are equal by today's mapping are one, unless all
    are sent. Such a row keeps the record of one that is gone.
    """
    groups: dict[object, list[Line]] = {}
    for at, line in enumerate(passed):
        same = tuple(part.casefold() for part in today.same(line))
        groups.setdefault(at if sends_all else same, []).append(line)
    owner: dict[int, object] = {}
    for group, rows in groups.items():
        if not _finds_record(group, groups, records, owner, today, set()):
            yield f"no record is left for {rows}"


def _finds_record(
    group: object,
    groups: dict[object, list[Line]],
    records: Sequence[Made],
    owner: dict[int, object],
    today: ListMapping,
    tried: set[int],
) -> bool:
    """Give a record to a group of rows; others move on to another one for it."""
    for at, made in enumerate(records):
        if at in tried or not any(_is_or_was(made, line, today) for line in groups[group]):
            continue
        tried.add(at)
        if at not in owner or _finds_record(owner[at], groups, records, owner, today, tried):
            owner[at] = group
            return True
    return False


def _is_or_was(made: Made, line: Line, today: ListMapping) -> bool:
    """Return whether a record is that of a row, or of one that is equal to it today."""
    return covers(made, line) or today.same(made.line) == today.same(line)
