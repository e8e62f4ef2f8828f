"""Mutates the corpus and holds the reader to what must be true of any bytes whatever."""

from __future__ import annotations

import argparse
import io
import json
import random
import re
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from lists.mutated import Case, mutated, seeds

from importer import ImporterError, Rejected, Row
from importer.core.settings import ReadOptions
from importer.core.shared import MAX_RAW_CHARACTERS
from importer.reader import CsvReader, Layout, batches, detect_layout, find_sources, open_source
from importer.reader.text.chunks import ChunkStream, is_bytewise

__all__ = ["examine"]

SECONDS = 10
"""What one case may take of the processor, all ways of reading it together."""

_SHRINKING = 60
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_LINE_END = re.compile(r"\r\n|\r|\n")
_SIGNS = re.compile(r"[\"'\\]")


@dataclass(frozen=True)
class Seen:
    """What became of a case: `refused` where a typed error said why it is no list."""

    rows: int = 0
    rejected: int = 0
    refused: bool = False


def examine(case: Case, folder: Path) -> Seen:
    """
    Read a case in every way there is. Raises `AssertionError` where one of these is not true.

    Only typed errors stop it. The fast way gives what the exact one gives. Rows, errors and what
    was passed over are all lines of the file. A row stands where its line number says, with
    nothing in its cells that does not stand there.
    """
    path = folder / f"case{case.suffix}"
    path.write_bytes(case.content)
    options = ReadOptions(**case.options)
    seen = Seen()
    try:
        files = find_sources((str(path),), spool=folder, options=options)
        for file in files:
            layout = detect_layout(file, options)
            with open_source(file, layout, options) as reader:
                rows = list(reader)
            assert [row.number for row in rows] == list(range(1, len(rows) + 1))
            if layout.format == "csv":
                content = file.path.read_bytes()
                _check_csv(content, layout, file.options(options), case.chunk)
            else:
                _check_order(rows)
            bad = sum(isinstance(row, Rejected) for row in rows)
            seen = Seen(rows=seen.rows + len(rows) - bad, rejected=seen.rejected + bad)
    except ImporterError as error:
        if error.exit_code != 2 or not str(error).strip():
            raise AssertionError(f"not the error of a source: {error!r}") from error
        return replace(seen, refused=True)
    return seen


def _check_order(rows: Sequence[Row | Rejected]) -> None:
    lines = [row.line for row in rows]
    assert lines == sorted(lines), "line numbers go back"


def _check_csv(content: bytes, layout: Layout, options: ReadOptions, chunk: int) -> None:
    text = content.decode(layout.encoding, "vorel-keep")
    exact = _reader(io.StringIO(text, newline=""), layout, options)
    rows = list(exact)
    if is_bytewise(layout.encoding):
        plain = content.removeprefix(b"\xef\xbb\xbf") if "sig" in layout.encoding else content
        encoding = layout.encoding.removesuffix("-sig")
        mixed = _reader(ChunkStream(io.BytesIO(plain), encoding, size=chunk), layout, options)
        found = [batch.row(n) for batch in batches(mixed) for n in range(len(batch))]
        assert found == rows, "the fast way differs from the exact one"
        assert _passed_over(mixed) == _passed_over(exact), "the two ways count differently"
        assert mixed.notices == exact.notices, "the two ways tell different things"
    lines = _LINE.findall(text)
    _check_order(rows)
    if "vorel_" not in text:
        _check_every_line_is_counted(rows, _passed_over(exact), lines)
        _check_places(rows, lines)


def _reader(stream: Any, layout: Layout, options: ReadOptions) -> CsvReader:
    reader = layout.details.open(stream, source="s", max_row_bytes=options.max_row_bytes)
    assert isinstance(reader, CsvReader)
    return reader


def _passed_over(reader: CsvReader) -> int:
    return reader.skipped.total


def _lines_of(row: Row | Rejected) -> int:
    if isinstance(row, Rejected):
        return max(1, len(_LINE.findall(row.raw)))
    return 1 + sum(len(_LINE_END.findall(str(cell))) for cell in row.values.values())


def _check_every_line_is_counted(
    rows: Sequence[Row | Rejected], passed_over: int, lines: Sequence[str]
) -> None:
    if any(isinstance(row, Rejected) and len(row.raw) >= MAX_RAW_CHARACTERS for row in rows):
        return  # its text is cut off, and its lines with it
    counted = passed_over + sum(map(_lines_of, rows))
    assert counted == len(lines), f"{counted} of {len(lines)} lines are accounted for"


def _check_places(rows: Sequence[Row | Rejected], lines: Sequence[str]) -> None:
    for row in rows:
        own = "".join(lines[row.line - 1 : row.line - 1 + _lines_of(row)])
        if isinstance(row, Rejected):
            assert own.startswith(row.raw), f"line {row.line} is not what was refused"
        else:
            bare = _SIGNS.sub("", own)
            for cell in row.values.values():
                assert _SIGNS.sub("", str(cell)) in bare, f"line {row.line} does not hold {cell!r}"


class TooSlowError(BaseException):
    """A case took longer than it may; no handler of the reader's may catch it."""


@contextmanager
def _within(seconds: float) -> Iterator[None]:
    def stop(*_: object) -> None:
        raise TooSlowError(f"more than {seconds} s")

    signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def _fault_of(case: Case) -> tuple[str, str] | None:
    """Return what a case breaks, as a name and a traceback, or None. Faults of any kind count."""
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        try:
            with _within(SECONDS):
                examine(case, Path(folder))
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001 - a panic of a library is no Exception
            frame = traceback.extract_tb(error.__traceback__)[-1]
            name = f"{type(error).__name__}-{Path(frame.filename).stem}-{frame.name}"
            return name, traceback.format_exc()
    return None


def _shrunk(case: Case, is_fault: Callable[[Case], bool]) -> Case:
    """Take pieces out of a case for as long as it keeps its fault."""
    size, end = max(len(case.content) // 2, 1), time.monotonic() + _SHRINKING
    while size and time.monotonic() < end:
        place = 0
        while place < len(case.content) and time.monotonic() < end:
            content = case.content[:place] + case.content[place + size :]
            smaller = replace(case, content=content)
            if is_fault(smaller):
                case = smaller
            else:
                place += size
        size //= 2
    return case


def _keep(case: Case, name: str, fault: str, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}{case.suffix or '.csv'}").write_bytes(case.content)
    about = {"options": case.options, "chunk": case.chunk, "fault": fault}
    (folder / f"{name}.json").write_text(json.dumps(about, indent=1), encoding="utf-8")


def main() -> int:
    """Mutate for some minutes; print what was seen. Returns 1 where something broke."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--seed", type=int, default=None, help="default: another one each time")
    parser.add_argument("--findings", type=Path, default=Path("fuzz-findings"))
    arguments = parser.parse_args()
    seed = random.randrange(2**32) if arguments.seed is None else arguments.seed
    rng, corpus, seen, faults = random.Random(seed), seeds(), Counter[str](), Counter[str]()
    end = time.monotonic() + 60 * arguments.minutes
    while time.monotonic() < end:
        case = mutated(rng, corpus)
        seen["cases"] += 1
        with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
            try:
                with _within(SECONDS):
                    became = examine(case, Path(folder))
            except KeyboardInterrupt:
                raise
            except BaseException:  # noqa: BLE001 - looked at below
                name, fault = _fault_of(case) or ("not-again", traceback.format_exc())
                faults[name] += 1
                if faults[name] == 1:
                    smaller = _shrunk(case, lambda c, n=name: (_fault_of(c) or ("",))[0] == n)  # type: ignore[misc]
                    _keep(smaller, name, fault, arguments.findings)
            else:
                seen["refused"] += became.refused
                seen["rows"] += became.rows
                seen["errors"] += became.rejected
    told = ", ".join(f"{count:,} {what}" for what, count in seen.items())
    minutes = f"{arguments.minutes:g} minutes"
    print(f"seed {seed}, {minutes}: {told}; faults: {dict(faults) or 'none'}")  # noqa: T201
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
