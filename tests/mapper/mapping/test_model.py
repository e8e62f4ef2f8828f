"""A mapping written as JSON is read back as the mapping it was."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importer.core.settings import ReadOptions
from importer.mapper.kinds.phone import RegionColumn
from importer.mapper.mapping.automatic import automatic_mapping
from importer.mapper.mapping.file import load_mapping, parse_mapping
from importer.mapper.mapping.model import FieldMap, FieldMapping
from importer.mapper.schema.own_fields import load_own_fields

SAMPLES = sorted((Path(__file__).parents[3] / "sample_data").glob("*.toml"))
OWN = """
object = "lead"
[fields]
name = "A"
rank = { column = "K", type = "integer" }
[schema]
required = ["rank"]
additionalProperties = false
[schema.properties.rank]
type = "integer"
maximum = 3
aliases = ["Level"]
"""


def again(mapping: FieldMap) -> FieldMap:
    """Write a mapping as JSON text, and read it."""
    return FieldMap.from_json(json.loads(json.dumps(mapping.to_json())))


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_every_sample_mapping(path: Path) -> None:
    mapping = load_mapping(path)
    assert again(mapping) == mapping
    # Only what the file states goes over what the command line says.
    assert again(mapping).read.model_fields_set == mapping.read.model_fields_set


def test_the_mapping_by_headers() -> None:
    mapping = automatic_mapping(["First Name", "E-mail", "Phone"], "contact")
    assert again(mapping) == mapping


def test_fields_of_the_users_own_and_a_schema_file(tmp_path: Path) -> None:
    schema = tmp_path / "own.json"
    schema.write_text('{"properties": {"branch": {"enum": ["N", "S"]}}, "required": ["branch"]}')
    mapping = parse_mapping(OWN.encode()).with_fields(load_own_fields(schema))
    assert again(mapping) == mapping
    assert [one.sha256 for one in again(mapping).own] == [one.sha256 for one in mapping.own]


SCALARS: st.SearchStrategy[Any] = st.one_of(
    st.text(), st.booleans(), st.integers(), st.decimals(allow_nan=False, allow_infinity=False)
)
OPTIONS = st.fixed_dictionaries(
    {},
    optional={
        "formats": st.sampled_from([("iso",), ("%d/%m/%Y", "excel")]),
        "timezone": st.just("Asia/Dubai"),
        "region": st.sampled_from(["AE", RegionColumn(column="Land", default="DE")]),
        "truncate": st.booleans().filter(bool),
    },
)
NAMES = st.text(min_size=1)
FIELDS = st.builds(
    FieldMapping,
    field=NAMES,
    columns=st.lists(NAMES, max_size=3).map(tuple),
    template=st.sampled_from([None, "{A} {B}"]),
    const=st.one_of(st.none(), SCALARS, st.lists(st.text())),
    type=st.sampled_from([None, "phone"]),
    values=st.one_of(st.none(), st.dictionaries(st.text(), SCALARS, min_size=1)),
    take=st.sampled_from(["first", "first valid", "joined"]),
    separator=st.text(),
    labelled=st.lists(NAMES, max_size=2).map(tuple),
    after=st.sampled_from([None, "scheduled_start"]),
    default=st.one_of(st.none(), SCALARS, st.lists(st.text())),
    replace=st.lists(st.tuples(NAMES, st.text())).map(tuple),
    split=st.lists(NAMES).map(tuple),
    options=OPTIONS,
    is_extra=st.booleans(),
    on_error=st.sampled_from(["refuse", "omit", "keep"]),
)


@given(st.lists(FIELDS), st.one_of(st.none(), st.lists(NAMES, min_size=1).map(tuple)), st.text())
def test_every_mapping(
    fields: list[FieldMapping], identity: tuple[str, ...] | None, null: str
) -> None:
    mapping = FieldMap(
        fields=tuple(fields),
        sha256="0" * 64,
        object="contact",
        identity=identity,
        rest="notes",
        leave_out=(null,),
        read=ReadOptions(null=(null,)),
    )
    assert again(mapping) == mapping


def test_no_digit_of_a_constant_is_lost() -> None:
    field = FieldMapping(field="budget", const=Decimal("1250.10"))
    assert str(again(FieldMap(fields=(field,), sha256="")).fields[0].const) == "1250.10"
