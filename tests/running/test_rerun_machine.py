"""List, mapping, identity, settings and answers change between runs: nobody twice, nobody lost."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule
from law.imports import Imports, Ran, Settings
from law.lists import MAPPINGS, Line
from law.service import FATES, Fate
from law.truth import covers, lost, may_know, must_know, twice

from importer.errors import QuestionError
from importer.records import Outcome, Status

_MOST_ROWS = 6
_MEMORY = Path("/dev/shm")  # noqa: S108 - where there is one, files cost no disk


class ChangingImport(RuleBasedStateMachine):
    """People who change everything between two runs of an import."""

    def __init__(self) -> None:
        super().__init__()
        folder = _MEMORY if _MEMORY.is_dir() else None
        self._folder = Path(tempfile.mkdtemp(prefix="imports-", dir=folder))
        self.imports = Imports(self._folder)
        self.lines: list[Line] = []
        self.gone: list[Line] = []
        self.settings = Settings()
        self.people = 0

    def teardown(self) -> None:
        shutil.rmtree(self._folder)

    # What people do to a list

    @precondition(lambda self: len(self.lines) < _MOST_ROWS)
    @rule(first=st.sampled_from(("Ana", "Bo")), last=st.sampled_from(("Haddad", "Roy")))
    def add(self, first: str, last: str) -> None:
        self.people += 1
        ref = f"R{self.people}"
        email = f"{first.lower()}{self.people}@example.com"
        self.lines.append(Line(who=self.people, ref=ref, first=first, last=last, email=email))

    @precondition(lambda self: 0 < len(self.lines) < _MOST_ROWS)
    @rule(data=st.data(), same=st.sampled_from(("email", "last")))
    def add_a_relative(self, data: st.DataObject, same: str) -> None:
        """Add somebody who shares an address or a family name with another one."""
        other = data.draw(st.sampled_from(self.lines))
        self.add("Cy", other.last)
        if same == "email":
            self.lines[-1] = replace(self.lines[-1], email=other.email)

    @precondition(lambda self: 0 < len(self.lines) < _MOST_ROWS)
    @rule(data=st.data())
    def copy(self, data: st.DataObject) -> None:
        at = data.draw(st.integers(0, len(self.lines)))
        self.lines.insert(at, data.draw(st.sampled_from(self.lines)))

    @precondition(lambda self: self.lines)
    @rule(data=st.data(), what=st.sampled_from(("note", "last", "email", "case", "ref")))
    def edit(self, data: st.DataObject, what: str) -> None:
        at = data.draw(st.integers(0, len(self.lines) - 1))
        line = self.lines[at]
        self.lines[at] = {
            "note": replace(line, note=f"{line.note}n"),
            "last": replace(line, last=f"{line.last}i"),
            "email": replace(line, email=f"x{line.email}"),
            "case": replace(line, email=line.email.swapcase()),
            "ref": replace(line, ref=f"{line.ref}0"),
        }[what]

    @precondition(lambda self: self.lines)
    @rule()
    def export_anew(self) -> None:
        """Let a column that is mostly not mapped differ in every row."""
        self.lines = [replace(line, note=f"{line.note}e") for line in self.lines]

    @precondition(lambda self: len(self.lines) > 1)
    @rule(data=st.data())
    def sort(self, data: st.DataObject) -> None:
        self.lines = data.draw(st.permutations(self.lines))

    @precondition(lambda self: self.lines)
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        self.gone.append(self.lines.pop(data.draw(st.integers(0, len(self.lines) - 1))))

    @precondition(lambda self: self.gone and len(self.lines) < _MOST_ROWS)
    @rule()
    def bring_back(self) -> None:
        self.lines.insert(0, self.gone.pop())

    # What people do to the settings

    @rule(mapping=st.sampled_from(tuple(MAPPINGS)))
    def map_by(self, mapping: str) -> None:
        self.settings = replace(self.settings, mapping=mapping)

    @rule(on_duplicate=st.sampled_from(("skip", "send")))
    def settle_duplicates(self, on_duplicate: Literal["skip", "send"]) -> None:
        self.settings = replace(self.settings, on_duplicate=on_duplicate)

    @rule(on_change=st.sampled_from(("report", "report", "send")))
    def settle_changes(self, on_change: Literal["report", "send"]) -> None:
        self.settings = replace(self.settings, on_change=on_change)

    @rule(namespace=st.sampled_from(("", "spring")))
    def name_keys(self, namespace: str) -> None:
        self.settings = replace(self.settings, namespace=namespace)

    @precondition(lambda self: self.people)
    @rule(data=st.data())
    def refuse(self, data: st.DataObject) -> None:
        self.imports.service.bad ^= {data.draw(st.integers(1, self.people))}

    # Runs

    @precondition(lambda self: self.lines)
    @rule(fates=st.lists(st.sampled_from(FATES), max_size=4), answers_wait=st.booleans())
    def run(self, fates: list[Fate], answers_wait: bool) -> None:
        self._run(self.settings, fates, answers_wait=answers_wait)

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
                self.imports.recall(job)

    # What is checked

    def _run(
        self, chosen: Settings, fates: list[Fate] | None = None, *, answers_wait: bool = False
    ) -> Ran:
        before, lines = [*self.imports.service.made], [*self.lines]
        tried = {
            line["source_hash"]
            for line in self.imports.lines()
            if line["kind"] == "row" and line["status"] in {"failed", "invalid"}
        }
        ran = self.imports.run(lines, chosen, fates or [], answers_wait=answers_wait)
        new = self.imports.service.made[len(before) :]
        if not chosen.resend_unknown:
            found = twice(
                before,
                new,
                lines,
                MAPPINGS[chosen.mapping],
                sends_all=chosen.on_duplicate == "send",
                surely=chosen.on_change == "send",
            )
            assert not (broken := [*found]), broken
        is_new = [send.source_hash not in tried for send in ran.sent]
        assert is_new == sorted(is_new, reverse=True), (
            "a row that was refused went before a new one"
        )
        for number, outcome in ran.outcomes.items():
            self._check_outcome(outcome, lines[number - 1], lines)
        return ran

    def _check_outcome(self, outcome: Outcome, line: Line, lines: list[Line]) -> None:
        today = MAPPINGS[self.settings.mapping]
        if outcome.external_id is None:
            assert outcome.status not in {Status.CREATED, Status.CHANGED}, outcome
            return
        made = self.imports.service.made_as(outcome.external_id)
        if outcome.status is Status.CHANGED:
            assert covers(made, line) or may_know(made, line, today), outcome
            return
        same = [other for other in lines if today.same(other) == today.same(line)]
        if outcome.status is Status.CREATED:
            same = [line]
        assert any(covers(made, one) or must_know(made, one, today, surely=True) for one in same), (
            outcome
        )

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
            if line["kind"] == "row" and line["status"] == "changed"
        }
        passed = []
        held = [today.same(line) for line in self._unknown(ran)]
        for number, line in enumerate(self.lines, 1):
            outcome = ran.outcomes.get(number)
            if outcome is None:
                passed += [] if line.source_hash() in named else [line]
            elif outcome.status is Status.UNKNOWN:
                assert any(
                    covers(one, line) or may_know(one, line, today)
                    for one in service.unclear.values()
                ), outcome
            elif outcome.external_id is None:
                assert outcome.status is Status.DUPLICATE, outcome
                assert today.same(line) in held, outcome
            elif outcome.status is not Status.CHANGED:
                passed.append(line)
        sends_all = self.settings.on_duplicate == "send"
        found = lost(service.made, passed, today, sends_all=sends_all)
        assert not (broken := [*found]), broken


TestChangingImport = ChangingImport.TestCase
TestChangingImport.settings = settings(max_examples=100, stateful_step_count=25, deadline=None)
