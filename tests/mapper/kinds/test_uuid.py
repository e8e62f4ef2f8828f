"""UUIDs: RFC 9562."""

from __future__ import annotations

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importer.mapper.kinds.uuid import read_uuid
from importer.mapper.values.texts import (
    BadValue,
)

UUID = "123e4567-e89b-12d3-a456-426614174000"


@pytest.mark.parametrize(
    "written",
    [UUID, UUID.upper(), f"{{{UUID}}}", f"urn:uuid:{UUID}", UUID.replace("-", ""), f" {UUID} "],
)
def test_uuid(written: str) -> None:
    assert read_uuid(written) == UUID


@pytest.mark.parametrize(
    "written", ["", "12", UUID[:-1], UUID + "0", UUID.replace("1", "g"), "nil"]
)
def test_uuid_that_is_none(written: str) -> None:
    with pytest.raises(BadValue, match="is not a UUID"):
        read_uuid(written)


@given(st.uuids())
def test_uuid_is_what_python_writes(value: uuid.UUID) -> None:
    assert read_uuid(value.hex.upper()) == str(value) == read_uuid(str(value))
