"""
The lines of the results file: one class for each kind of line, to JSON and back.

Lines are read leniently, since files outlive versions: names that are not known are ignored, what
earlier versions did not write is None, and a line of which nothing can be concluded is an
`OtherLine`. They are written in one exact form, which `importer.writer.index.scanning` recognises
by its bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, ClassVar, Literal, Protocol, Self, get_args

from importer import keys
from importer.records import Outcome, RowError, Send, Status
from importer.shared import JsonValue
from importer.writer.standing import Standing

__all__ = [
    "KINDS",
    "EndLine",
    "ExportsLine",
    "ExportsRecord",
    "FileRecord",
    "Line",
    "OtherLine",
    "RequestKind",
    "RequestLine",
    "RowLine",
    "RunLine",
    "SourceRecord",
    "line_from_json",
]

RequestKind = Literal["sent", "refused", "unsent"]
_ERROR_NAMES = tuple(field.name for field in fields(RowError))


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRecord:
    """
    The sources of a run together: their names, size and hash, and how many rows they have.

    With `is_about` the rows of a large file were estimated. With `is_derived` they are derived
    files of an import, and not the list itself.
    """

    name: str | None
    bytes: int | None
    sha256: str | None
    rows: int | None
    is_about: bool = False
    is_derived: bool = False

    def to_json(self) -> dict[str, JsonValue]:
        """Return the value of `source` in a `run` line."""
        values: dict[str, JsonValue] = {
            "name": self.name,
            "bytes": self.bytes,
            "sha256": self.sha256,
            "rows": self.rows,
        }
        values |= {"is_about": True} if self.is_about else {}
        return values | ({"is_derived": True} if self.is_derived else {})

    @classmethod
    def from_json(cls, value: object) -> Self | None:
        """Return the sources of a `run` line, or None where it does not name them."""
        if not isinstance(value, Mapping):
            return None
        return cls(
            name=_text(value.get("name")),
            bytes=_integer(value.get("bytes")),
            sha256=_text(value.get("sha256")),
            rows=_integer(value.get("rows")),
            is_about=value.get("is_about") is True,
            is_derived=value.get("is_derived") is True,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RunLine:
    """A run begins. A later run compares itself with it; it holds no secret."""

    kind: ClassVar[str] = "run"
    run: str | None
    at: str | None
    version: str | None
    object: str | None
    base_url: str | None
    source: SourceRecord | None
    mapping_sha256: str | None
    api_key_sha256_8: str | None
    settings: Mapping[str, JsonValue] = field(default_factory=dict)
    pid: int | None = None
    host: str | None = None

    def to_json(self) -> dict[str, JsonValue]:
        """Return the line as it is written."""
        return {
            "kind": self.kind,
            "run": self.run,
            "at": self.at,
            "version": self.version,
            "object": self.object,
            "base_url": self.base_url,
            "source": self.source.to_json() if self.source else None,
            "mapping_sha256": self.mapping_sha256,
            "api_key_sha256_8": self.api_key_sha256_8,
            "settings": self.settings,
            "pid": self.pid,
            "host": self.host,
        }

    @classmethod
    def from_json(cls, line: Mapping[str, Any]) -> Self:
        """Return the line; what it lacks is None."""
        settings = line.get("settings")
        return cls(
            run=_text(line.get("run")),
            at=_text(line.get("at")),
            version=_text(line.get("version")),
            object=_text(line.get("object")),
            base_url=_text(line.get("base_url")),
            source=SourceRecord.from_json(line.get("source")),
            mapping_sha256=_text(line.get("mapping_sha256")),
            api_key_sha256_8=_text(line.get("api_key_sha256_8")),
            settings=settings if isinstance(settings, Mapping) else {},
            pid=_integer(line.get("pid")),
            host=_text(line.get("host")),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestLine:
    """
    A request with this key is about to leave (`sent`), or what is known of it without an outcome.

    `refused`: no request with the key created anything, or ever will, for a reason that has
    nothing to do with the row; its next request takes the next key. `unsent`: none of them was
    taken, and the run stopped; the row is as it was before them.
    """

    kind: RequestKind
    idempotency_key: str
    row: int | None = None
    source_hash: str = ""
    occurrence: int | None = None
    at: str | None = None

    @classmethod
    def of(cls, kind: RequestKind, send: Send, at: str) -> Self:
        """Return the line about a row's request."""
        return cls(
            kind=kind,
            idempotency_key=send.key,
            row=send.record.row.number,
            source_hash=send.source_hash,
            occurrence=send.occurrence,
            at=at,
        )

    def to_json(self) -> dict[str, JsonValue]:
        """Return the line as it is written."""
        return {
            "kind": self.kind,
            "idempotency_key": self.idempotency_key,
            "row": self.row,
            "source_hash": self.source_hash,
            "occurrence": self.occurrence,
            "at": self.at,
        }

    @classmethod
    def from_json(cls, line: Mapping[str, Any]) -> Self | None:
        """Return the line, or None where its key is not one of this importer's."""
        key = line.get("idempotency_key")
        if not keys.is_key(key):
            return None
        return cls(
            kind=line["kind"],
            idempotency_key=key,
            row=_integer(line.get("row")),
            source_hash=_text(line.get("source_hash")) or "",
            occurrence=_integer(line.get("occurrence")),
            at=_text(line.get("at")),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RowLine:
    """What became of a row in a run."""

    kind: ClassVar[str] = "row"
    outcome: Outcome
    run: str | None
    at: str | None

    def to_json(self) -> dict[str, JsonValue]:
        """Return the line as it is written."""
        outcome = self.outcome
        line: dict[str, JsonValue] = {
            "kind": self.kind,
            "run": self.run,
            "source": outcome.source,
            "row": outcome.number,
            "line": outcome.line,
            "source_hash": outcome.source_hash,
            "occurrence": outcome.occurrence,
            "row_hash": outcome.row_hash,
            "idempotency_key": outcome.idempotency_key,
            "status": outcome.status.value,
            "external_id": outcome.external_id,
            "record_url": outcome.record_url,
            "error": asdict(outcome.error) if outcome.error else None,
            "attempts": outcome.attempts,
            "at": self.at,
        }
        if outcome.status in {Status.DUPLICATE, Status.CHANGED}:
            line |= {"duplicate_of": outcome.duplicate_of, "differs": outcome.differs}
        if outcome.left_out:
            line |= {"left_out": list(outcome.left_out)}
        return line

    @classmethod
    def from_json(cls, line: Mapping[str, Any]) -> Self | None:
        """Return the line, or None where it lacks what the lines of every version have."""
        try:
            outcome = _outcome(line)
        except (KeyError, TypeError, ValueError, OverflowError):
            return None
        return cls(outcome=outcome, run=_text(line.get("run")), at=_text(line.get("at")))


def _outcome(line: Mapping[str, Any]) -> Outcome:
    error = line.get("error")
    return Outcome(
        number=int(line["row"]),
        line=int(line["line"]),
        source=str(line["source"]),
        source_hash=str(line["source_hash"]),
        occurrence=int(line["occurrence"]),
        status=Status(line["status"]),
        row_hash=line.get("row_hash"),
        idempotency_key=_text(line.get("idempotency_key")),
        external_id=line.get("external_id"),
        record_url=line.get("record_url"),
        error=RowError(**{name: error[name] for name in _ERROR_NAMES if name in error})
        if error
        else None,
        attempts=int(line.get("attempts", 0)),
        duplicate_of=line.get("duplicate_of"),
        differs=line.get("differs"),
        left_out=tuple(map(str, line.get("left_out", ()))),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRecord:
    """What the importer has written to a derived file: its SHA-256 in hex, and its size."""

    sha256: str
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportsLine:
    """
    Derived files, by name, are about to get their places beside the results file.

    By it a later run knows that a file is the importer's, and whether somebody has edited it.
    """

    kind: ClassVar[str] = "exports"
    run: str | None
    at: str | None
    files: Mapping[str, FileRecord]

    def to_json(self) -> dict[str, JsonValue]:
        """Return the line as it is written."""
        files: dict[str, JsonValue] = {
            name: {"sha256": one.sha256, "bytes": one.bytes} for name, one in self.files.items()
        }
        return {"kind": self.kind, "run": self.run, "at": self.at, "files": files}

    @classmethod
    def from_json(cls, line: Mapping[str, Any]) -> Self | None:
        """Return the line, or None where it names no files."""
        try:
            files = {
                str(name): FileRecord(sha256=str(one["sha256"]), bytes=int(one["bytes"]))
                for name, one in line["files"].items()
            }
        except (KeyError, TypeError, ValueError, OverflowError, AttributeError):
            return None
        return cls(run=_text(line.get("run")), at=_text(line.get("at")), files=files)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportsRecord:
    """
    The derived files that a run left.

    `made_of` is a hash of what decides their content, `rows` how many rows are in each, `files`
    the name, the size in bytes and the time of change in nanoseconds of each, both by kind.
    `standing` is where the list stood whose rows are in them.
    """

    made_of: str
    rows: Mapping[str, int]
    files: Mapping[str, tuple[str, int, int]]
    standing: Standing | None = None

    def to_json(self) -> dict[str, JsonValue]:
        """Return the value of `exports` in an `end` line."""
        return {
            "made_of": self.made_of,
            "rows": dict(self.rows),
            "files": {kind: list(found) for kind, found in self.files.items()},
        }

    @classmethod
    def from_json(cls, value: object, standing: Standing | None = None) -> Self | None:
        """Return the record, or None where the files have to be written anew."""
        if not isinstance(value, Mapping):
            return None
        try:
            return cls(
                made_of=str(value["made_of"]),
                rows={str(name): int(count) for name, count in value["rows"].items()},
                files={
                    str(kind): (str(name), int(size), int(changed))
                    for kind, (name, size, changed) in value["files"].items()
                },
                standing=standing,
            )
        except (KeyError, TypeError, ValueError, OverflowError, AttributeError):
            return None


@dataclass(frozen=True, slots=True, kw_only=True)
class EndLine:
    """
    A run ended: `read` is `before` + the sum of `counts` + `unsent`.

    `rows` are those of the source, None where not all were read. `left` have no outcome.
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
    stopped: str | None = None
    exports: ExportsRecord | None = None

    def to_json(self) -> dict[str, JsonValue]:
        """Return the line as it is written."""
        standing = self.exports.standing if self.exports else None
        return {
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
            **(standing.to_json() if standing else {"list": None, "problems": None}),
        }

    @classmethod
    def from_json(cls, line: Mapping[str, Any]) -> Self:
        """Return the line; what it lacks is None."""
        counts = line.get("counts")
        if not isinstance(counts, Mapping):
            counts = {}
        return cls(
            run=_text(line.get("run")),
            at=_text(line.get("at")),
            exit_code=_integer(line.get("exit_code")),
            read=_integer(line.get("read")),
            rows=_integer(line.get("rows")),
            before=_integer(line.get("before")),
            unsent=_integer(line.get("unsent")),
            left=_integer(line.get("left")),
            counts={name: count for name, count in counts.items() if isinstance(count, int)},
            requests=_integer(line.get("requests")),
            stopped=_text(line.get("stopped")),
            exports=ExportsRecord.from_json(line.get("exports"), Standing.from_json(line)),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherLine:
    """A line of another version's kind, or without what its kind needs: only its time counts."""

    at: str | None


Line = RunLine | RequestLine | RowLine | ExportsLine | EndLine | OtherLine


class _Kind(Protocol):
    def from_json(self, line: Mapping[str, Any], /) -> Line | None: ...


KINDS: Mapping[str, _Kind] = {
    RunLine.kind: RunLine,
    **dict.fromkeys(get_args(RequestKind), RequestLine),
    RowLine.kind: RowLine,
    ExportsLine.kind: ExportsLine,
    EndLine.kind: EndLine,
}
"""What reads each kind of line; `docs/results-file.md` describes them all."""


def line_from_json(line: Mapping[str, Any]) -> Line:
    """Return the line that an object in the results file is."""
    kind = KINDS.get(str(line.get("kind")))
    found = kind.from_json(line) if kind is not None else None
    return found if found is not None else OtherLine(at=_text(line.get("at")))


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _integer(value: object) -> int | None:
    return value if isinstance(value, int) else None
