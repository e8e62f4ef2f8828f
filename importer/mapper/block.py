"""Many rows mapped together, column by column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from operator import and_, or_

import polars as pl

from importer.core.keys import canonical_text, row_hashes, utf16_order
from importer.core.objects import object_facts
from importer.core.records import Record, Row
from importer.core.shared import JsonValue
from importer.mapper.cell import CUT_OFF, KEPT, LEFT_OUT
from importer.mapper.faults import in_order
from importer.mapper.fields.extract import find, set_field
from importer.mapper.schema.object_schema import ObjectSchema
from importer.mapper.series import FieldSeries

_ADDRESS = r'":"[^@\s]+@[^@\s]+\.[^@\s]+"$'


class MappedBlock:
    """
    Rows that were mapped together, with exactly the same result as by `Mapper.map`.

    `rejected` are the rows that cannot be sent; `Mapper.map` says why. `fields` has the values of
    the other rows, field by field.
    """

    def __init__(
        self,
        schema: ObjectSchema,
        identity: Sequence[str] | None,
        fields: Sequence[FieldSeries],
        rows: int,
    ) -> None:
        self.fields = tuple(fields)
        self._schema = schema
        self._identity = identity
        self._rows = rows
        self._members = _members(fields)
        self.object = schema.name
        self._by_target = {one.plan.target: one for one in fields}
        masks = [*self._faulty(), *self._lacking()]
        is_refused = reduce(or_, masks) if masks else None
        refused = is_refused.arg_true().to_list() if is_refused is not None else ()
        self.rejected = {*refused, *self._out_of_order()}

    def identities(self) -> pl.Series | None:
        """Return a text for each row, the same for rows with one identity; None without one."""
        if self._identity is None:
            return None
        return _concat([_without_case(self._by_target[name].members) for name in self._identity])

    def row_hashes(self, rows: Sequence[int]) -> list[str]:
        """Return the `row_hash` of some rows."""
        if not rows:
            return []
        members = _concat([column[rows] for column in self._members.values()])
        return row_hashes(self._schema.name, [f"{{{text[1:]}}}" for text in members])

    def values(self, rows: Sequence[int]) -> dict[str, list[JsonValue]]:
        """Return the values of each field in some rows, None where it is left out."""
        return {name: one.values(rows) for name, one in self._by_target.items()}

    def records(self, rows: Mapping[int, Row]) -> dict[int, Record]:
        """Return the records of the rows at some places that are not rejected, by their places."""
        places = [place for place in rows if place not in self.rejected]
        values = [(one.plan.path, one.values(places)) for one in self.fields]
        labels = {
            one.plan.target: one.labels[places].to_list()
            for one in self.fields
            if one.labels is not None
        }
        made = {}
        for at, place in enumerate(places):
            fields: dict[str, JsonValue] = {}
            for path, column in values:
                if (value := column[at]) is not None:
                    set_field(fields, path, value)
            changes = [(name, what) for name, one in labels.items() if (what := one[at])]
            identity = self._identity
            made[place] = Record(
                row=rows[place],
                object=self.object,
                fields=fields,
                identity=None if identity is None else tuple(find(fields, one) for one in identity),
                left_out=tuple(name for name, what in changes if what in {LEFT_OUT, CUT_OFF}),
                kept=tuple(name for name, what in changes if what == KEPT),
                changes=tuple(sorted(changes)),
            )
        return made

    def parts(self, rows: Sequence[int]) -> dict[str, int]:
        """Return in how many of some rows each part of a record is (`ObjectFacts.parts`)."""
        found = {}
        for part, names in object_facts(self.object).parts.items():
            fields = [self._by_target[name] for name in names if name in self._by_target]
            given = [one.members[rows] != "" for one in fields]
            found[part] = int(reduce(or_, given).sum()) if given and rows else 0
        return found

    def names_alone(self, rows: Sequence[int]) -> list[int]:
        """Return those of some rows from which nothing but a name is sent."""
        names = object_facts(self.object).parts.get("name", ())
        read = [one for one in self.fields if one.plan.reads]
        others = [one for one in read if one.plan.target not in names]
        if len(others) == len(read):
            return []
        empty = [one.members[rows] == "" for one in others]
        alone = reduce(and_, empty).arg_true().to_list() if empty else range(len(rows))
        return [rows[at] for at in alone]

    def _faulty(self) -> list[pl.Series]:
        """Return which rows have a value that cannot be sent, and which do not have any value."""
        faulty = [one.refused for one in self.fields if one.refused is not None]
        own = [block.blank for block in self.fields if not block.plan.source.is_extra]
        blank = [one for one in own if one is not None]
        if len(blank) == len(own):
            everything = pl.repeat(True, self._rows, eager=True)  # noqa: FBT003
            faulty.append(reduce(and_, blank, everything))
        return faulty

    def _lacking(self) -> list[pl.Series]:
        """Return which rows lack a required field, and which lack every one of `any_of`."""
        lacking = [self._members_of(name) == "" for name in self._schema.required]
        lacking += [self._by_target[name].members == "" for name in self._identity or ()]
        some = [self._members[name] for name in self._schema.any_of if name in self._members]
        if some:
            lacking.append(reduce(and_, (members == "" for members in some)))
        elif self._schema.any_of:
            lacking.append(pl.repeat(True, self._rows, eager=True))  # noqa: FBT003
        return lacking

    def _members_of(self, name: str) -> pl.Series:
        """Return the member of a required field, or of the object around it, for each row."""
        if name in self._by_target:
            return self._by_target[name].members
        return self._members[name.partition(".")[0]]

    def _out_of_order(self) -> set[int]:
        """Return the rows in which two valid times are in the wrong order."""
        found: set[int] = set()
        for later, earlier in self._schema.after:
            if not {later, earlier} <= self._by_target.keys():
                continue
            ends, starts = self._by_target[later].texts, self._by_target[earlier].texts
            pairs = enumerate(zip(starts.to_list(), ends.to_list(), strict=True))
            found.update(
                row
                for row, (start, end) in pairs
                if start is not None and end is not None and not in_order(start, end)
            )
        return found


def _without_case(members: pl.Series) -> pl.Series:
    """Return members with addresses in lower case, like `match_texts.without_case`."""
    texts = pl.DataFrame({"member": members})
    member = pl.col("member")
    is_address = member.str.contains(_ADDRESS)
    lower = pl.when(is_address).then(member.str.to_lowercase()).otherwise(member)
    return texts.select(lower.alias("member"))["member"]


def _members(fields: Sequence[FieldSeries], depth: int = 0) -> dict[str, pl.Series]:
    """
    Return the members of each row by name, in the order of RFC 8785.

    At a `depth` of 1 they are those of the objects, such as the fields of `attributes.…`.
    """
    named: dict[str, list[FieldSeries]] = {}
    for one in fields:
        named.setdefault(one.plan.path[depth], []).append(one)
    members: dict[str, pl.Series] = {}
    for name in sorted(named, key=utf16_order):
        first, *_ = inside = named[name]
        if len(first.plan.path) == depth + 1:
            members[name] = first.members
            continue
        inner = _concat(list(_members(inside, depth + 1).values())).to_frame("inner")
        text = pl.col("inner")
        start = f",{canonical_text(name)}:{{"
        whole = pl.when(text != "").then(pl.lit(start) + text.str.slice(1) + "}").otherwise(text)
        members[name] = inner.select(whole.alias("whole"))["whole"]
    return members


def _concat(members: Sequence[pl.Series]) -> pl.Series:
    """Return the members of each row, one behind the other."""
    table = pl.DataFrame({f"{at}": column for at, column in enumerate(members)})
    return table.select(pl.concat_str(pl.all()).alias("all"))["all"]
