"""What is sent of the rows of a list is compared column by column as it is one by one."""

from __future__ import annotations

from typing import Any

from effort import examples
from hypothesis import given, settings
from hypothesis import strategies as st

from importer.core.records import Record, Row
from importer.mapper.mapper import Mapper
from importer.mapper.mapping.model import FieldMap, FieldMapping
from importer.matching.match_texts import match_texts
from importer.matching.sent_meanings import meanings

COLUMNS = {
    "name": "Name",
    "first_name": "First",
    "last_name": "Last",
    "email": "Mail",
    "external_ref": "Ref",
    "attributes.size": "Size",
}
WORDS = [
    "",
    "Rana",
    "RANA",
    "Haddad",
    "Jürgen",
    "Juergen",
    "Müller",
    "Mueller",
    "Al Amin",
    "al-amin",
]
NAMES = ["", "Rana Haddad", "Haddad, Rana", "HADDAD,RANA", "Müller Jürgen", "Rana", "رنا حداد"]
ROWS = st.fixed_dictionaries(
    {
        "Name": st.sampled_from(NAMES),
        "First": st.sampled_from([*WORDS, *NAMES]),
        "Last": st.sampled_from(WORDS),
        "Mail": st.sampled_from(["", "rana@example.com", "Rana@Example.COM", "straße@example.com"]),
        "Ref": st.sampled_from(["", "007", "7", "c-7", "C-7", "0ß", "0SS"]),
        "Size": st.sampled_from(["", "7", "7.0", "7.50", "7.5", "-0", "0", "2026-01-01T10:00:00Z"]),
    }
)


def mapper_of(fields: list[str]) -> Mapper:
    lines = tuple(FieldMapping(field=one, columns=(COLUMNS[one],)) for one in fields)
    return Mapper(FieldMap(fields=lines, sha256=""), "contact")


@settings(max_examples=examples(100), deadline=None, derandomize=True)
@given(
    rows=st.lists(ROWS, min_size=2, max_size=12),
    fields=st.sets(st.sampled_from([*COLUMNS]))
    .filter(lambda some: some - {"attributes.size", "external_ref"})
    .map(sorted),
)
def test_rows_that_mean_the_same_have_one_text(
    rows: list[dict[str, Any]], fields: list[str]
) -> None:
    mapper = mapper_of(fields)
    block = mapper.map_columns({name: [row[name] for row in rows] for name in rows[0]}, len(rows))
    texts = meanings(block)
    found: dict[str, str] = {}
    for at, values in enumerate(rows):
        mapped = mapper.map(Row(number=at + 1, line=at + 2, source="s.csv", values=values))
        if isinstance(mapped, Record):
            meaning = match_texts(mapped.object, mapped.fields, mapped.identity).meaning
            assert found.setdefault(meaning, texts[at]) == texts[at]
