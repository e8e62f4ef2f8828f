"""
The kinds of lines in a results file.

Lines are read leniently, since files outlive versions: unknown names are ignored, values that
earlier versions did not write are None, and a line of an unknown kind is an `OtherLine`. Lines are
written in one exact form, which `importer.writer.index.scanning` recognises by its bytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, get_args

from importer.writer.lines.acknowledged_line import AcknowledgedLine
from importer.writer.lines.end_line import EndLine
from importer.writer.lines.exports_line import ExportsLine
from importer.writer.lines.lenient_values import text
from importer.writer.lines.list_line import ListLine
from importer.writer.lines.request_line import RequestKind, RequestLine
from importer.writer.lines.row_line import KnownLine, RowLine
from importer.writer.lines.run_line import MappingLine, RunLine
from importer.writer.lines.vanished_line import VanishedLine


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherLine:
    """A line of an unknown kind, or an incomplete one: only its time is used."""

    at: str | None


Line = (
    RunLine
    | MappingLine
    | RequestLine
    | RowLine
    | KnownLine
    | ExportsLine
    | EndLine
    | AcknowledgedLine
    | ListLine
    | VanishedLine
    | OtherLine
)


class _Kind(Protocol):
    def from_json(self, line: Mapping[str, Any], /) -> Line | None: ...


KINDS: Mapping[str, _Kind] = {
    RunLine.kind: RunLine,
    MappingLine.kind: MappingLine,
    **dict.fromkeys(get_args(RequestKind), RequestLine),
    RowLine.kind: RowLine,
    KnownLine.kind: KnownLine,
    ExportsLine.kind: ExportsLine,
    EndLine.kind: EndLine,
    AcknowledgedLine.kind: AcknowledgedLine,
    ListLine.kind: ListLine,
    VanishedLine.kind: VanishedLine,
}
"""The class of each kind of line; `docs/results-file.md` describes them."""


def line_from_json(line: Mapping[str, Any]) -> Line:
    """Return the line for an object of the results file."""
    kind = KINDS.get(str(line.get("kind")))
    found = kind.from_json(line) if kind is not None else None
    return found if found is not None else OtherLine(at=text(line.get("at")))


def each_version(line: Line) -> Iterator[Line]:
    """
    Yield a line for each version of a row that a line is about: mostly only the line itself.

    `compact` packs the lines of many versions into one.
    """
    if isinstance(line, RowLine | KnownLine) and line.versions:
        yield from line.each()
    else:
        yield line
