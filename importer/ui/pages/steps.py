"""At which step an import is, and what begins the work of a step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from importer.locale import N_
from importer.ui.site import Site
from importer.ui.store.folder import Import
from importer.ui.work.checking import check_list, fresh_check
from importer.ui.work.reading import draft, read_list
from importer.ui.work.tasks import Task

__all__ = ["Standing", "begin_check", "begin_reading", "redraft", "state_of"]

_FOR_A_PERSON = ("invalid", "failed", "unknown", "changed", "possible_duplicate")
Step = Literal["read", "match", "check", "send", "result"]


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an import stands: the step to go on with, in words, and how that is to be seen."""

    step: Step
    words: str
    tone: Literal["quiet", "busy", "good", "bad"] = "quiet"


def state_of(site: Site, one: Import) -> Standing:
    """Return where an import stands. Nothing of the list itself is read for it."""
    task = site.tasks.running(one)
    if task is not None and task.kind == "send":
        return Standing("send", N_("Sending"), "busy")
    sent = _sent(one)
    if sent is not None:
        return sent
    if task is not None:
        return Standing("read" if task.kind == "read" else "check", N_("Being read"), "busy")
    if one.kept("reading") is None:
        return Standing("read", N_("To be read"))
    if one.kept("check") is None:
        return Standing("match", N_("To be matched"))
    checked = fresh_check(one)
    is_ready = checked is not None and "report" in checked
    return Standing("check", N_("Checked: ready to send") if is_ready else N_("To be checked"))


def _sent(one: Import) -> Standing | None:
    """Return where an import stands of which rows were sent."""
    run = one.state.run
    if run.phase == "running":
        return Standing("send", N_("Interrupted: continue"), "bad")
    if run.phase == "ended" and run.stopped:
        return Standing("send", N_("Stopped: continue"), "bad")
    if run.summary is not None:
        return _after(run.summary)
    return Standing("send", N_("Tried with a few rows"), "busy") if run.pilot is not None else None


def _after(summary: dict[str, object]) -> Standing:
    counts = summary.get("list") or summary.get("counts")
    assert isinstance(counts, dict)  # noqa: S101 - as every summary has it
    if counts.get("left"):
        return Standing("send", N_("Not all sent yet"), "busy")
    if any(map(counts.get, _FOR_A_PERSON)) or summary.get("undecided_before"):
        return Standing("result", N_("Done: some rows need you"), "bad")
    return Standing("result", N_("Done"), "good")


def begin_reading(site: Site, one: Import) -> None:
    """Read the beginning of the list, in a task."""
    task = Task("read")
    site.tasks.start(one, task, lambda: read_list(one, site.samples, task))


def begin_check(site: Site, one: Import) -> None:
    """Check the whole list, in a task."""
    task = Task("check")
    site.tasks.start(one, task, lambda: check_list(one, task))


def redraft(site: Site, one: Import) -> None:
    """Draft the mapping again. A check that is under way is of no use any more."""
    task = site.tasks.running(one)
    if task is not None and task.kind == "check":
        task.cancel()
        task.wait()
    draft(one, site.samples)
