"""The line that ends a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

from importer.core.locale.message import Message, of_parts, with_parts
from importer.core.shared import JsonValue
from importer.core.verdict import Verdict
from importer.writer.lines.exports_line import ExportsRecord
from importer.writer.lines.lenient_values import integer, text
from importer.writer.list_status import ListStatus

SLICE_OVER = Message("the slice of time was over")
"""In the reason for a stop after which another worker of a fleet goes on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EndLine:
    """
    A run ended: `read` is `before` + the sum of `counts` + `unsent`.

    `rows` is the number of rows in the source, or None if not all were read. `left` is the number
    of rows without an outcome. `changes` counts values that were sent in another form than in the
    source, by field and change, among the created rows; None if that is not on record. `shape`
    describes the list (`importer.run.guards`); None if no guard has sampled it. `verdict` is that
    on the list; None in lines of earlier versions.
    """

    kind: ClassVar[str] = "end"
    run: str | None
    at: str | None
    exit_code: int | None = None
    read: int | None = None
    rows: int | None = None
    before: int | None = None
    unsent: int | None = None
    left: int | None = None
    counts: Mapping[str, int] = field(default_factory=dict)
    requests: int | None = None
    stopped: Message | None = None
    exports: ExportsRecord | None = None
    changes: Mapping[tuple[str, str], int] | None = None
    shape: Mapping[str, JsonValue] | None = None
    verdict: Verdict | None = None

    @property
    def is_of_slice(self) -> bool:
        """Whether a worker has only handed the rows to others; nobody is notified of that."""
        return self.stopped is not None and SLICE_OVER.code in self.stopped.codes()

    def to_json(self) -> dict[str, JsonValue]:
        """Return the line as JSON."""
        list_status = self.exports.list_status if self.exports else None
        form: dict[str, JsonValue] = {
            "kind": self.kind,
            "run": self.run,
            "at": self.at,
            "exit_code": self.exit_code,
            "read": self.read,
            "rows": self.rows,
            "before": self.before,
            "unsent": self.unsent,
            "left": self.left,
            "counts": dict(self.counts),
            "requests": self.requests,
            "stopped": self.stopped,
            "exports": self.exports.to_json() if self.exports else None,
            **({} if self.changes is None else {"changes": _changes_to_json(self.changes)}),
            **({} if self.shape is None else {"shape": self.shape}),
            **({} if self.verdict is None else {"verdict": self.verdict.to_json()}),
            **(list_status.to_json() if list_status else {"list": None, "problems": None}),
        }
        return with_parts(form)

    @classmethod
    def from_json(cls, line: Mapping[str, Any]) -> Self:
        """Return the line; missing values are None."""
        counts = line.get("counts")
        if not isinstance(counts, Mapping):
            counts = {}
        return cls(
            run=text(line.get("run")),
            at=text(line.get("at")),
            exit_code=integer(line.get("exit_code")),
            read=integer(line.get("read")),
            rows=integer(line.get("rows")),
            before=integer(line.get("before")),
            unsent=integer(line.get("unsent")),
            left=integer(line.get("left")),
            counts={name: count for name, count in counts.items() if isinstance(count, int)},
            requests=integer(line.get("requests")),
            stopped=of_parts(line, "stopped").get("stopped"),
            exports=ExportsRecord.from_json(line.get("exports"), ListStatus.from_json(line)),
            changes=_changes_from_json(line.get("changes")),
            shape=shape if isinstance(shape := line.get("shape"), Mapping) else None,
            verdict=Verdict.from_json(line.get("verdict")),
        )


def _changes_to_json(changes: Mapping[tuple[str, str], int]) -> JsonValue:
    return [
        {"field": field, "what": what, "count": count} for (field, what), count in changes.items()
    ]


def _changes_from_json(value: object) -> Mapping[tuple[str, str], int] | None:
    if not isinstance(value, list):
        return None
    try:
        return {(str(one["field"]), str(one["what"])): int(one["count"]) for one in value}
    except (KeyError, TypeError, ValueError):
        return None
