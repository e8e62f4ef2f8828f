"""List, mapping, identity, settings and answers change between runs: nobody twice, nobody lost."""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from effort import NIGHTLY
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from law.imports import Imports, Ran, Settings
from law.lists import MAPPINGS, Line
from law.service import FATES, Fate
from law.truth import covers, is_own, lost, may_know, twice

from importer.core.errors import QuestionError
from importer.core.records import Outcome, Status

_MOST_ROWS = 6
_NUMBER = st.integers(0, _MOST_ROWS - 1)
_EDITS = (
    "add", "add a relative", "copy", "sort", "delete", "bring back", "replace", "export anew",
    "note", "last", "email", "case", "ref",
)  # fmt: skip
"""What is done to a list, or to a column of a row: `note` is mostly not mapped."""
Edits = list[tuple[str, int, int]]
EDITS = st.lists(st.tuples(st.sampled_from(_EDITS), _NUMBER, _NUMBER), max_size=3)
SETTINGS = st.builds(
    Settings,
    mapping=st.sampled_from(tuple(MAPPINGS)),
    on_duplicate=st.sampled_from(("skip", "send")),
    on_change=st.sampled_from(("report", "report", "report", "send")),
    namespace=st.sampled_from(("", "", "", "spring")),
)


class ChangingImport(RuleBasedStateMachine):
    """People who change everything between two runs of an import."""

    def __init__(self) -> None:
        super().__init__()
        self._folder = Path(tempfile.mkdtemp(prefix="imports-"))
        self.imports = Imports(self._folder)
        self.lines: list[Line] = []
        self.gone: list[Line] = []
        self.settings = Settings()
        self.people = 0

    def teardown(self) -> None:
        shutil.rmtree(self._folder)

    # What people do between runs

    @initialize(people=st.integers(1, 3), chosen=SETTINGS)
    def begin(self, people: int, chosen: Settings) -> None:
        for number in range(people):
            self._add("Ana" if number < 2 else "Bo", "Haddad")
        self.settings = chosen

    def _add(self, first: str, last: str) -> None:
        self.people += 1
        ref = f"R{self.people}"
        email = f"{first.lower()}{self.people}@example.com"
        self.lines.append(Line(who=self.people, ref=ref, first=first, last=last, email=email))

    def _edit(self, what: str, one: int, other: int) -> None:
        lines = self.lines
        if what in {"add", "add a relative", "copy", "bring back"} and len(lines) >= _MOST_ROWS:
            return
        if what == "add" or not lines:
            self._add(("Ana", "Bo")[one % 2], ("Haddad", "Roy")[other % 2])
        elif what == "bring back":
            lines[:0] = [self.gone.pop()] if self.gone else []
        elif what == "export anew":
            self.lines = [replace(line, note=f"{line.note}e") for line in lines]
        elif what == "sort":
            self.lines = lines[::-1]
        else:
            self._edit_row(what, one % len(lines), other)

    def _edit_row(self, what: str, at: int, other: int) -> None:
        line = self.lines[at]
        if what in {"delete", "replace"}:
            self.gone.append(self.lines.pop(at))
        if what in {"replace", "add a relative"}:
            self._add(line.first if what == "replace" else "Cy", line.last)
            if what == "add a relative" and other % 2:
                self.lines[-1] = replace(self.lines[-1], email=line.email)
        elif what == "copy":
            self.lines.insert(other % (len(self.lines) + 1), line)
        elif what != "delete":
            text = getattr(line, "email" if what == "case" else what)
            changed = {"case": text.swapcase(), "email": f"x{text}"}.get(what, f"{text}i")
            self.lines[at] = replace(line, **{"email" if what == "case" else what: changed})

    @rule(edits=EDITS, chosen=st.none() | SETTINGS, bad=st.sets(_NUMBER, max_size=2))
    def change(self, edits: Edits, chosen: Settings | None, bad: set[int]) -> None:
        for edit in edits:
            self._edit(*edit)
        self.settings = chosen or self.settings
        self.imports.service.bad = bad

    # Runs

    @precondition(lambda self: self.lines)
    @rule(fates=st.lists(st.sampled_from(FATES), max_size=4), answers_wait=st.booleans())
    def run(self, fates: list[Fate], answers_wait: bool) -> None:
        self._run(self.settings, fates, answers_wait=answers_wait)

    @rule(edits=EDITS, mapping=st.none() | st.sampled_from(tuple(MAPPINGS)))
    def change_and_run(self, edits: Edits, mapping: str | None) -> None:
        self.change(edits, replace(self.settings, mapping=mapping) if mapping else None, set())
        if self.lines:
            self.come_to_rest()

    @rule()
    def compact(self) -> None:
        """Pack what is on record about many versions of a row: nothing is decided otherwise."""
        self.imports.compact()

    @precondition(lambda self: self.lines)
    @rule()
    def come_to_rest(self) -> None:
        """Let everything be answered: whatever is not named then has a record."""
        self.imports.service.bad.clear()
        for _ in range(2):
            self._run(self.settings)
        ran = self._run(self.settings)
        if held := self._unknown(ran):
            made = {one.line.who for one in self.imports.service.made}
            if not any(line.who in made for line in held):
                # A person has looked them up, and found none of them.
                self._run(replace(self.settings, resend_unknown=True))
                ran = self._run(self.settings)
        self._check_rest(ran)

    @precondition(lambda self: self.lines)
    @rule(other=st.sampled_from(("base_url", "api_key")))
    def run_at_another_place(self, other: str) -> None:
        settings = {
            other: {"base_url": "http://127.0.0.1:81", "api_key": "vapk_test_" + "1" * 48}[other]
        }
        job = self.imports.job(self.lines, self.settings, **settings)
        if any(
            line["kind"] == "row" and line["status"] == "created" for line in self.imports.lines()
        ):
            with pytest.raises(QuestionError):
                self.imports.load_import(job)

    # What is checked

    def _run(
        self, chosen: Settings, fates: list[Fate] | None = None, *, answers_wait: bool = False
    ) -> Ran:
        before, lines = [*self.imports.service.made], [*self.lines]
        unclear = [*self.imports.service.unclear.values()]
        tried = {
            line["source_hash"]
            for line in self.imports.lines()
            if line["kind"] == "row" and line["status"] in {"failed", "invalid"}
        }
        created = Counter(
            line["source_hash"]
            for line in self.imports.lines()
            if line["kind"] == "row" and line["status"] == "created"
        )
        ran = self.imports.run(lines, chosen, fates or [], answers_wait=answers_wait)
        for line in (lines[send.record.row.number - 1] for send in ran.sent):
            sends_all = chosen.on_duplicate == "send"
            assert created[line.source_hash()] < (lines.count(line) if sends_all else 1), line
        new = self.imports.service.made[len(before) :]
        if not chosen.resend_unknown:
            found = twice(
                before,
                new,
                lines,
                MAPPINGS[chosen.mapping],
                sends_all=chosen.on_duplicate == "send",
                surely=chosen.on_change == "send",
                unclear=unclear,
            )
            assert not (broken := [*found]), broken
        self._check_order(ran, lines, chosen, tried, created)
        for number, outcome in ran.outcomes.items():
            self._check_outcome(outcome, lines[number - 1], lines)
        return ran

    def _check_order(
        self,
        ran: Ran,
        lines: list[Line],
        chosen: Settings,
        tried: set[str],
        created: Counter[str],
    ) -> None:
        """
        Rows that were refused are sent last; with them those that are equal to one by now.

        Where a refused row has been created since, nobody has to wait, and its copies may. So may
        those that are equal to one, where each of them is sent.
        """
        today = MAPPINGS[chosen.mapping]
        refused = {
            today.same(line)
            for line in lines
            if line.source_hash() in tried and not created[line.source_hash()]
        }
        sent = [lines[send.record.row.number - 1] for send in ran.sent]
        copies = {one for one in tried if created[one]}
        if chosen.on_duplicate == "send":
            equal = {line.source_hash() for line in lines if today.same(line) in refused}
            copies |= equal - tried
        order = [today.same(line) in refused for line in sent if line.source_hash() not in copies]
        assert order == sorted(order), "a row that was refused went before a new one"

    def _check_outcome(self, outcome: Outcome, line: Line, lines: list[Line]) -> None:
        if outcome.external_id is None:
            assert outcome.status not in {Status.CREATED, Status.CHANGED}, outcome
            return
        made = self.imports.service.made_as(outcome.external_id)
        today = MAPPINGS[self.settings.mapping]
        assert is_own(made, line, lines, today, outcome.status), outcome

    def _unknown(self, ran: Ran) -> list[Line]:
        return [
            self.lines[number - 1]
            for number, outcome in ran.outcomes.items()
            if outcome.status is Status.UNKNOWN
        ]

    def _check_rest(self, ran: Ran) -> None:
        today, service = MAPPINGS[self.settings.mapping], self.imports.service
        assert not ran.sent or self._unknown(ran), "something is sent each time"
        named = {
            line["source_hash"]
            for line in self.imports.lines()
            if line["kind"] == "row" and line["status"] in {"changed", "possible_duplicate"}
        }
        passed = []
        held = {today.same(line) for line in self._unknown(ran)}
        # A row that is the same record as one that is named as changed waits for it.
        changed = {today.same(line) for line in self.lines if line.source_hash() in named}
        for number, line in enumerate(self.lines, 1):
            outcome = ran.outcomes.get(number)
            if outcome is None:
                passed += [] if line.source_hash() in named else [line]
            elif outcome.status is Status.UNKNOWN:
                assert any(
                    covers(one, line) or may_know(one, line, today)
                    for one in service.unclear.values()
                ), outcome
            elif outcome.status is Status.POSSIBLE_DUPLICATE:
                continue  # it is told in each run until somebody has decided
            elif outcome.external_id is None:
                assert outcome.status is Status.DUPLICATE, outcome
                assert today.same(line) in held, outcome
            elif outcome.status is Status.CREATED or today.same(line) not in changed:
                passed.append(line)
        sends_all = self.settings.on_duplicate == "send"
        found = lost(service.made, passed, today, sends_all=sends_all)
        assert not (broken := [*found]), broken


TestChangingImport = ChangingImport.TestCase
TestChangingImport.settings = settings(
    max_examples=50 if NIGHTLY else 2, stateful_step_count=25, deadline=None
)


def test_a_record_made_beside_an_unclear_request_is_found_where_equal_rows_are_one() -> None:
    """A story that made somebody twice: it is in tests/reruns, too, in fewer steps."""
    state = ChangingImport()
    by_id = Settings(mapping="by id", on_duplicate="send", on_change="report", namespace="")
    state.begin(chosen=by_id, people=3)
    state.run(answers_wait=False, fates=["answered", "lost on the way"])
    state.change_and_run(edits=[("add", 1, 3), ("case", 5, 4), ("add", 0, 5)], mapping=None)
    names = replace(by_id, mapping="names alone", on_duplicate="skip")
    state.change(bad=set(), chosen=names, edits=[("copy", 4, 3), ("sort", 0, 5)])
    state.change_and_run(edits=[("last", 4, 0)], mapping=None)
    state.change_and_run(edits=[], mapping="by id")
    state.teardown()


def test_a_row_that_was_refused_and_then_created_lets_others_with_its_identity_go_first() -> None:
    state = ChangingImport()
    state.begin(people=1, chosen=Settings(on_change="send"))
    state.come_to_rest()
    state.change_and_run(edits=[("ref", 0, 0)], mapping="by family")
    state.change_and_run(edits=[("last", 0, 0), ("add", 0, 0)], mapping=None)
    state.change(edits=[("add", 0, 0), ("ref", 0, 0)], chosen=None, bad={3})
    state.run(fates=[], answers_wait=False)
    state.change_and_run(edits=[], mapping=None)
    state.change_and_run(edits=[("add", 0, 0), ("add", 0, 0), ("replace", 0, 0)], mapping=None)
    state.teardown()
