"""What a person decides about a line holds, and is tried on the rows like any other line."""

from __future__ import annotations

from importer.mapper.mapping.file import parse_mapping
from importer.mapper.schema.object_schema import load_schema
from importer.mapper.suggest.propose import Excerpt, MappingDraft, Stated, propose

COLUMNS = ["Name", "Phone", "Birthday"]
CELLS = [
    ["Amal Haddad", "Omar Nasser"],
    ["050 555 0101", "050 555 0102"],
    ["03/04/1990", "05/06/1991"],
]


def draft(**changes: dict[str, object]) -> MappingDraft:
    rows = Excerpt(columns=COLUMNS, values=CELLS)
    return propose(load_schema("contact"), rows, Stated(changes=changes)).draft


def line(found: MappingDraft, target: str) -> dict[str, object]:
    return next(dict(one.table) for one in found.lines if one.target == target and one.active)


def test_a_key_that_is_set_is_in_the_mapping() -> None:
    found = draft(phone={"type": "phone", "region": "AE"})
    assert line(found, "phone").items() >= {"type": "phone", "region": "AE"}.items()
    assert parse_mapping(found.text.encode()).fields


def test_a_line_that_was_left_to_decide_is_decided() -> None:
    assert not any(one.target == "birthday" and one.active for one in draft().lines)
    found = draft(birthday={"formats": ["%d/%m/%Y"]})
    assert line(found, "birthday")["formats"] == ["%d/%m/%Y"]
    assert "birthday" not in " ".join(found.decisions)


def test_a_key_is_taken_away() -> None:
    found = draft(phone={"type": None, "region": None, "on_error": None})
    assert line(found, "phone") == {"column": "Phone"}


def test_a_field_gets_a_line_of_its_own() -> None:
    assert line(draft(source={"const": "fair 2026"}), "source") == {"const": "fair 2026"}


def test_keys_that_do_not_go_together_change_nothing() -> None:
    assert line(draft(name={"const": "x"}), "name") == {"column": "Name"}
    assert not any(one.target == "notes" for one in draft(notes={"truncate": True}).lines)
