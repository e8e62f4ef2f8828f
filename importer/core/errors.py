"""
Every exception that the importer raises. An error of one row is not an exception: see `RowError`.

ImporterError
├── UsageError              nothing was sent; correct the call and run again
│   ├── ConfigError         a setting, a flag or the API key's form
│   ├── MappingError        the mapping file, or a column it names
│   │   └── ColumnsMissing  the source lacks columns that the mapping reads
│   ├── SourceError         a source that cannot be opened or has no rows to read
│   │   ├── EncodingUnclear its encoding cannot be guessed
│   │   └── SeveralLists    one JSON object with several lists
│   └── ResultsError        the results file cannot be used, or is in use
│       ├── ResultsInUse    another run is using it
│       └── QuestionError   only a person knows whether the results file is this import's
└── StopRun                 the run ended early; the same command continues it
    ├── RefusedError        an answer that every row would get (401, 403, wrong host, …)
    ├── ListDiffers         the list differs too much from the last one; nothing was sent
    │   └── ListGrows       somebody is still writing to the list; nothing was sent
    ├── MemoryLost          the results file was lost or is an older copy; nothing was sent
    ├── TooManyErrors       more rows were refused than `max_errors` allows
    ├── OutageError         no clear answer for longer than `max_outage`, or the time limit
    ├── JournalError        the results file could not be written
    ├── SourceLost          a source could not be read to its end
    └── Interrupted         a signal, or the caller, asked the run to stop
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from importer.core.locale.message import Message, joined
from importer.core.shared import GUARD_EXIT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any


class ImporterError(Exception):
    """
    The base of all errors that are raised on purpose.

    `message` says what happened and where, `hint` what to do next: each is a `Message`, or is made
    of its code, and the message of the `values` for its gaps too. `exit_code` is the exit code of
    the command line.

        >>> str(SourceError("%(name)s: no such file", name="list.csv"))
        'list.csv: no such file'
    """

    exit_code: int = 1

    def __init__(self, code: str, /, *, hint: str | None = None, **values: object) -> None:
        self.message = Message(code, **values) if values else Message.of(code)
        super().__init__(self.message)
        self.hint = None if hint is None else Message.of(hint)

    @property
    def cause(self) -> Message:
        """The message without values of the list, and without what a service said."""
        return self.message.in_own_words()

    def __str__(self) -> str:
        return f"{self.message}\n{self.hint}" if self.hint else self.message


class UsageError(ImporterError):
    """Raised before anything is sent, for a mistake the caller can correct."""

    exit_code = 2


class ConfigError(UsageError):
    """Raised for a setting that is missing, invalid, or contradicts another one."""


class MappingError(UsageError):
    """Raised for a mapping that cannot be used with this source or object."""


class ColumnsMissing(MappingError):  # noqa: N818 - says what is missing
    """Raised for a source that lacks `columns` of the `mapped` ones that the mapping reads."""

    def __init__(
        self, code: str, /, *, hint: str, columns: Sequence[str], mapped: Sequence[str]
    ) -> None:
        super().__init__(code, hint=hint)
        self.columns = tuple(columns)
        self.mapped = tuple(mapped)


class SourceError(UsageError):
    """Raised for a source that cannot be opened or decoded, or whose format is unclear."""


class EncodingUnclear(SourceError):  # noqa: N818 - says what is unclear
    """Raised for a list whose encoding cannot be guessed, and was not stated."""


class SeveralLists(SourceError):  # noqa: N818 - says what it is
    """
    Raised for a JSON object that holds several lists.

    `paths` are their names for `record_path`, in the order of the file.
    """

    def __init__(self, code: str, /, *, hint: str, paths: Sequence[str], **values: object) -> None:
        super().__init__(code, hint=hint, **values)
        self.paths = tuple(paths)


class ResultsError(UsageError):
    """Raised for a results file that cannot be used."""


class ResultsInUse(ResultsError):  # noqa: N818 - says what it is
    """
    Raised for a results file that another run is using.

    A job that a timer has started then ends with an exit code of its own, and without an alarm.
    """


class QuestionError(ResultsError):
    """
    Raised where only a person knows whether the results file belongs to this import.

    `answers` maps each answer, worded for a person, to settings for `ImportConfig.replace`.
    """

    def __init__(
        self,
        code: str,
        /,
        *,
        hint: str | None,
        answers: Mapping[Message, Mapping[str, Any]],
        **values: object,
    ) -> None:
        super().__init__(code, hint=hint, **values)
        self.answers = answers


class StopRun(ImporterError):  # noqa: N818 - it is a stop, and not always an error
    """
    Raised to end a run early. The results file is complete; the same command continues.

    `is_expected` is True if the stop belongs to normal work; the log does not show it as an error.
    """

    is_expected = False


class RefusedError(StopRun):
    """Raised for an answer that every other row would get too."""

    exit_code = 3


class ListDiffers(StopRun):
    """
    Raised before the first request, if the list differs too much from that of the last run.

    It is made of `differences`, which name columns of the mapping and no values, so that somebody
    may be told of them, and of what may quote the list, `also`.
    """

    exit_code = GUARD_EXIT

    def __init__(
        self,
        code: str,
        /,
        *,
        hint: str,
        differences: Sequence[Message],
        also: Sequence[Message] = (),
        **values: object,
    ) -> None:
        what = Message(code, **values)
        super().__init__(_listed(what, [*differences, *also]), hint=hint)
        self._told = _listed(what, differences)

    @property
    def cause(self) -> Message:
        """The differences, without what may quote the list."""
        return self._told.without_values()


class ListGrows(ListDiffers):
    """Raised before the first request, if somebody is still writing to the list."""


class MemoryLost(StopRun):
    """
    Raised before the first request, if the results file was lost or is an older copy.

    Other files have records that it lacks; `known` says what each of these files knows.
    """

    exit_code = GUARD_EXIT

    def __init__(
        self, code: str, /, *, hint: str, known: Sequence[Message], **values: object
    ) -> None:
        super().__init__(_listed(Message(code, **values), known), hint=hint)


class TooManyErrors(StopRun):
    """Raised when more rows were refused than `max_errors` allows."""

    exit_code = 4


class OutageError(StopRun):
    """Raised when the service was unreachable longer than `max_outage`, or time ran out."""

    exit_code = 5


class JournalError(StopRun):
    """Raised when the results file cannot be written any more: nothing is sent without it."""

    exit_code = 3


class SourceLost(StopRun):
    """Raised when a source cannot be read as a whole, once its rows were counted."""

    exit_code = 3

    @classmethod
    def of(cls, error: Exception) -> SourceLost:
        """Return the reason to stop for an error that was raised while a source was read."""
        return cls(
            Message("the list cannot be read to its end (%(reason)s)", reason=error),
            hint="Repair the disk or the file, then run the same command again.",
        )

    @classmethod
    def changed(cls, names: Sequence[str]) -> SourceLost:
        """Return the reason to stop for files that were changed while they were read."""
        return cls(
            "%(names)s was changed while it was read",
            names=names,
            hint="Once the list is complete, run the same command again.",
        )


class Interrupted(StopRun):
    """Raised when a signal, or the caller, asked the run to stop."""

    exit_code = 130

    def __init__(
        self, code: str, /, *, hint: str | None = None, exit_code: int = 130, **values: object
    ) -> None:
        super().__init__(code, hint=hint, **values)
        self.exit_code = exit_code


def _listed(first: Message, others: Sequence[Message]) -> Message:
    """Return a message with a line for each of the others below it."""
    return joined(
        [
            Message("%(title)s:", title=first),
            *(Message("  - %(line)s", line=one) for one in others),
        ],
        "lines",
    )
