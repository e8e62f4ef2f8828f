"""At which step an import is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from importer.core.errors import ResultsError
from importer.core.locale.language import N_
from importer.core.records import FOR_A_PERSON, Status
from importer.core.shared import DEALT_WITH
from importer.report.import_status import import_status
from importer.ui.store.folder import Import
from importer.ui.work.list_checking import fresh_check
from importer.ui.work.tasks import Tasks

Step = Literal["read", "match", "check", "send", "result"]
STEPS: tuple[Step, ...] = ("read", "match", "check", "send", "result")


@dataclass(frozen=True, slots=True)
class ImportStep:
    """The step at which to go on with an import, in words, and how that is to be seen."""

    step: Step
    words: str
    tone: Literal["quiet", "busy", "good", "bad"] = "quiet"


def state_of(tasks: Tasks, one: Import) -> ImportStep:
    """Return the step of an import. Nothing of the list itself is read for it."""
    task = tasks.running(one)
    if task is not None and task.kind == "send":
        return ImportStep("send", N_("Sending"), "busy")
    sent = _sent(one)
    if sent is not None:
        return sent
    if task is not None:
        return ImportStep("read" if task.kind == "read" else "check", N_("Being read"), "busy")
    if one.kept("reading") is None:
        return ImportStep("read", N_("To be read"))
    if one.kept("check") is None:
        return ImportStep("match", N_("To be matched"))
    checked = fresh_check(one)
    is_ready = checked is not None and "report" in checked
    return ImportStep("check", N_("Checked: ready to send") if is_ready else N_("To be checked"))


def on_record(one: Import) -> Mapping[str, int] | None:
    """Return how many rows have which outcome by the results file, if there is one."""
    try:
        return Counter(import_status(one.results).counts)
    except ResultsError:
        return None


def _sent(one: Import) -> ImportStep | None:
    """Return the step of an import of which rows were sent, or None."""
    run = one.state.run
    if run.phase == "running":
        return ImportStep("send", N_("Interrupted: continue"), "bad")
    if run.phase == "ended" and run.stopped:
        return ImportStep("send", N_("Stopped: continue"), "bad")
    if run.summary is not None:
        return _after(run.summary)
    return (
        ImportStep("send", N_("Tried with a few rows"), "busy") if run.pilot is not None else None
    )


def counts_of(summary: dict[str, Any]) -> dict[str, int]:
    """Return the rows of the list by what holds for them after a run, and how many are left."""
    found = summary["list"]
    none = dict.fromkeys((Status.POSSIBLE_DUPLICATE.value, DEALT_WITH), 0)
    if found is not None:  # the corrected ones are among the created ones
        return {**none, **{name: count for name, count in found.items() if name != "corrected"}}
    return {**none, **summary["counts"], "left": summary["left"] or summary["unsent"]}


def _after(summary: dict[str, Any]) -> ImportStep:
    counts = counts_of(summary)
    if counts["left"]:
        return ImportStep("send", N_("Not all sent yet"), "busy")
    if any(map(counts.get, FOR_A_PERSON)) or summary.get("undecided_before"):
        return ImportStep("result", N_("Done: some rows need you"), "bad")
    return ImportStep("result", N_("Done"), "good")
