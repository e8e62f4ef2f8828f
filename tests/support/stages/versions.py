"""Lines of a results file about versions of rows, and how they are written and read."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from importer.core.locale.message import Message
from importer.core.records import Origin, Outcome, RowError, Status
from importer.writer.lines.row_line import KnownLine, RowLine
from importer.writer.lines.run_line import RunLine

__all__ = [
    "AT",
    "CHANGED",
    "HASHES",
    "KEYS",
    "MAPPINGS",
    "NIGHTS",
    "add",
    "known",
    "read",
    "row",
    "run_line",
    "write",
]

AT = "2026-03-02T09:30:00.000Z"
HASHES = [hashlib.sha256(bytes([n])).hexdigest() for n in range(24)]
KEYS = [f"vi1-{hashlib.sha256(bytes([100 + n])).hexdigest()}" for n in range(3)]
MAPPINGS = ["aa", "bb"]
CHANGED = RowError(
    code="changed", origin=Origin.MAPPER, message=Message("created before"), hint=Message("h")
)


def run_line(number: int, mapping: str = "aa") -> RunLine:
    return RunLine(
        run=f"run {number}",
        at=AT,
        version="1",
        object="contact",
        base_url="https://app.vorel.ai",
        source=None,
        mapping_sha256=mapping,
        api_key_sha256_8="01234567",
        settings={},
        pid=None,
        host=None,
        salt="ab",
    )


def known(which: int, key: int = 0, occurrence: int = 1) -> KnownLine:
    return KnownLine(
        source_hash=HASHES[which],
        occurrence=occurrence,
        idempotency_key=KEYS[key],
        row=which,
        at=AT,
    )


def row(which: int, key: int = 0, status: Status = Status.CHANGED, **more: Any) -> RowLine:
    outcome = Outcome(
        number=which + 1,
        line=which + 2,
        source="people.csv",
        source_hash=HASHES[which],
        occurrence=1,
        status=status,
        row_hash="cd",
        idempotency_key=KEYS[key],
        external_id=f"id{key}",
        record_url=None,
        error=None if status is Status.CREATED else CHANGED,
        attempts=1 if status is Status.CREATED else 0,
    )
    return RowLine.of(replace(outcome, **more), run="r", at=AT)


def write(path: Path, *lines: Any) -> Path:
    path.write_text("", encoding="utf-8")
    return add(path, *lines)


def add(path: Path, *lines: Any) -> Path:
    with path.open("a", encoding="utf-8") as stream:
        for line in lines:
            print(json.dumps(line.to_json(), separators=(",", ":")), file=stream)
    return path


def read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(text) for text in path.read_bytes().splitlines()]


NIGHTS = (
    run_line(0),
    row(0, 0, Status.CREATED),
    row(1, 1, Status.CREATED),
    run_line(1),
    known(2, 0),
    row(3, 1),
    run_line(2),
    known(4, 0),
    row(5, 1),
    run_line(3),
    known(6, 0),
    row(7, 1),
)
