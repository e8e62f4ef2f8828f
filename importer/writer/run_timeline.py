"""Reads the runs of an import from its results file: when they sent what, and the outcomes."""

from __future__ import annotations

from bisect import bisect
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from importer.core.records import Status
from importer.core.systems.contents import PrefixDigest
from importer.writer.index.results_scan import ResultsScan, scan_file
from importer.writer.index.scanning import MINUTE, blocks
from importer.writer.index_file import is_small
from importer.writer.line_reader import Line, read_line, reading, refuse_other_file
from importer.writer.lines.row_line import RequestLine, RowLine
from importer.writer.lines.run_line import EndLine, ExportsLine, MappingLine, RunLine


@dataclass(slots=True)
class RunPart:
    """
    The requests and outcomes of one run, by the minute.

    `sent` counts the requests, and `outcomes` the rows by status. A minute is a text in UTC, such
    as `2026-11-25T18:05`. Requests at an unknown time are left out.
    """

    run: RunLine
    end: EndLine | None = None
    sent: Counter[str] = field(default_factory=Counter)
    outcomes: dict[str, Counter[str]] = field(default_factory=dict)

    @property
    def is_derived(self) -> bool:
        """Whether it was about a derived file, such as corrections, and not about the list."""
        return bool(self.run.source and self.run.source.is_derived)

    @property
    def minutes(self) -> list[str]:
        """The minutes with requests or outcomes, in order."""
        return sorted(
            {*self.sent, *(minute for found in self.outcomes.values() for minute in found)}
        )

    def add(self, status: str | None, minute: str, count: int = 1) -> None:
        """Count outcomes with this status, or requests if that is None."""
        if status is not None:
            self.outcomes.setdefault(status, Counter())[minute] += count
        elif minute:
            self.sent[minute] += count


@dataclass(slots=True)
class RunTimeline:
    """
    The runs of a results file, with the counts of their rows and requests.

    `size` and `sha256` are those of the bytes that were read. `files` has the SHA-256 of each
    derived file on record, by name, the latest last. `damaged` counts lines that cannot be read.
    """

    runs: list[RunPart] = field(default_factory=list)
    mapping: MappingLine | None = None
    files: dict[str, list[str]] = field(default_factory=dict)
    size: int = 0
    sha256: str = ""
    damaged: int = 0
    _begun: list[int] = field(default_factory=list)

    def note(self, line: Line, offset: int) -> None:
        """Take in the next line; rows and requests before the first run do not count."""
        match line:
            case RunLine():
                self.runs.append(RunPart(line))
                self._begun.append(offset)
            case MappingLine():
                self.mapping = line
            case ExportsLine():
                for name, one in line.files.items():
                    self.files.setdefault(name, []).append(one.sha256)
            case EndLine() if self.runs:
                self.runs[-1].end = line
            case RowLine() if self.runs:
                self.runs[-1].add(line.status.value, (line.at or "")[:MINUTE])
            case RequestLine(kind="sent") if self.runs:
                self.runs[-1].add(None, (line.at or "")[:MINUTE])

    def add_created(self, lines: ResultsScan) -> None:
        """Count the created rows and the requests that were read in blocks."""
        for offset, kind, minute, count in lines.minutes.iter_rows():
            if run := bisect(self._begun, offset):
                status = None if kind == "sent" else Status.CREATED.value
                self.runs[run - 1].add(status, minute, count)


def read_run_timeline(path: Path, digest: PrefixDigest | None = None) -> RunTimeline:
    """
    Read a results file without locking it; a torn last line is left out.

    It uses the index of the file, and reads lines in the usual form by the block. A `digest` that
    was begun before saves time. Raises `ResultsError` if the file cannot be read, or is no results
    file.
    """
    found = RunTimeline()
    with reading(path):
        refuse_other_file(path)
        lines = None if is_small(path) else scan_file(path)
        with path.open("rb") as stream:
            if lines is None or lines.has_repeats:
                for offset, block in blocks(stream):
                    _take(found, _lines_of(block, offset))
                    found.size = offset + len(block)
            else:
                _take(found, _lines_at(stream, lines.others["offset"].unique().sort()))
                found.add_created(lines)
                found.size = lines.size
        found.sha256 = (digest or PrefixDigest(path)).of_first(found.size)
    return found


def _lines_of(block: bytes, offset: int) -> Iterator[tuple[int, bytes]]:
    """Yield the lines of a block with their offsets; it begins at `offset`."""
    for text in block.split(b"\n")[:-1]:
        yield offset, text
        offset += len(text) + 1


def _lines_at(stream: BinaryIO, offsets: Iterable[int]) -> Iterator[tuple[int, bytes]]:
    for offset in offsets:
        stream.seek(offset)
        yield offset, stream.readline()


def _take(found: RunTimeline, texts: Iterable[tuple[int, bytes]]) -> None:
    """Take in lines with their offsets, in their order."""
    for offset, text in texts:
        line = read_line(text)
        if line is not None:
            found.note(line, offset)
        else:
            found.damaged += bool(text.strip())
