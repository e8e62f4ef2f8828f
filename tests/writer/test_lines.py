"""Lines of the results file: all of an outcome there and back, and nothing from a damaged one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest
from stages.ledger import VALIDATION, created, decide, line, rerun, sent

from importer import keys
from importer.keys import source_hash_of
from importer.records import Rejected, Send, Status
from importer.writer import Ledger, outcome_of, read_outcome


@pytest.mark.parametrize("status", list(Status))
def test_a_line_says_all_of_an_outcome(status: Status) -> None:
    outcome = sent(Ledger()).outcome(
        status, external_id="x", record_url="u", error=VALIDATION, attempts=3
    )
    if status in {Status.DUPLICATE, Status.CHANGED}:
        outcome = replace(outcome, duplicate_of=1, differs=True)
    assert outcome_of(line(outcome)) == outcome
    assert line(replace(outcome, error=None))["error"] is None


def test_names_and_kinds_of_later_versions_are_passed_over() -> None:
    send = sent(Ledger())
    written = line(send.outcome(Status.FAILED, error=VALIDATION))
    written |= {"new": 1, "error": {**written["error"], "new": 2}}
    ledger = rerun({"kind": "weather", "row": "?"}, {"no": "kind"}, written)
    assert sent(ledger).key == f"{send.key}-2"


def damaged() -> Iterable[dict[str, Any]]:
    written = line(created(sent(Ledger())))
    for name in ("row", "line", "source", "source_hash", "occurrence", "status"):
        yield {key: value for key, value in written.items() if key != name}
    yield written | {"status": "vanished"}
    yield written | {"row": "one"}
    yield written | {"row": float("inf")}
    yield written | {"line": None}
    yield written | {"error": "text"}
    yield written | {"error": {"code": "x"}}
    yield written | {"error": 5}


@pytest.mark.parametrize("written", list(damaged()))
def test_nothing_is_concluded_from_a_line_that_says_too_little(written: dict[str, Any]) -> None:
    assert read_outcome(written) is None
    assert isinstance(decide(rerun(written)), Send)


@pytest.mark.parametrize("key", [None, 5, "", "someone-elses", ["vi1-"]])
def test_a_key_of_something_else_is_passed_over(key: Any) -> None:
    written = line(sent(Ledger()).outcome(Status.UNKNOWN)) | {"idempotency_key": key}
    ledger = rerun(written, {"kind": "sent", "idempotency_key": key}, {"kind": "sent"})
    assert not sent(ledger).unclear


def test_a_refused_text_with_bytes_of_no_encoding_has_a_hash() -> None:
    rejected = Rejected(number=1, line=2, source="s", error=VALIDATION, raw="a\udce9")
    assert source_hash_of(rejected) == keys.source_hash("a\\udce9")
