"""The importer with one promise's keeper taken out: the simulation has to notice each."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any
from unittest import mock

from law.mutants import MUTANTS as LAW

from importer.core import keys
from importer.core.errors import JournalError
from importer.core.records import Outcome, Send, Status
from importer.matching.matcher import Matcher
from importer.matching.open_rows import Candidate
from importer.matching.policy import Policy
from importer.run import pipeline
from importer.run.journal import Journal
from importer.run.plan_execution import PlanExecution
from importer.sender.answer import Answer
from importer.sender.delivery import delivery
from importer.sender.delivery.delivery import Delivery, outcome_of
from importer.sender.delivery.send_queue import QueuedRow, SendQueue
from importer.sender.pacing.sliding_window import SlidingWindow
from importer.writer import results as results_module
from importer.writer.line_reader import Line
from importer.writer.lines.row_line import RowLine
from importer.writer.results import ResultsFile
from importer.writer.state.journal_state import JournalState
from simulation import world

__all__ = ["MUTANTS", "mutated"]

Change = tuple[Any, str, Any]
_ENDLESS = 100
MUTANTS: dict[str, Callable[[], list[Change]]] = {}


def _mutant(make: Callable[[], list[Change]]) -> Callable[[], list[Change]]:
    MUTANTS[make.__name__.removeprefix("_").replace("_", " ")] = make
    return make


@contextmanager
def mutated(name: str) -> Iterator[None]:
    """Break the importer in the way `name` says, as long as the context lasts."""
    changes = MUTANTS[name]()
    patches = [mock.patch.object(target, method, broken) for target, method, broken in changes]
    for patch in patches:
        patch.start()
    try:
        yield
    finally:
        for patch in patches:
            patch.stop()


@_mutant
def _lines_are_not_synced() -> list[Change]:
    def results_file(_self: Any, path: Any) -> ResultsFile:
        return ResultsFile(path, sync=lambda _descriptor: None)

    return [(world._World, "_results_file", results_file)]


@_mutant
def _the_folder_is_not_synced() -> list[Change]:
    return [(results_module, "sync_folder", lambda _folder: None)]


@_mutant
def _sent_is_written_after_the_request() -> list[Change]:
    note_sent, record = Journal.sent, Journal.record
    waiting: dict[str, Send] = {}

    async def not_yet(_self: Journal, send: Send) -> None:
        waiting[send.key] = send

    async def both(self: Journal, *outcomes: Outcome) -> None:
        for outcome in outcomes:
            if outcome.idempotency_key in waiting:
                await note_sent(self, waiting.pop(outcome.idempotency_key))
        await record(self, *outcomes)

    return [
        (Journal, "sent", not_yet),
        (Journal, "record", both),
        (Delivery, "can_send_next_at_once", lambda _self, _line: False),
    ]


@_mutant
def _the_key_leaves_out_the_row() -> list[Change]:
    row_key = keys.row_key

    def constant(object_: str, _row_hash: str, *, occurrence: int = 1, **_: Any) -> str:
        return row_key(object_, "the same", occurrence=occurrence)

    return [(keys, "row_key", constant)]


@_mutant
def _the_key_leaves_out_the_occurrence() -> list[Change]:
    row_key = keys.row_key

    def without(object_: str, row_hash: str, *, occurrence: int = 1, **others: Any) -> str:
        if occurrence > _ENDLESS:
            raise AssertionError("no free key is ever found")
        return row_key(object_, row_hash, **others)

    return [(keys, "row_key", without)]


@_mutant
def _requests_are_charged_when_answered() -> list[Change]:
    leave, answered = SlidingWindow.leave, SlidingWindow.answered
    tickets = itertools.count(1)

    def charge(self: SlidingWindow, _ticket: int, now: int) -> None:
        answered(self, leave(self, now), now)

    return [
        (SlidingWindow, "leave", lambda _self, _now: next(tickets)),
        (SlidingWindow, "answered", charge),
    ]


@_mutant
def _the_key_is_raised_after_a_time_out() -> list[Change]:
    again = Matcher._again

    def raised(self: Matcher, row: Any, candidate: Candidate) -> Any:
        if candidate.state.status in {None, Status.UNKNOWN}:
            candidate.state.status, candidate.state.is_refused = Status.FAILED, True
        return again(self, row, candidate)

    return [(Matcher, "_again", raised)]


@_mutant
def _the_key_is_raised_by_a_passing_refusal_in_doubt() -> list[Change]:
    async def raised(
        self: Delivery, queued: QueuedRow, _answer: Answer, queue: SendQueue, _settle: object
    ) -> None:
        await self._take_next_key(queued)
        queue.put_back(queued)

    return [(Delivery, "_after_transient_refusal", raised)]


@_mutant
def _the_key_is_raised_by_a_refusal_in_doubt() -> list[Change]:
    def failed(queued: QueuedRow, answer: Answer) -> Outcome:
        queued.unclear = False
        return outcome_of(queued, answer)

    return [(delivery, "outcome_of", failed)]


@_mutant
def _an_unclear_answer_is_taken_for_a_clear_one() -> list[Change]:
    request = Delivery._request

    async def clear(self: Delivery, *arguments: Any) -> Answer | None:
        answer = await request(self, *arguments)
        return answer and replace(answer, unclear=False)

    return [(Delivery, "_request", clear)]


@_mutant
def _a_torn_line_is_kept() -> list[Change]:
    return [(ResultsFile, "_tail", lambda _self, _size: b"")]


@_mutant
def _a_torn_line_is_completed() -> list[Change]:
    repair = ResultsFile._repair

    def completed(self: ResultsFile) -> None:
        with mock.patch.object(results_module, "parse_line", return_value={"kind": "whole"}):
            repair(self)

    return [(ResultsFile, "_repair", completed)]


@_mutant
def _a_created_rows_outcome_is_dropped() -> list[Change]:
    to_json = RowLine.to_json

    def empty(self: RowLine) -> Mapping[str, Any]:
        return {"kind": "lost"} if self.outcome.status is Status.CREATED else to_json(self)

    return [(RowLine, "to_json", empty)]


@_mutant
def _created_rows_are_sent_again() -> list[Change]:
    note = JournalState.note

    def forgetful(self: JournalState, line: Line, position: int = 0) -> None:
        if not _is_created(line):
            note(self, line, position)

    return [(JournalState, "note", forgetful), (JournalState, "take", lambda *_: None)]


@_mutant
def _a_key_is_used_again_however_old_it_is() -> list[Change]:
    return [(Policy, "is_too_old", lambda *_: False)]


@_mutant
def _a_full_disk_stops_nothing() -> list[Change]:
    append = ResultsFile.append

    async def careless(self: ResultsFile, *lines: Mapping[str, Any]) -> None:
        with suppress(JournalError):
            await append(self, *lines)

    count = pipeline._Run._count
    change = (pipeline._Run, "_count", lambda self, outcomes, _failure: count(self, outcomes, None))
    return [(ResultsFile, "append", careless), change]


@_mutant
def _twins_are_forgotten() -> list[Change]:
    settle = PlanExecution.settle

    def alone(self: PlanExecution, outcome: Outcome) -> list[Outcome]:
        settle(self, outcome)
        return []

    return [(PlanExecution, "settle", alone)]


_SIMULATED = (
    "a record is not first that of its own row",
    "a record is that of as many rows as it fits",
    "a row in doubt is sent with its new key",
    "an unclear request counts as refused",
    "contact points are not compared",
    "copies are new rows",
    "decisions made under other settings stay",
    "earlier mappings are forgotten",
)
"""The others need lists that the simulation does not write."""


def _of_the_law(name: str) -> Callable[[], list[Change]]:
    return lambda: LAW[name]


# Without one of the rules by which rows are known again.
MUTANTS.update({name: _of_the_law(name) for name in _SIMULATED})


def _is_created(line: Line) -> bool:
    return isinstance(line, RowLine) and line.outcome.status is Status.CREATED
