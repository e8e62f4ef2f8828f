"""What a form may hold."""

from __future__ import annotations

from visitor import Visitor


def test_a_cell_of_any_script_may_be_long(visitor: Visitor) -> None:
    fields = {**visitor.form("/imports/path"), "path": "س" * 1_000_000}
    found = visitor.client.post("/imports/path", data=fields)
    assert "is not a whole path" in found.text


def test_a_form_is_limited_as_a_whole(visitor: Visitor) -> None:
    fields = {**visitor.form("/imports/path"), **{f"cell.{n}": "x" * 60_000 for n in range(150)}}
    found = visitor.client.post("/imports/path", data=fields)
    assert found.status_code == 400
    assert "it is too long" in found.text
