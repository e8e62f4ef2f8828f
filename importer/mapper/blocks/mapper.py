"""Maps many rows at once, field by field."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any

from importer.keys import canonical_text, row_hash_of_text, utf16_order
from importer.mapper.blocks.fields import FieldBlock, FieldMaker
from importer.mapper.faults import in_order
from importer.mapper.mapper import Mapper
from importer.shared import JsonValue

__all__ = ["BlockMapper", "MappedBlock"]


class MappedBlock:
    """
    The rows of a block, mapped with exactly the same result as by `Mapper.map`.

    `refused` are the rows that cannot be sent; `Mapper.map` says why. `fields` has the values of
    the other rows, field by field.
    """

    def __init__(self, mapper: Mapper, fields: Sequence[FieldBlock], rows: int) -> None:
        self.fields = tuple(fields)
        self._schema = mapper.schema
        self._identity = mapper.mapping.identity
        self._rows = rows
        self._members = _join(_tree(fields), rows)
        self._by_target = {one.plan.target: one for one in fields}
        self.refused = {*self._faulty(), *self._lacking(), *self._out_of_order()}

    def contents(self) -> list[Hashable]:
        """Return the values that are equal for rows that have the same key."""
        if self._identity is None:
            return list(map("".join, zip(*self._members.values(), strict=True)))
        return list(zip(*(self._by_target[name].members() for name in self._identity), strict=True))

    def row_hash(self, row: int) -> str:
        """Return the `row_hash` of one row."""
        members = "".join(column[row] for column in self._members.values())
        return row_hash_of_text(self._schema.name, f"{{{members[1:]}}}")

    def identity(self, row: int) -> tuple[JsonValue, ...] | None:
        """Return the values that make one row the same record as another (`Record.identity`)."""
        if self._identity is None:
            return None
        blocks = (self._by_target[name] for name in self._identity)
        return tuple(block.memory.values.get(block.cells[row]) for block in blocks)

    def _faulty(self) -> set[int]:
        """Return the rows with a value that cannot be sent, and those without any value."""
        faulty: set[int] = set()
        empty: Sequence[int] = range(self._rows)
        for block in self.fields:
            faulty.update(block.among(block.memory.refused, range(self._rows)))
            if not block.plan.source.is_extra:
                empty = block.among(block.memory.blank, empty)
        return faulty.union(empty)

    def _lacking(self) -> set[int]:
        """Return the rows that lack a required field, or every one of `any_of`."""
        lacking: set[int] = set()
        for name in self._schema.required:
            lacking.update(_absent(self._members_of(name), range(self._rows)))
        for name in self._identity or ():
            lacking.update(_absent(self._by_target[name].members(), range(self._rows)))
        if self._schema.any_of:
            none: Sequence[int] = range(self._rows)
            for name in self._schema.any_of:
                none = _absent(self._members[name], none) if name in self._members else none
            lacking.update(none)
        return lacking

    def _members_of(self, name: str) -> Sequence[str]:
        """Return the member of a required field, or of the object around it, for each row."""
        if name in self._by_target:
            return self._by_target[name].members()
        return self._members[name.partition(".")[0]]

    def _out_of_order(self) -> set[int]:
        """Return the rows in which two valid times are in the wrong order."""
        found: set[int] = set()
        for later, earlier in self._schema.after:
            if not {later, earlier} <= self._by_target.keys():
                continue
            ends, starts = self._by_target[later], self._by_target[earlier]
            bad = {*ends.among(ends.memory.refused, range(self._rows))}
            bad.update(starts.among(starts.memory.refused, range(self._rows)))
            pairs = enumerate(zip(starts.values(), ends.values(), strict=True))
            found.update(
                row
                for row, (start, end) in pairs
                if isinstance(start, str) and isinstance(end, str) and row not in bad
                if not in_order(start, end)
            )
        return found


class BlockMapper:
    """
    Maps blocks of rows with the same result as `mapper`, many times faster.

    This works because a field depends only on the cells it is made from, and because cells repeat.
    So each distinct cell is converted once. The result is kept with its part of the canonical JSON,
    and the JSON of a row is assembled from these parts. Memory does not grow with the rows.
    """

    def __init__(self, mapper: Mapper) -> None:
        self._mapper = mapper
        self._makers = [FieldMaker(plan, mapper.schema) for plan in mapper.plans]

    def map(
        self, columns: Mapping[str, Sequence[JsonValue]], rows: int, *, texts: bool
    ) -> MappedBlock:
        """
        Map `rows` rows. `columns` has the values of each mapped column, None if a row has none.

        With `texts`, all of them are texts or None.
        """
        fields = [maker.make(columns, rows, texts=texts) for maker in self._makers]
        return MappedBlock(self._mapper, fields, rows)


_Tree = dict[str, Any]
"""Blocks by name; each value is a `FieldBlock` or a tree of them."""


def _tree(fields: Sequence[FieldBlock]) -> _Tree:
    """Return the fields by name, with those of `attributes.…` in a tree of their own."""
    tree: _Tree = {}
    for block in fields:
        inner = tree
        for name in block.plan.path[:-1]:
            inner = inner.setdefault(name, {})
        inner[block.plan.path[-1]] = block
    return tree


def _join(tree: _Tree, rows: int) -> dict[str, list[str]]:
    """Return the members of each row by name, in the order of RFC 8785."""
    members: dict[str, list[str]] = {}
    for name in sorted(tree, key=utf16_order):
        what = tree[name]
        if isinstance(what, FieldBlock):
            members[name] = what.members()
            continue
        inner = map("".join, zip(*_join(what, rows).values(), strict=True))
        start = f",{canonical_text(name)}:"
        members[name] = [f"{start}{{{text[1:]}}}" if text else "" for text in inner]
    return members


def _absent(members: Sequence[str], rows: Iterable[int]) -> list[int]:
    return [row for row in rows if not members[row]]
