"""What a derived file says of its rows."""

from __future__ import annotations

import pytest

from importer.core.row_marks import RowMark, RowRef

REF = RowRef(results="list of #1.results.jsonl", where=("a" * 64, 12))


@pytest.mark.parametrize("is_view", [False, True])
def test_a_reference_is_read_back_as_it_was_written(is_view: bool) -> None:
    ref = RowRef(results=REF.results, where=REF.where, is_view=is_view)
    assert RowRef.from_text(f" {ref} ") == ref


@pytest.mark.parametrize(
    "text",
    ["", "list", f"#{'a' * 64}-1", f"r#{'a' * 63}-1", f"r#{'A' * 64}-1", f"r#{'a' * 64}-0"],
)
def test_other_texts_are_not_references(text: str) -> None:
    assert RowRef.from_text(text) is None


@pytest.mark.parametrize(
    ("values", "has_record"),
    [
        ({"vorel_status": "created"}, True),
        ({"vorel_status": "duplicate", "vorel_external_id": "x"}, True),
        ({"vorel_external_id": "x"}, True),
        ({"vorel_status": "changed", "vorel_external_id": "x"}, False),
        ({"vorel_status": "failed"}, False),
        ({"vorel_ref": str(REF)}, False),
    ],
)
def test_a_row_that_has_a_record_is_known_by_its_marks(
    values: dict[str, str], has_record: bool
) -> None:
    mark = RowMark.from_values(values)
    assert mark is not None
    assert mark.has_record is has_record


def test_a_row_of_another_file_has_no_mark() -> None:
    assert RowMark.from_values({"vorel_note": "x", "vorel_ref": None}) is None
