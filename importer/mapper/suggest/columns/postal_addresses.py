"""Chooses one address of several, and the columns that are parts of its street."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from importer.core.locale.message import Message
from importer.mapper.data import load_table
from importer.mapper.suggest.columns.choice import ADDRESS, UNSURE, Columns
from importer.mapper.values.texts import fold

POST_BOX = "pobox"
PARTS_OF_A_STREET = frozenset({"house", "line", POST_BOX})
_HALF = 0.5
_OTHER_KINDS = frozenset({"phone", "email", "date", "url"})


def choose_address(columns: Columns) -> None:
    """
    Choose one of several addresses as a whole, and leave out what is below the streets of others.

    What headers say of the place (`Physical City`, `Postal City`) tells addresses apart. It is the
    likeliest one by its header, unless another street has more than twice as many values. The
    number of a house, `Address 2`, `Suburb` or `P.O. Box` are parts of the street with the same
    place; where there is no street, the post box is it, or else all of them together.
    """
    target = columns.schema.field_of("street")
    of_address = {*columns.of(columns.schema.fields_of(ADDRESS))}
    lines = [at for at in of_address if columns.choices[at].role in PARTS_OF_A_STREET]
    streets = [at for at in of_address if columns.choices[at].field == target and at not in lines]
    streets = streets or [at for at in lines if columns.choices[at].role == POST_BOX] or lines
    best = None
    own = {frozenset[str](), frozenset({"primary"})}
    if streets:
        most = max(columns.looks[at].count for at in streets)
        likely = [at for at in streets if 2 * columns.looks[at].count >= most]
        best = max(likely, key=lambda at: (columns.choices[at].score, -at))
        others = {_place(columns, at) for at in streets} - {_place(columns, best)}
        own = (own | {_place(columns, best)}) - (others - {frozenset[str]()})
        for at in of_address:
            if _place(columns, at) in others:
                choice = columns.choices[at]
                text = "another address: %(column)s is %(field)s already, and two must not be mixed"
                reason = Message(text, column=columns.choices[best].column, field=target)
                columns.choices[at] = replace(choice, hedged=True, score=UNSURE, reason=reason)
    for at in lines:
        looks = columns.looks[at]
        if at == best:
            continue
        if best is None or _place(columns, at) not in own:
            columns.drop(at, Message("part of another address"))
        elif _repeats(columns.values[at], columns.values[best]):
            text = "its values repeat those of %(column)s"
            columns.drop(at, Message(text, column=columns.choices[best].column))
        elif columns.values[at] and not looks.count:
            columns.drop(at, Message("it has no values"))
        elif looks.kind in _OTHER_KINDS:
            text = "the header means part of an address, but the values look like %(looks)s"
            columns.drop(at, Message(text, looks=looks.describe()))


def _repeats(part: Sequence[str], whole: Sequence[str]) -> bool:
    """Return whether most values of a column are in those of another one already."""
    pairs = [
        (fold(one), fold(other)) for one, other in zip(part, whole, strict=False) if one.strip()
    ]
    return sum(len(one) > 1 and one in other for one, other in pairs) > _HALF * len(pairs)


def _place(columns: Columns, at: int) -> frozenset[str]:
    """Return the words of a header that say which address it is of: `home`, `mailing`, `po`."""
    meant = columns.parsed[at]
    beginning = {meant.place} if meant.place else frozenset[str]()
    return meant.meanings & frozenset(load_table("roles")["places"].split()) | beginning
