"""Thousands of equal rows: each is compared with few of the others."""

from __future__ import annotations

from unittest import mock

from stages.ledger import created, decide, line, rerun, sent

from importer import keys
from importer.records import AlreadyCreated

ROWS = 300


def test_equal_rows_that_were_all_edited_take_a_few_keys_each() -> None:
    ledger = rerun(on_duplicate="send")
    lines = [line(created(sent(ledger, note="x"), f"x{nth}")) for nth in range(ROWS)]
    again = rerun(*lines, on_duplicate="send")
    with mock.patch.object(keys, "row_key", wraps=keys.row_key) as row_key:
        found = [decide(again, note=f"edited {nth}", number=nth + 1) for nth in range(ROWS)]
    known = [one.known for one in found if isinstance(one, AlreadyCreated)]
    assert len({one.idempotency_key for one in known if one is not None}) == ROWS
    assert row_key.call_count <= 5 * ROWS
