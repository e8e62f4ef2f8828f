"""Which row of the list a row of a derived file is."""

from __future__ import annotations

from stages.ledger import line, record, rerun

from importer.records import (
    AlreadyCreated,
    Origin,
    Outcome,
    Rejected,
    RowError,
    RowIdentity,
    Send,
    Status,
)
from importer.row_marks import RowRef
from importer.writer import Ledger

WAS, NOW, LATER = (record(name)[1] for name in ("Ran", "Rana", "Rania"))


def ref(source_hash: str = WAS, occurrence: int = 1) -> RowRef:
    return RowRef(results="r.results.jsonl", source_hash=source_hash, occurrence=occurrence)


def identify(ledger: Ledger, source_hash: str, found: RowRef | None) -> RowIdentity | None:
    return ledger.derived_rows.identify(source_hash, ledger.see(source_hash), found)


def corrected() -> Ledger:
    """Return a ledger after a run that created a corrected row."""
    found, _ = record("Rana")
    send = Ledger().decide(found, RowIdentity(WAS, 1, corrected=NOW))
    assert isinstance(send, Send)
    outcome = send.outcome(Status.CREATED, external_id="x")
    assert (outcome.source_hash, outcome.corrected) == (WAS, NOW)
    return rerun(line(outcome))


def test_a_row_is_the_one_it_was_corrected_or_not() -> None:
    assert identify(Ledger(), WAS, ref()) == RowIdentity(WAS, 1)
    assert identify(Ledger(), NOW, ref(WAS, 3)) == RowIdentity(WAS, 3, corrected=NOW)
    assert identify(Ledger(), NOW, None) == RowIdentity(NOW, 1)


def test_the_second_row_of_one_is_a_row_of_its_own() -> None:
    ledger = Ledger()
    assert identify(ledger, NOW, ref()) == RowIdentity(WAS, 1, corrected=NOW)
    assert identify(ledger, LATER, ref()) == RowIdentity(LATER, 1)
    assert identify(ledger, WAS, ref()) == RowIdentity(WAS, 1)


def test_once_it_has_a_record_neither_the_old_row_nor_the_corrected_one_is_sent() -> None:
    assert identify(corrected(), WAS, ref()) is None
    assert identify(corrected(), NOW, ref()) is None
    found, _ = record("Ran")
    assert corrected().decide(found, RowIdentity(WAS, 1)) == AlreadyCreated()


def test_corrected_again_it_is_a_change() -> None:
    ledger = corrected()
    identity = identify(ledger, LATER, ref())
    assert identity == RowIdentity(LATER, 1, made_as=(WAS, 1))
    decision = ledger.decide(record("Rania")[0], identity, is_last_chance=True)
    assert isinstance(decision, Outcome)
    assert (decision.status, decision.external_id) == (Status.CHANGED, "x")
    assert decision.source_hash == LATER, "what is on record of the list's row stays"


def test_a_change_that_does_not_change_what_is_sent_is_none() -> None:
    ledger = corrected()
    found, source_hash = record("Rana", note="not mapped")
    identity = identify(ledger, source_hash, ref())
    assert identity is not None
    assert isinstance(ledger.decide(found, identity), AlreadyCreated)


def test_a_refused_correction_is_an_outcome_of_the_row_it_was() -> None:
    found, _ = record("Rana")
    error = RowError(code="invalid_value", origin=Origin.MAPPER, message="no")
    rejected = Rejected(number=1, line=2, source="s.csv", error=error, raw="", row=found.row)
    outcome = Ledger().refuse(rejected, RowIdentity(WAS, 1, corrected=NOW))
    assert isinstance(outcome, Outcome)
    assert (outcome.source_hash, outcome.corrected) == (WAS, NOW)
    again = identify(rerun(line(outcome)), LATER, ref())
    assert again == RowIdentity(WAS, 1, corrected=LATER)
