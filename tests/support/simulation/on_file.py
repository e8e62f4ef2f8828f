"""Reads a results file as a script would read it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from importer.core import keys

__all__ = [
    "Row",
    "created_on_record",
    "is_left_to_people",
    "last_of_equal_rows",
    "open_requests",
    "read_lines",
    "reported_versions",
    "row_of",
]

Row = tuple[str, int]
"""A source hash, and the number of the row among those that have it."""


def read_lines(results: Path) -> tuple[list[dict[str, Any]], int]:
    """
    Return the whole lines, and how many are damaged by something else than a disk's zeros.

    The last one may be torn; it may also lack no more than its end of line.
    """
    lines, damaged = [], 0
    texts = results.read_bytes().split(b"\n")
    for number, text in enumerate(texts, start=1):
        try:
            lines.append(json.loads(text))
        except ValueError:
            damaged += b"\0" not in text and number < len(texts)
    return lines, damaged


def row_of(line: Mapping[str, Any]) -> Row:
    """Return the row that a line is about."""
    return line["source_hash"], line["occurrence"]


def is_left_to_people(line: Mapping[str, Any]) -> bool:
    """Return whether a row is not sent, since a request for it had no clear answer."""
    return bool(line["status"] == "unknown" and line["error"]["code"] == "unclear")


def created_on_record(results: Path) -> set[str]:
    """Return the keys of the rows that a results file, if there is one, says are created."""
    return set(_created(read_lines(results)[0])) if results.exists() else set()


def reported_versions(results: Path) -> list[dict[str, Any]]:
    """Return the lines of rows that were held back as versions of a row that has a record."""
    lines = read_lines(results)[0] if results.exists() else []
    return [
        line
        for line in lines
        if line.get("status") in {"changed", "possible_duplicate"} and line["external_id"]
    ]


def open_requests(results: Path) -> set[str]:
    """Return the keys of requests that may have left, without a clear answer in a results file."""
    found: set[str] = set()
    for line in read_lines(results)[0] if results.exists() else ():
        key = line.get("idempotency_key") or ""
        if line["kind"] == "sent":
            found.add(key)
        elif line["kind"] in {"refused", "unsent"} or line.get("status") in {"created", "failed"}:
            found.discard(key)
    return found


def last_of_equal_rows(results: Path) -> dict[str, list[dict[str, Any]]]:
    """
    Return the last lines of equal rows, by their source hash.

    A row that has the record of another one is `known`. Rows that are done come first, and then
    those that stay duplicates: equal rows stand for each other, and one that is left of two is the
    one that was created.
    """
    lines = read_lines(results)[0]
    created = _created(lines)
    last: dict[Row, dict[str, Any]] = {}
    decides: object = None
    for line in lines:
        if line["kind"] == "run":
            deciding = (line["settings"].get(name) for name in ("on_duplicate", "namespace"))
            decides = [line["mapping_sha256"], *deciding]
        elif line["kind"] == "row":
            last[row_of(line)] = {**line, "decides": decides}
        elif line["kind"] == "known":
            last[row_of(line)] = {**created[line["idempotency_key"]], "status": "known"}
    found: dict[str, list[dict[str, Any]]] = {}
    for (source_hash, _), line in sorted(last.items()):
        found.setdefault(source_hash, []).append(line)
    for equal in found.values():
        equal.sort(key=lambda line: _counts_last(line, decides))
    return found


def _created(lines: Iterable[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    return {
        keys.key_base(line["idempotency_key"]): line
        for line in lines
        if line.get("status") == "created"
    }


def _counts_last(line: Mapping[str, Any], decides: object) -> int:
    if line["status"] in {"created", "known"}:
        return 0
    is_duplicate = line["status"] == "duplicate" and line["external_id"] is not None
    return 1 if is_duplicate and line["decides"] == decides else 2
