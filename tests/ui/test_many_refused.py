"""What is wrong with very many rows is kept on disk, and said in the language of the page."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest
from visitor import Visitor

from importer.core.locale.message import Message
from importer.core.records import Origin, Outcome, RowError, Status
from importer.ui.store.refused import RefusedRows

pytestmark = pytest.mark.slow

ROWS = 30_000


def test_memory_does_not_grow_with_the_rows(tmp_path: Path) -> None:
    rows = RefusedRows(tmp_path / "rows.sqlite")
    tracemalloc.start()
    try:
        for number in range(ROWS):
            message = Message("%(value)s has no @", value=f"person {number}")
            error = RowError(code="invalid_email", origin=Origin.MAPPER, message=message)
            rows.note(
                Outcome(
                    number=number,
                    line=number,
                    source="list.csv",
                    source_hash=f"{number:032x}",
                    occurrence=0,
                    status=Status.INVALID,
                    error=error,
                )
            )
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 4_000_000


def test_each_of_them_is_said_in_arabic(visitor: Visitor, tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    good = [f"Amal {n},a{n}@example.com" for n in range(12_000)]
    bad = [f"Omar {n},o{n}(at)example.com" for n in range(10_100)]
    path.write_text("\n".join(["Name,E-mail", *good, *bad]), encoding="utf-8")
    visitor.upload(path).matched(**{"option.email.on_error": ""})
    visitor.client.headers["Accept-Language"] = "ar"
    for start in ("", "?from=5000", "?from=10080"):
        visitor.go(f"rows{start}")
        assert visitor.text.count('aria-invalid="true"') == 20
        assert "it has no @" not in visitor.text
