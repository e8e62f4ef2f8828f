"""Checks a list, and keeps the report."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from typing import Any

from importer.core.errors import ListDiffers, QuestionError, UsageError
from importer.core.locale.message import Message, joined
from importer.run.checking.check_report import CheckReport
from importer.run.checking.dry_run import check
from importer.run.checking.shown_rows import ShownRows
from importer.ui.store.folder import SCHEMA, Import, stamp
from importer.ui.store.refused import RefusedRows
from importer.ui.work.deciding import keep_pairs
from importer.ui.work.list_reading import encoding_of
from importer.ui.work.page_config import base_url, config_of, config_of_corrected
from importer.ui.work.tasks import Task

_PROBLEMS = 60
ACCEPT_LIST = "accept_list"
"""The setting that takes a list as it is, until it has been sent."""


def refused_rows(one: Import) -> RefusedRows:
    """Return the refused rows of an import."""
    return RefusedRows(one.folder / "rows.sqlite")


def _inputs(one: Import) -> list[str]:
    """Return two texts that change if a check has to be made again: one with each run alone."""
    state = one.state
    edits = one.folder / "edits.json"
    rerun = {name: value for name, value in state.rerun.items() if name != ACCEPT_LIST}
    said = [state.object, state.read, rerun, base_url(one)]
    stamps = [one.source_stamp, stamp(one.mapping), stamp(edits), stamp(one.folder / SCHEMA)]
    digest = hashlib.sha256(json.dumps([said, stamps]).encode()).hexdigest()
    return [digest, json.dumps([state.results, stamp(one.results)])]


def fresh_check(one: Import, *, before_runs: bool = False) -> dict[str, Any] | None:
    """
    Return what the last check found, if nothing has changed since.

    With `before_runs`, rows may have been sent since.
    """
    found = one.kept("check")
    if not isinstance(found, dict):
        return None
    inputs = _inputs(one)
    is_fresh = found["inputs"][:1] == inputs[:1] if before_runs else found["inputs"] == inputs
    return found if is_fresh else None


def check_list(one: Import, task: Task) -> None:
    """Check the whole list and the rows that a person has corrected; keep what was found."""
    found: dict[str, Any] = {"inputs": _inputs(one)}
    try:
        found |= _report(one, task)
        if (stopped := found["report"]["stopped"]) is not None:
            found["question"] = _as_question(guard_question(stopped))
    except QuestionError as question:
        found["question"] = _as_question(question)
    except ListDiffers as differs:
        found["question"] = _as_question(guard_question(differs.message))
    except UsageError as error:
        found["error"] = {"message": error.message, "hint": error.hint}
    one.keep("check", found)


def keep_question(one: Import, question: QuestionError) -> None:
    """Keep a question that came up when rows were to be sent: the check asks it."""
    one.keep("check", {"inputs": _inputs(one), "question": _as_question(question)})


def guard_question(stopped: Message) -> QuestionError:
    """Return the question of a list that differs too much from the last one."""
    right = {Message("the list is right: take it as it is"): {ACCEPT_LIST: True}}
    lines = [one.values.get("title") or one.values["line"] for one in stopped.values["lines"]]
    return QuestionError(joined(lines), hint=None, answers=right)


def _as_question(question: QuestionError) -> dict[str, Any]:
    answers = [{"text": text, "settings": dict(one)} for text, one in question.answers.items()]
    return {"message": question.message, "answers": answers}


def _report(one: Import, task: Task) -> dict[str, Any]:
    failed = one.folder / "check-failed.csv"
    for left in (failed, failed.with_suffix(".jsonl")):
        left.unlink(missing_ok=True)
    rows = refused_rows(one)
    corrected = rows.write_corrected(one.folder)
    config = config_of(one, corrections=corrected)
    shown = ShownRows()
    report = check(config, failed_file=failed, progress=task.progress, each=rows.note, shown=shown)
    written = failed if report.failed_file else None
    rows.load(written, encoding_of(one), shown=shown, results=one.results.name)
    keep_pairs(one, shown.resembling)
    found: dict[str, Any] = {"report": _as_json(report)}
    if corrected is not None:
        with_corrected = config_of_corrected(one, corrected)
        found["corrected"] = _as_json(check(with_corrected, progress=task.progress))
    return found


def _as_json(report: CheckReport) -> dict[str, Any]:
    kept: dict[str, Any] = {**report.as_dict()}
    del kept["columns"]
    kept["problems"] = kept["problems"][:_PROBLEMS]
    kept["changes"] = [asdict(one) for one in report.changes if one.before != one.after]
    kept["more_problems"] = max(0, len(report.problems) - _PROBLEMS)
    return kept
