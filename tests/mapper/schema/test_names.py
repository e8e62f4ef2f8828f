"""The names of kinds: the same in schemas as in the mapper."""

from __future__ import annotations

from importer.mapper.fields.kinds import KINDS
from importer.mapper.schema.names import KIND_NAMES


def test_each_name_is_a_kind_that_can_be_read() -> None:
    assert tuple(KINDS) == KIND_NAMES
