"""The target of an import: the service, account and object that its records belong to."""

from __future__ import annotations

import glob
import shlex
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from importer.core.errors import QuestionError
from importer.core.locale.language import N_
from importer.core.locale.message import Message
from importer.run.job import Job
from importer.run.journal import api_key_digest
from importer.writer.lines.run_line import RunLine
from importer.writer.loading import load_results
from importer.writer.results import is_results_file
from importer.writer.state.history import History
from importer.writer.state.journal_state import JournalState

_PORTS = {"https": 443, "http": 80}


def service_of(address: str | None) -> tuple[str, str | None, int | None] | None:
    """Return the scheme, host and port of an address, which identify the service."""
    if address is None:
        return None
    parts = urlsplit(address)
    try:
        port = parts.port
    except ValueError:
        port = None
    return parts.scheme, parts.hostname, port or _PORTS.get(parts.scheme)


def has_other_target(run: RunLine, job: Job) -> bool:
    """Return whether an earlier run created its records for another target."""
    return bool(_differences(run, job))


def check_target(job: Job, history: History) -> bool:
    """
    Return whether the results file belongs to another target and has to be set aside.

    Raises `QuestionError` if only a person knows whether the target is the same: an account may
    have a new key, a service a new address.
    """
    last = history.last_with_records
    known = [run for run in (last, *history.declared_the_same) if run is not None]
    is_of_last = any(not _differences(run, job) for run in known)
    differences = _joined(history, job) if is_of_last or last is None else _differences(last, job)
    config = job.config
    if config.same_service:
        differences.pop("same_service", None)
    if config.same_account:
        differences.pop("same_account", None)
    if not differences:
        return False
    if config.new_import:
        return True
    raise _question(job, differences, is_joined=is_of_last)


def _joined(history: History, job: Job) -> dict[str, Message]:
    """
    Return the differences of earlier runs with records that nobody has declared harmless since.

    Only a file that somebody has joined from several has them. Its rows would count as created here
    although they were created elsewhere.
    """
    found: dict[str, Message] = {}
    with_records = {run.run for run in history.with_records}
    for run in history.runs:
        if run.run in with_records:
            found |= _differences(run, job)
        for flag in ("same_service", "same_account"):
            if run.settings.get(flag):
                found.pop(flag, None)
    return found


def _question(job: Job, differences: dict[str, Message], *, is_joined: bool) -> QuestionError:
    """Return the error that asks whether the results file is the one of this import."""
    text = N_("%(path)s is the results file of another import: %(parts)s")
    other = Message("Name another results file with --results")
    if is_joined:
        text = N_(
            "%(path)s is joined from the results files of several imports, and of one of them: "
            "%(parts)s"
        )
        other = Message(
            'Take the imports apart (each begins with a line of the kind "run"), and name the file '
            "of this one with --results"
        )
    elif "same_account" in differences:
        other = Message("Check the API key; if it is right, name another results file")
    flags = [flag for flag in differences if flag != "object"]
    answers: dict[Message, dict[str, Any]] = {
        Message("it is another import: set the old results file aside"): {"new_import": True}
    }
    ways = [Message("add --new-import, which creates all rows once more")]
    if "object" not in differences:
        same = " ".join(f"--{flag.replace('_', '-')}" for flag in flags)
        answers[Message("it is the same import: continue it")] = dict.fromkeys(flags, True)
        ways.append(Message("or %(flag)s if %(flags)s", flag=same, flags=_same(flags)))
    if (aside := _set_aside_before(job)) is not None:
        answers = {
            Message("continue %(path)s, which was set aside", path=aside): {"results": str(aside)},
            **answers,
        }
        other = Message(
            "%(path)s is that of this import, set aside by an earlier run: to continue it, add "
            "--results %(path_2)s; or name another results file",
            path=aside,
            path_2=shlex.quote(str(aside)),
        )
    return QuestionError(
        text,
        path=job.results,
        parts=list(differences.values()),
        hint=Message("%(what)s; %(ways)s.", what=other, ways=ways),
        answers=answers,
    )


def _set_aside_before(job: Job) -> Path | None:
    """Return the results file with the target of an import that was set aside last, if any."""
    found = []
    for path in job.results.parent.glob(f"{glob.escape(job.results.name)}.aside-*"):
        number = path.name.rpartition("-")[2]
        if number.isdecimal() and is_results_file(path) and _is_of_this_target(path, job):
            found.append((int(number), path))
    return max(found)[1] if found else None


def _is_of_this_target(path: Path, job: Job) -> bool:
    try:
        load_results(path, state := JournalState())
    except OSError:
        return False
    last = state.history.last_with_records
    return last is not None and not has_other_target(last, job)


def _same(flags: list[str]) -> Message:
    parts = {
        "same_service": Message("it is the same service at a new address"),
        "same_account": Message("the new key is of the same account"),
    }
    return Message("%(both)s", both=[parts[flag] for flag in flags])


def _differences(run: RunLine, job: Job) -> dict[str, Message]:
    """Return the differences in words, by the setting that declares each harmless."""
    found: dict[str, Message] = {}
    config = job.config
    if run.object not in {None, job.object}:
        found["object"] = Message(
            "its rows are of the object %(object)s, and this import creates rows of %(object_2)s",
            object=run.object,
            object_2=job.object,
        )
    there, here = service_of(run.base_url), service_of(config.base_url)
    if there is not None and there != here:
        found["same_service"] = Message(
            "its service is %(path)s, and not %(path_2)s",
            path=run.base_url,
            path_2=config.base_url,
        )
    digest = api_key_digest(config)
    if digest is not None and run.api_key_sha256_8 not in {None, digest}:
        found["same_account"] = Message("it was made with another API key")
    return found
