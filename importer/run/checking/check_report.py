"""The report that a dry run returns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, cast

from importer.core.locale.message import Message
from importer.core.records import Problem, Status
from importer.core.shared import JsonValue, printed
from importer.core.verdict import Verdict
from importer.run.checking.column_profiles import ColumnProfile
from importer.run.checking.repeats import Repeated


@dataclass(slots=True, kw_only=True)
class Changes:
    """
    The number of values of a field that would be sent in another form than in the source.

    `kind` is the type they were read as, `what` the change. `before` is the text of the first one
    in the source, `after` the value that would be sent.
    """

    field: str
    kind: str
    what: str
    count: int
    before: str
    after: JsonValue


@dataclass(frozen=True, slots=True, kw_only=True)
class _OfARun:
    """What only a run has: it is empty, so that one script can read a `Summary` and a report."""

    run: str = field(default="", repr=False)
    left: None = field(default=None, repr=False)
    success_file: None = field(default=None, repr=False)
    unsent_file: None = field(default=None, repr=False)
    changed_file: None = field(default=None, repr=False)
    vanished: int = field(default=0, repr=False)
    files: Mapping[str, str | None] = field(default_factory=dict, repr=False)
    list: None = field(default=None, repr=False)
    cause: None = field(default=None, repr=False)
    news: tuple[str, ...] = field(default=(), repr=False)
    changed_fields: Mapping[str, int] = field(default_factory=dict, repr=False)
    durations: Mapping[str, float] = field(default_factory=dict, repr=False)
    next: None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckReport(_OfARun):
    """
    What a run would do with the rows of an import.

    `read` rows are in the sources. Of these, `before` were created by earlier runs, `to_send` would
    be sent, and `counts` has the others by their status. `requests` is how many of `to_send` the
    setting `limit` allows, and `seconds` how long they take at the pace, without retries.

    `read_as` says for each source how it is read. `columns` describes the columns of the sources.
    `samples` are the first request bodies, exactly as they would be sent. `problems` are the
    grouped errors, with every fault of each refused row counted. `changes` are values that would
    not be sent as they are in the source, and `repeated` phones and emails that an earlier row has
    too (contacts and leads only); both cover the rows that would be sent.

    `plan` is the id of the plan, for `run --plan`. `exit_code` is the exit code of `vorel-import
    check`. `results` is the results file that a run would use, and `failed_file` the file of
    refused rows, if one was written. If a guard would stop the run before its first request,
    `stopped` says why and `hint` what to do. `undecided_before` counts possible duplicates of
    earlier runs whose rows are not in the list. `verdict` sums all up in one sentence.
    """

    also_printed: ClassVar = ("unsent", "refused")

    object: str
    exit_code: int
    read: int
    before: int
    to_send: int
    counts: Mapping[str, int]
    requests: int
    seconds: float
    results: str
    verdict: Verdict
    failed_file: str | None = None
    problems: tuple[Problem, ...] = ()
    notices: tuple[Message, ...] = ()
    read_as: tuple[str, ...] = ()
    samples: tuple[Mapping[str, JsonValue], ...] = ()
    changes: tuple[Changes, ...] = ()
    repeated: tuple[Repeated, ...] = ()
    columns: tuple[ColumnProfile, ...] = ()
    stopped: str | None = None
    hint: str | None = None
    plan: str = ""
    undecided_before: int = 0

    @property
    def unsent(self) -> int:
        """How many rows would be sent."""
        return self.to_send

    @property
    def refused(self) -> int:
        """How many rows would be refused: they have the status `invalid`."""
        return self.counts[Status.INVALID]

    def as_dict(self) -> dict[str, JsonValue]:
        """
        Return the report as plain JSON values, as `check --json` prints it.

        It has all keys of `run --json`, so that one script can read both.
        """
        return cast("dict[str, JsonValue]", printed(self))
