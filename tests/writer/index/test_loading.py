"""Loading many lines at once comes to what loading them one by one comes to."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from effort import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from stages.rows import BUSY, VALIDATION, created, match_state, record

from importer.core import keys
from importer.core.records import Send, Status
from importer.core.shared import JsonValue
from importer.report.import_status import read_status
from importer.writer import index_file
from importer.writer.index import results_scan, scanning
from importer.writer.index_file import Stamp, advance, index_path
from importer.writer.line_reader import each_version, iter_lines
from importer.writer.lines.row_line import KnownLine, ReadingLine, RowLine, pack_hashes
from importer.writer.loading import load_results
from importer.writer.outcome_index import OutcomeIndex
from importer.writer.run_timeline import read_run_timeline
from importer.writer.state.journal_state import JournalState

BEGAN = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
RUN = b'{"kind":"run","run":"0123456789ab","at":"2026-03-02T09:30:00.000Z"}\n'
NAMES = ["Rana", "رنا", "Bo", 'O"Neil', "Mona", "Omar", "Zoë"]
SOURCES = ["people.csv", "كشف.csv", 'odd"name.csv']
ODD_LINES = [
    b"",
    b"{",
    b"\xff\xfe",
    b"\0\0\0\0",
    b'{"kind":"note","at":"2026-03-02T09:30:00.000Z"}',
    b'{"kind":"row","source_hash":"12","status":"created"}',
    b'{"kind":"sent","idempotency_key":"vi1-12"}',
    b'{"kind":"run","run":"ba9876543210","at":"2026-03-02T09:30:00.000Z"}',
    b'{ "kind": "run", "run": "ba9876543211" }',
    b'{"kind":"end","run":"ba9876543210","counts":{},"at":"2026-03-02T09:30:00.000Z"}',
    b'{"kind":"acknowledged","at":"2026-03-02T09:30:00.000Z"}',
    b'{"kind":"known","source_hash":"%s","occurrence":1,"idempotency_key":"vi1-%s","row":1,'
    b'"at":"2026-03-02T09:30:00.000Z","versions":"no"}' % (b"1" * 64, b"2" * 64),
]

Rows = st.SearchStrategy[tuple[str, int, int]]
"""Draws rows: the name, which note it has, which occurrence it is."""


def send_of(name: str, note: int, occurrence: int, *, identity: bool) -> Send:
    found, source_hash = record(name, ref=f"ref {name}" if identity else None, note="note" * note)
    row_hash = keys.row_hash(found.object, found.fields)
    key = keys.row_key(found.object, row_hash, identity=found.identity)
    if name == "Bo":  # refused once: everything more is about the second attempt
        key = keys.next_key(key)
    return Send(
        record=found,
        key=key,
        row_hash=row_hash,
        source_hash=source_hash,
        occurrence=occurrence,
        unclear=False,
    )


def at_text(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


@st.composite
def histories(draw: st.DrawFn, *, identity: bool) -> bytes:
    """Draw a results file, with damage, rows of all kinds and a clock that steps."""
    at, texts, made = BEGAN, [], set[str]()
    rows = st.tuples(st.sampled_from(NAMES), st.integers(0, 2), st.sampled_from([1, 1, 1, 2]))
    for name, note, occurrence in draw(st.lists(rows, max_size=12)):
        at += timedelta(minutes=draw(st.sampled_from([0, 1, 30, 600, -600, 3000])))
        send = replace(send_of(name, note, occurrence, identity=identity))
        what = draw(
            st.sampled_from(
                [
                    *("created", "created", "created", "known", "known"),
                    *("unknown", "failed", "sent", "duplicate", "changed", "possible", "odd"),
                    "reading",
                ]
            )
        )
        if what == "odd":
            texts.append(draw(st.sampled_from(ODD_LINES)))
            continue
        if what == "reading":
            texts.append(encoded(reading_line(send, at_text(at))))
            continue
        if what != "created" and send.source_hash in made:
            continue  # a row with a record is not sent again, and not recognised as another one
        if what == "known":
            texts.append(encoded(draw(known_lines(send, rows, at_text(at), made))))
            continue
        made |= {send.source_hash} if what == "created" else set()
        is_sent = what not in {"duplicate", "changed", "possible"}
        if is_sent and draw(st.integers(0, 9)):
            texts.append(encoded(journal_sent(send, at_text(at))))
        outcome = {
            "created": created(send, f"x{len(texts)}"),
            "unknown": send.outcome(Status.UNKNOWN, error=BUSY),
            "failed": send.outcome(Status.FAILED, error=VALIDATION),
            "duplicate": send.outcome(Status.DUPLICATE, external_id="x0", duplicate_of=1),
            "changed": send.outcome(Status.CHANGED, external_id="x0", record_key=send.key),
            "possible": send.outcome(Status.POSSIBLE_DUPLICATE, external_id="x0"),
        }.get(what)
        if outcome is not None:
            outcome = replace(outcome, source=draw(st.sampled_from(SOURCES)))
            texts.append(encoded(RowLine.of(outcome, run="0123456789ab", at=at_text(at)).to_json()))
        if texts and draw(st.integers(0, 19)) == 0:
            texts.append(texts[-1])
        if texts and draw(st.integers(0, 19)) == 0:  # a form that not every reader understands
            texts[-1] = texts[-1].replace(b'"attempts":0', b'"attempts":NaN')
    ends = [draw(st.sampled_from([b"\n"] * 9 + [b"\r\n"])) for _ in texts]
    torn = draw(st.sampled_from([b"", b'{"kind":"row","run":"01']))
    return b"".join(text + end for text, end in zip(texts, ends, strict=True)) + torn


@st.composite
def known_lines(
    draw: st.DrawFn, send: Send, rows: Rows, at: str, made: Collection[str]
) -> dict[str, JsonValue]:
    """Draw the line of a row that belongs to a record of another one, some with versions of it."""
    drawn = draw(st.lists(rows, min_size=1, max_size=3))
    others = [send_of(name, note, again, identity=False) for name, note, again in drawn]
    line = KnownLine(
        source_hash=send.source_hash,
        occurrence=send.occurrence,
        idempotency_key=others[0].key,
        row=draw(st.sampled_from([1, 1, 1, None])),
        as_key=draw(st.sampled_from([None, None, None, send.key])),
        at=at,
        packed=pack_hashes(one.source_hash for one in others[1:] if one.source_hash not in made),
    )
    return line.to_json()


def reading_line(send: Send, at: str) -> dict[str, JsonValue]:
    line = ReadingLine(
        source_hash=send.source_hash,
        idempotency_key=send.key,
        row=1,
        hashes=send.hashes or "n1.",
        at=at,
    )
    return line.to_json()


def journal_sent(send: Send, at: str) -> dict[str, Any]:
    return {
        "kind": "sent",
        "idempotency_key": send.key,
        "row": 1,
        "source_hash": send.source_hash,
        "occurrence": send.occurrence,
        "at": at,
    }


def encoded(line: dict[str, Any]) -> bytes:
    return json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode()


def write_at_times(path: Path, text: bytes, data: st.DataObject) -> None:
    """Write a results file as several runs do, each of which may have kept an index of it."""
    lines = text.splitlines(keepends=True)
    path.unlink(missing_ok=True)
    path.touch()
    for end in sorted(data.draw(st.lists(st.integers(0, len(lines)), max_size=3))):
        append(path, b"".join(lines[:end])[path.stat().st_size :])
        with (
            mock.patch.object(index_file, "_SMALL_BYTES", 0),
            mock.patch.object(results_scan, "TAIL_BYTES", data.draw(st.sampled_from([0, 10_000]))),
        ):
            load_results(path, JournalState(), keeps_index=data.draw(st.booleans()))
    append(path, text[path.stat().st_size :])


def append(path: Path, text: bytes) -> None:
    """Add to a results file as a run does, which takes its index along."""
    before = Stamp.of(path.stat())
    with path.open("ab") as stream:
        stream.write(text)
    advance(index_path(path), before, Stamp.of(path.stat()))


def decisions(
    state: JournalState, rows: Sequence[tuple[str, int]], policy: dict[str, Any], *, identity: bool
) -> list[Any]:
    """Match a list with what is on record; None is a row that is known by its content."""
    people = [
        {"name": name, "ref": f"ref {name}" if identity else None, "note": "note" * note}
        for name, note in rows
    ]
    return [
        one and (one.say, one.reason, one.key, one.unclear, one.candidate and one.candidate.base)
        for one in match_state(state, *people, **policy)
    ]


@pytest.mark.parametrize("identity", [False, True])
@settings(max_examples=examples(10))
@given(data=st.data())
def test_many_lines_at_once_decide_as_one_by_one(
    identity: bool, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / "loading.jsonl"
    write_at_times(path, RUN + data.draw(histories(identity=identity)), data)
    policy = {"on_duplicate": data.draw(st.sampled_from([None, "skip", "send"]))}
    row = st.tuples(st.sampled_from(NAMES), st.integers(0, 2))
    rows = data.draw(st.lists(row, max_size=16))

    one_by_one, at_once = JournalState(), JournalState()
    lines = [line for _, _, line in iter_lines(path) if line is not None]
    one_by_one.load(one for line in lines for one in each_version(line))
    block = data.draw(st.sampled_from([1, 700, 3000, 100_000]))
    with (
        mock.patch.object(index_file, "_SMALL_BYTES", 0),
        mock.patch.object(scanning, "_BLOCK_BYTES", block),
    ):
        load_results(path, at_once)

    assert decisions(at_once, rows, policy, identity=identity) == decisions(
        one_by_one, rows, policy, identity=identity
    )
    assert at_once.history.damaged == [
        number for number, _, line in iter_lines(path) if line is None
    ]


@settings(max_examples=examples(10))
@given(data=st.data())
def test_many_lines_at_once_are_found_again_as_one_by_one(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / "finding.jsonl"
    write_at_times(path, RUN + data.draw(histories(identity=False)), data)
    row = st.tuples(st.sampled_from(NAMES), st.integers(0, 2))
    batches = data.draw(st.lists(st.lists(row, max_size=6), max_size=4))

    def outcomes(small: int) -> list[Any]:
        with mock.patch.object(index_file, "_SMALL_BYTES", small):
            index = OutcomeIndex(path)
        try:
            return [
                list(index.find([record(name, note="note" * note)[1] for name, note in batch]))
                for batch in batches
            ]
        finally:
            index.close()

    assert outcomes(0) == outcomes(1_000_000)


@settings(max_examples=examples(10))
@given(data=st.data())
def test_many_lines_at_once_tell_the_same_story_as_one_by_one(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / "story.jsonl"
    write_at_times(path, RUN + data.draw(histories(identity=False)), data)

    def story(small: int, block: int) -> list[Any]:
        with (
            mock.patch.object(index_file, "_SMALL_BYTES", small),
            mock.patch.object(scanning, "_BLOCK_BYTES", block),
        ):
            told, (status, rows) = read_run_timeline(path), read_status(path)
            left = [*rows.open_outcomes([*Status])]
        return [told.runs, told.damaged, told.size, told.sha256, left, status]

    block = data.draw(st.sampled_from([1, 700, 3000, 100_000]))
    assert story(0, block) == story(1_000_000, 100_000)


AT = at_text(BEGAN)
X, Y = (send_of(name, 1, 1, identity=False) for name in ("Mona", "Omar"))
RECORD = send_of("Rana", 1, 1, identity=False)
BESIDE = [send_of("Zoë", note, 1, identity=False) for note in range(2)]


def created_line(one: Send) -> RowLine:
    return RowLine.of(created(one, f"x{one.source_hash[:4]}"), run="0123456789ab", at=AT)


def told(one: Send, status: Status) -> RowLine:
    error = VALIDATION if status is Status.FAILED else None
    outcome = one.outcome(status, error=error, record_key=RECORD.key, external_id="x0")
    return RowLine.of(outcome, run="0123456789ab", at=AT)


def known_line(one: Send, *versions: Send) -> KnownLine:
    return KnownLine(
        source_hash=one.source_hash,
        occurrence=1,
        idempotency_key=RECORD.key,
        row=1,
        at=AT,
        packed=pack_hashes(version.source_hash for version in versions),
    )


@pytest.mark.parametrize(
    "lines",
    [
        [known_line(X)],
        [known_line(X), told(X, Status.FAILED)],
        [told(X, Status.CHANGED), known_line(X)],
        [known_line(X), told(X, Status.CHANGED)],
        [known_line(X, Y), told(X, Status.FAILED)],
        [known_line(X, Y), known_line(Y), told(X, Status.FAILED)],
        [told(X, Status.CHANGED), created_line(X)],
        [known_line(X), created_line(X)],
        [created_line(X), known_line(X)],
        [created_line(X), known_line(Y, X), known_line(Y)],
        [known_line(Y, X), created_line(X), told(Y, Status.FAILED)],
    ],
)
def test_later_lines_about_a_row_hold_in_blocks_too(
    lines: list[RowLine | KnownLine], tmp_path: Path
) -> None:
    """The lines between others are read in blocks, those at the ends are read one by one."""
    path = tmp_path / "people.results.jsonl"
    every = [created_line(BESIDE[0]), created_line(RECORD), *lines, created_line(BESIDE[1])]
    path.write_bytes(RUN + b"".join(encoded(one.to_json()) + b"\n" for one in every))

    def on_record(small: int) -> list[Any]:
        with mock.patch.object(index_file, "_SMALL_BYTES", small):
            load_results(path, state := JournalState())
            index = OutcomeIndex(path)
        versions = [state.versions(one.source_hash) for one in (X, Y, RECORD)]
        outcomes = [index.outcome((one.source_hash, 1)) for one in (X, Y, RECORD)]
        index.close()
        return [[(one.kind, one.base) for one in found] for found in versions] + outcomes

    assert on_record(0) == on_record(1_000_000)
