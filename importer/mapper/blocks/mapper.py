"""Maps many rows at once, put together from what each field is made of."""

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
    What becomes of the rows of a block: for each exactly what `Mapper.map` makes of it.

    `refused` holds the rows that are no records; why not is for `Mapper.map` to say. `fields`
    has what the others send, field by field.
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
        """Return what makes two records of the block, or of two, the same to `row_key`."""
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
        """Return the rows with a value that cannot be sent, and those without any."""
        faulty: set[int] = set()
        empty: Sequence[int] = range(self._rows)
        for block in self.fields:
            faulty.update(block.among(block.memory.refused, range(self._rows)))
            if not block.plan.source.is_extra:
                empty = block.among(block.memory.blank, empty)
        return faulty.union(empty)

    def _lacking(self) -> set[int]:
        """Return the rows without a field that each record needs, or without one of several."""
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
        """Return what a required field is, or the object that it lies in, in each row."""
        if name in self._by_target:
            return self._by_target[name].members()
        return self._members[name.partition(".")[0]]

    def _out_of_order(self) -> set[int]:
        """Return the rows in which a time that must be later is not; only valid ones can tell."""
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
    Maps the rows of blocks as `mapper` maps each row, many times faster.

    It rests on this: a field depends on the cells it is made of and on nothing else, and cells
    repeat. So what a converter made of some is kept, with its piece of the row's canonical JSON,
    and a row is put together from pieces. Memory does not grow with the rows.
    """

    def __init__(self, mapper: Mapper) -> None:
        self._mapper = mapper
        self._makers = [FieldMaker(plan, mapper.schema) for plan in mapper.plans]

    def map(
        self, columns: Mapping[str, Sequence[JsonValue]], rows: int, *, texts: bool
    ) -> MappedBlock:
        """
        Map `rows` rows. `columns` has the values of each mapped column, None if a row has none.

        `texts` says that nothing but texts and None is among them.
        """
        fields = [maker.make(columns, rows, texts=texts) for maker in self._makers]
        return MappedBlock(self._mapper, fields, rows)


_Tree = dict[str, Any]
"""Blocks by name; each value is a `FieldBlock` or a tree of them."""


def _tree(fields: Sequence[FieldBlock]) -> _Tree:
    """Return the fields by their names, those of `attributes.…` in a tree of their own."""
    tree: _Tree = {}
    for block in fields:
        inner = tree
        for name in block.plan.path[:-1]:
            inner = inner.setdefault(name, {})
        inner[block.plan.path[-1]] = block
    return tree


def _join(tree: _Tree, rows: int) -> dict[str, list[str]]:
    """Return each row's members, by name in the order of RFC 8785."""
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
