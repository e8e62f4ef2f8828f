"""How strongly a row is tied to a record: the table of docs/reliability.md as one function."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Set as AbstractSet
from enum import IntEnum
from typing import NamedTuple

from importer.core.objects import PEOPLE
from importer.matching.hashes import MatchHashes


class Level(IntEnum):
    """How strong a tie is; each level is given out for the whole list before the next one."""

    ALIKE = 0
    CERTAIN = 1
    MAYBE = 2


class Tie(NamedTuple):
    """
    A tie between a row and a record. `rank` orders ties of one level, the strongest first.

    The ranks of `ALIKE`: 0 by content or a key of today's mapping, 1 by a key of an earlier one, 2
    by hashes, 3 by hashes under an earlier mapping; 4 by an earlier mapping that sent no address,
    number or id, where today's does. `tie_of` has those of the other levels.
    """

    level: Level
    rank: int


MAYBE_ALIKE = Tie(Level.MAYBE, 1)
"""All that was sent agrees, but that is hardly enough, or a person has to decide first."""
OWN_DETAIL_AND_NAME = Tie(Level.MAYBE, 2)
"""The first name agrees, and something by which one person alone is reached."""
OWN_DETAIL = Tie(Level.MAYBE, 3)
"""Something agrees by which one person alone is reached."""
IDENTITY_ALONE = Tie(Level.MAYBE, 5)
"""The identity agrees and nothing else does, or it is not the identity of today's mapping."""
NAME_ALONE = Tie(Level.MAYBE, 6)
"""A name of two words agrees, and nothing else."""
OTHER_ID = Tie(Level.MAYBE, 9)
"""A deal, an appointment or a case is the same but for its id."""
WEAK = {NAME_ALONE, OTHER_ID}
"""Ties that only count if half of the list is known: in a list of new rows, these are others."""


def is_change(tie: Tie) -> bool:
    """
    Return whether a row with this tie has other values than the record.

    >>> is_change(Tie(Level.ALIKE, 0)), is_change(MAYBE_ALIKE), is_change(NAME_ALONE)
    (False, False, True)
    """
    return tie.level is not Level.ALIKE and tie != MAYBE_ALIKE


def tie_of(
    object_: str, row: MatchHashes, record: MatchHashes, is_own: Callable[[str], bool]
) -> Tie | None:
    """
    Return how a row is tied to one version of a record by other means than keys, or None.

    Both have hashes with the same salt. `is_own` returns whether only one person has a detail or
    an identity: an address at the reception and the number of a switchboard are those of many.
    """
    if row.meaning == record.meaning:
        return Tie(Level.ALIKE, 2)
    if object_ in PEOPLE:
        return _of_people(row, record, is_own)
    return _of_others(row, record)


def _of_people(  # noqa: PLR0911 - one for each tie
    row: MatchHashes, record: MatchHashes, is_own: Callable[[str], bool]
) -> Tie | None:
    whole_name = not row.names.isdisjoint(record.names)
    first_name = not row.first.isdisjoint(record.first)
    details = row.details & record.details
    identity = row.identity if row.identity == record.identity else None
    own = sum(map(is_own, details))
    agrees = (
        whole_name
        or first_name
        or any(map(is_own, details - row.of_identity))
        or not _comparable(row, record)
    )
    if identity is not None and is_own(identity) and agrees:
        return Tie(Level.CERTAIN, 1)
    if whole_name and details:
        return Tie(Level.CERTAIN, 2)
    if first_name and own > 1:
        return Tie(Level.CERTAIN, 3)
    if whole_name and not _has_detail(row) and not _has_detail(record):
        return Tie(Level.CERTAIN, 4)
    if own:
        return OWN_DETAIL_AND_NAME if first_name else OWN_DETAIL
    if details and first_name:
        return Tie(Level.MAYBE, 4)
    if identity is not None:
        return IDENTITY_ALONE
    return NAME_ALONE if whole_name else None


def _comparable(row: MatchHashes, record: MatchHashes) -> bool:
    """Return whether both have a name, or a detail besides the identity."""
    names = (row.names and record.names) or (row.first and record.first)
    return bool(names or (row.details - row.of_identity and record.details - row.of_identity))


def _has_detail(one: MatchHashes) -> bool:
    return bool(one.details or one.identity)


def _of_others(row: MatchHashes, record: MatchHashes) -> Tie | None:
    refs, record_refs = _of_kind("r", row), _of_kind("r", record)
    has_identity = row.identity is not None and row.identity == record.identity
    if has_identity or not refs.isdisjoint(record_refs):
        return IDENTITY_ALONE if _is_other_matter(row, record) else Tie(Level.CERTAIN, 1)
    if not _same_customer(row, record):
        return None
    # A number may be that of a family: whoever has the same name as well comes first.
    names = _OTHER_NAME * (bool(row.names and record.names) and row.names.isdisjoint(record.names))
    if refs and record_refs:
        mine, theirs = _all_but_id(row), _all_but_id(record)
        return OTHER_ID if any(mine) and mine == theirs else None
    if row.start is not None and row.start == record.start:
        return Tie(Level.CERTAIN, 2 + names)
    if row.topic is not None and row.topic == record.topic:
        has_more = not row.values.isdisjoint(record.values)
        return Tie(Level.CERTAIN, 3 + names) if has_more else Tie(Level.MAYBE, 2 + names)
    return None


def _all_but_id(one: MatchHashes) -> tuple[object, ...]:
    return one.start, one.topic, one.values


_OTHER_NAME = 6


def _is_other_matter(row: MatchHashes, record: MatchHashes) -> bool:
    """Return whether two of customer, title, start and other values are others, and none agrees."""
    of_row, of_record = _matter(row), _matter(record)
    both = of_row.keys() & of_record.keys()
    return len(both) > 1 and all(of_row[kind].isdisjoint(of_record[kind]) for kind in both)


def _matter(one: MatchHashes) -> dict[str, AbstractSet[str]]:
    """Return what an appointment, a deal or a case is about, by kind, without an id."""
    found: dict[str, AbstractSet[str]] = {
        "customer": _of_kind("c", one) | one.names,
        "topic": {one.topic} if one.topic else set(),
        "start": {one.start} if one.start else set(),
        "values": one.values,
    }
    return {kind: values for kind, values in found.items() if values}


def _same_customer(row: MatchHashes, record: MatchHashes) -> bool:
    """Return whether two records are of one customer, or neither names one."""
    reached, then = _of_kind("c", row), _of_kind("c", record)
    if not (reached or row.names) and not (then or record.names):
        return True
    return not reached.isdisjoint(then) or not row.names.isdisjoint(record.names)


def _of_kind(kind: str, hashes: MatchHashes) -> set[str]:
    return {one for one in hashes.details if one[0] == kind}
