"""Sources edited between runs, answers lost, crashes anywhere: each good row is one record."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from importer import keys
from importer.keys import source_hash_of
from importer.records import (
    AlreadyCreated,
    Decision,
    Origin,
    Outcome,
    Postponed,
    Record,
    Row,
    RowError,
    Send,
    Status,
)
from importer.writer import KnownLine, Ledger, Policy, RowLine, line_from_json

Fate = Literal["answered", "lost on the way", "answer lost", "crash before", "crash after"]
FATES: tuple[Fate, ...] = (
    "answered",
    "answered",
    "answered",
    "lost on the way",
    "answer lost",
    "crash before",
    "crash after",
)


@dataclass(slots=True)
class SourceRow:
    """A row of the list: `note` is a column that is not mapped."""

    name: str
    ref: str
    note: str = ""


@dataclass(slots=True)
class Server:
    """Honours keys: the same key gets the same answer, refusals too, other content a conflict."""

    bad: set[str] = field(default_factory=set)
    stored: dict[str, tuple[dict[str, Any], str | None]] = field(default_factory=dict)

    def post(self, send: Send) -> tuple[Status, str | None, str]:
        fields = dict(send.record.fields)
        content, external_id = self.stored.get(send.key, (fields, "new"))
        if content != fields:
            return Status.FAILED, None, "conflict"
        if external_id == "new":
            refused = fields["name"] in self.bad
            external_id = None if refused else f"x{len(self.stored) + 1}"
            self.stored[send.key] = (fields, external_id)
        if external_id is None:
            return Status.FAILED, None, "validation_error"
        return Status.CREATED, external_id, ""

    def records(self) -> Iterator[tuple[dict[str, Any], str]]:
        for fields, external_id in self.stored.values():
            if external_id is not None:
                yield fields, external_id


class CrashError(Exception):
    """The process is gone: what is not on record is forgotten."""


class Imports(RuleBasedStateMachine):
    """Runs an importer made of the real ledger over a source that never stays the same."""

    with_identity: bool
    on_duplicate: Literal["skip", "send"]

    def __init__(self) -> None:
        super().__init__()
        self.server = Server()
        self.source: list[SourceRow] = []
        self.lines: list[dict[str, Any]] = []
        self.created: set[tuple[str, int]] = set()
        self.rows_seen: dict[str, set[tuple[str, int]]] = {}
        self.last: dict[tuple[str, int], Outcome | AlreadyCreated] = {}

    @initialize(mode=st.sampled_from(["content", "identity", "send all"]))
    def choose(self, mode: str) -> None:
        self.with_identity = mode == "identity"
        self.on_duplicate = "send" if mode == "send all" else "skip"

    # What people do to a list between runs

    @rule(name=st.sampled_from("AB"), ref=st.sampled_from("KL"), note=st.sampled_from(["", "n"]))
    def add(self, name: str, ref: str, note: str) -> None:
        if len(self.source) < 6:
            self.source.append(SourceRow(name, ref, note))

    @rule(data=st.data())
    def edit(self, data: st.DataObject) -> None:
        if self.source:
            row = data.draw(st.sampled_from(self.source))
            if data.draw(st.booleans()):
                row.note += "!"
            else:
                row.name = data.draw(st.sampled_from("ABC"))

    @rule(data=st.data())
    def reorder(self, data: st.DataObject) -> None:
        self.source = data.draw(st.permutations(self.source))

    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        if self.source:
            self.source.pop(data.draw(st.integers(0, len(self.source) - 1)))

    @rule(data=st.data())
    def duplicate(self, data: st.DataObject) -> None:
        if 0 < len(self.source) < 6:
            row = data.draw(st.sampled_from(self.source))
            at = data.draw(st.integers(0, len(self.source)))
            self.source.insert(at, SourceRow(row.name, row.ref, row.note))

    @rule(name=st.sampled_from("ABC"))
    def refuse(self, name: str) -> None:
        self.server.bad ^= {name}

    # A run

    @rule(data=st.data())
    def run(self, data: st.DataObject) -> None:
        self._run(lambda: data.draw(st.sampled_from(FATES)), lambda: data.draw(st.booleans()))

    @rule()
    def run_until_nothing_is_open(self) -> None:
        self.server.bad.clear()
        for _ in range(4):
            self._run(lambda: "answered", lambda: False)
        ids = []
        for outcome in self.last.values():
            if isinstance(outcome, AlreadyCreated):
                continue
            if self.with_identity and outcome.status is not Status.CREATED:
                conflict = outcome.error is not None and outcome.error.code == "conflict"
                changed = outcome.status in {Status.CHANGED, Status.DUPLICATE}
                assert changed or conflict, outcome
                continue
            assert outcome.external_id is not None, outcome
            ids.append(outcome.external_id)
        if not self.with_identity:
            names = {fields["name"] for fields, _ in self.server.records()}
            assert {row.name for row in self.source} <= names
        if self.on_duplicate == "send":
            self._every_row_has_a_record_of_its_own()

    def _every_row_has_a_record_of_its_own(self) -> None:
        ids = {(at["source_hash"], at["occurrence"]): at["external_id"] for at in self._rows()}
        present = [ids[row] for row in self.last]
        assert len(set(present)) == len(present)

    def _rows(self) -> Iterator[dict[str, Any]]:
        yield from (line for line in self.lines if line["kind"] == "row")

    def _run(self, fate: Any, answers_wait: Any) -> None:
        ledger = Ledger(Policy(on_duplicate=self.on_duplicate))
        ledger.load(map(line_from_json, self.lines))
        hashes = [source_hash_of(self._read(number, row)) for number, row in enumerate(self.source)]
        ledger.recognise_by(list_hashes=lambda: [hashes])
        self.last = {}
        flying: list[Send] = []
        try:
            for number, row in enumerate(self.source, 1):
                decision, where = self._decide(ledger, number, row)
                if isinstance(decision, Send):
                    self._check_key(decision)
                    flying.append(decision)
                elif isinstance(decision, Outcome):
                    self._record(decision)
                elif isinstance(decision, AlreadyCreated):
                    self.last[where] = decision
                while flying and not answers_wait():
                    self._deliver(ledger, flying.pop(0), fate())
            for send in flying:
                self._deliver(ledger, send, fate())
        except CrashError:
            pass

    def _decide(
        self, ledger: Ledger, number: int, row: SourceRow
    ) -> tuple[Decision, tuple[str, int]]:
        read = self._read(number, row)
        fields = {"name": row.name} | ({"ref": row.ref} if self.with_identity else {})
        identity = (row.ref,) if self.with_identity else None
        source_hash = source_hash_of(read)
        where = source_hash, ledger.see(source_hash)
        self.rows_seen.setdefault(row.name, set()).add(where)
        record = Record(row=read, object="contact", fields=fields, identity=identity)
        decision = ledger.decide(record, *where)
        if isinstance(decision, Postponed):
            decision = ledger.decide(record, *where, is_last_chance=True)
        if where in self.created:
            assert decision == AlreadyCreated(), "a created row is touched again"
        if isinstance(decision, AlreadyCreated) and decision.known is not None:
            known = decision.known
            line = KnownLine(
                source_hash=known.source_hash,
                occurrence=known.occurrence,
                idempotency_key=known.idempotency_key,
            )
            self.lines.append(line.to_json())
        return decision, where

    def _read(self, number: int, row: SourceRow) -> Row:
        values = {"Name": row.name, "Ref": row.ref, "Note": row.note}
        return Row(number=number, line=number + 1, source="s", values=values)

    def _check_key(self, send: Send) -> None:
        """A key's number is raised after a definite refusal, and after nothing else."""
        base, attempt = keys.key_base(send.key), keys.key_attempt(send.key)
        about = [
            line
            for line in self.lines
            if line["idempotency_key"] is not None
            and keys.key_base(line["idempotency_key"]) == base
            and line.get("status") in {None, "created", "failed", "unknown"}
        ]
        if not about:
            assert attempt == 1
            return
        last = about[-1]
        before = keys.key_attempt(last["idempotency_key"])
        refused = last["kind"] == "row" and last["status"] == "failed"
        conflict = refused and last["error"]["code"] == "conflict" and self.with_identity
        assert attempt == (before + 1 if refused and not conflict else before)
        assert send.unclear == (not refused)

    def _deliver(self, ledger: Ledger, send: Send, fate: Fate) -> None:
        self.lines.append({"kind": "sent", "idempotency_key": send.key})
        if fate == "crash before":
            raise CrashError
        if fate == "lost on the way":
            outcome = send.outcome(Status.UNKNOWN)
        else:
            outcome = self._answer(send, *self.server.post(send))
            if fate == "crash after":
                raise CrashError
            if fate == "answer lost":
                outcome = send.outcome(Status.UNKNOWN)
        for settled in [outcome, *ledger.settle(outcome)]:
            self._record(settled)

    def _answer(self, send: Send, status: Status, external_id: str | None, code: str) -> Outcome:
        error = RowError(code=code, origin=Origin.API, message="") if code else None
        if status is Status.FAILED and send.unclear:
            status = Status.UNKNOWN
        return send.outcome(status, external_id=external_id, error=error)

    def _record(self, outcome: Outcome) -> None:
        where = outcome.source_hash, outcome.occurrence
        self.lines.append(RowLine(outcome=outcome, run="r", at="").to_json())
        self.last[where] = outcome
        if outcome.status is Status.CREATED:
            self.created.add(where)
        if outcome.external_id is not None:
            assert keys.key_base(outcome.idempotency_key or "") in {
                keys.key_base(key)
                for key, (_, external_id) in self.server.stored.items()
                if external_id == outcome.external_id
            }

    # What always holds

    @invariant()
    def nothing_is_created_twice(self) -> None:
        made = [fields for fields, _ in self.server.records()]
        for name in "ABC":
            count = sum(fields["name"] == name for fields in made)
            if not self.with_identity:
                rows = self.rows_seen.get(name, set())
                assert count <= (len(rows) if self.on_duplicate == "send" else 1)
        if made and self.with_identity:
            assert len({fields["ref"] for fields in made}) == len(made)


TestImports = Imports.TestCase
TestImports.settings = settings(max_examples=120, stateful_step_count=25, deadline=None)
