"""What commands print with `--json`: one dataclass for each kind of object."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from importer.core.errors import ImporterError
from importer.core.records import Status, Summary
from importer.core.verdict import Verdict

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

_Document = TypeVar("_Document")


def document_of(kind: type[_Document], value: object, **given: Any) -> _Document:
    """
    Return a document of what `value` has under the names of its fields, where they are not `given`.

        >>> from importer.core.errors import ConfigError
        >>> document_of(Failed, ConfigError("no", hint="yes"), stopped="no")
        Failed(exit_code=2, stopped='no', hint='yes')
    """
    names = (one.name for one in fields(cast("DataclassInstance", kind)) if one.name not in given)
    return kind(**{name: getattr(value, name) for name in names}, **given)


def nothing_done(error: ImporterError) -> dict[str, Any]:
    """Return what `run` and `check` both say of an import that has not begun."""
    return {
        "exit_code": error.exit_code,
        "stopped": error.message,
        "hint": error.hint,
        "object": "",
        "read": 0,
        "before": 0,
        "counts": dict.fromkeys((status.value for status in Status), 0),
        "requests": 0,
        "seconds": 0.0,
        "results": "",
        "verdict": Verdict(object="", why=error.message),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """A command that did not do what was asked: why, and what to do next."""

    exit_code: int
    stopped: str
    hint: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunDocument(Summary):
    """A run, as the `Summary` of the library has it. `next` is the command to go on with."""

    next: str | None

    @classmethod
    def failed(cls, error: ImporterError) -> Self:
        """Return the document of a run that has not begun."""
        return cls(run="", unsent=0, next=None, **nothing_done(error))


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderDocument:
    """The runs of a folder of jobs, by the names of the jobs, and the most serious exit code."""

    exit_code: int
    jobs: Mapping[str, RunDocument]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportDocument:
    """The path of a report."""

    report: str
