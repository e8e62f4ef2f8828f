"""Lines about many versions of a row are packed into one, and all that they say is still there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from effort import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs
from stages.versions import (
    AT,
    HASHES,
    KEYS,
    MAPPINGS,
    NIGHTS,
    add,
    known,
    read,
    row,
    run_line,
    write,
)

from importer.core.records import Status
from importer.report.import_status import read_status
from importer.writer import index_file
from importer.writer.line_reader import iter_lines, line_from_json
from importer.writer.lines.row_line import (
    REQUESTS,
    KnownLine,
    RequestLine,
    RowLine,
    SentLine,
    pack_hashes,
    versions_in,
)
from importer.writer.lines.run_line import AcknowledgedLine
from importer.writer.loading import scan_results
from importer.writer.outcome_index import OutcomeIndex
from importer.writer.rewriting.compaction import compact, superseded_bytes
from importer.writer.state.journal_state import JournalState


def on_record(path: Path, decides: str | None) -> JournalState:
    found = JournalState(decides=decides)
    scanned = scan_results(path)
    found.take(scanned.created, scanned.known)
    for _, offset, line in scanned.lines:
        if line is not None:
            found.note(line, offset)
    return found


def outcomes(path: Path) -> Iterator[tuple[Any, ...]]:
    """Yield what each row came to; where it was in the list of its run does not count."""
    index = OutcomeIndex(path)
    for one in HASHES:
        for occurrence in (1, 2):
            found = index.outcome((one, occurrence))
            if found is not None:
                found = replace(found, number=0, line=0, duplicate_of=None)
            yield one, occurrence, found
    index.close()


def left_open(path: Path) -> list[tuple[Any, ...]]:
    _, rows = read_status(path)
    return sorted((*one.where, one.status) for one in rows.open_outcomes([*Status]))


def versions(state: JournalState) -> dict[tuple[str, int], tuple[Any, ...]]:
    return {
        where: (one.kind, one.base, one.key, one.row_hash, one.hashes)
        for where, one in state._rows().items()
    }


def decides_the_same(before: Path, after: Path) -> None:
    texts = [None, *{run_line(0, mapping).decides for mapping in MAPPINGS}]
    for decides in texts:
        was, is_now = on_record(before, decides), on_record(after, decides)
        assert was.says_the_same(is_now)
        assert versions(was) == versions(is_now)
    assert [*outcomes(before)] == [*outcomes(after)]
    assert left_open(before) == left_open(after)


def packed(path: Path) -> dict[str, int]:
    """Return how many versions are packed into lines of each kind."""
    return {
        kind: sum(
            len(versions_in(line)) - 1
            for line in map(line_from_json, read(path))
            if isinstance(line, KnownLine | RowLine)
            if line.kind == kind
        )
        for kind in ("known", "row")
    }


def test_versions_of_one_record_are_one_line_which_is_the_last(tmp_path: Path) -> None:
    path = write(tmp_path / "a.results.jsonl", *NIGHTS)
    before = write(tmp_path / "b.results.jsonl", *NIGHTS)
    spare = superseded_bytes(path)

    done = compact(path)

    assert (done.lines, done.packed) == (0, 4)
    assert done.before - done.after == spare > 0
    assert packed(path) == {"known": 2, "row": 2}
    assert read(path)[-2:] == [
        structs.replace(known(6), packed=pack_hashes([HASHES[2], HASHES[4]])).to_json(),
        structs.replace(row(7, 1), packed=pack_hashes([HASHES[3], HASHES[5]])).to_json(),
    ]
    decides_the_same(before, path)
    assert compact(path).after == done.after
    assert superseded_bytes(path) == 0


def test_later_versions_are_packed_into_the_same_line(tmp_path: Path) -> None:
    path = write(tmp_path / "a.results.jsonl", *NIGHTS[:9])
    compact(path)
    add(path, *NIGHTS[9:])
    compact(path)
    at_once = write(tmp_path / "b.results.jsonl", *NIGHTS)
    compact(at_once)
    assert path.read_bytes() == at_once.read_bytes()


@pytest.mark.parametrize(
    "between",
    [
        known(2, 1),
        known(2, 0, occurrence=2),
        row(2, 1, Status.CREATED, row_hash="ef"),
        row(2, 1),
        SentLine(idempotency_key=KEYS[2], row=None, source_hash=HASHES[2], occurrence=None, at=AT),
    ],
    ids=lambda line: f"{line.kind} {getattr(line, 'occurrence', '')}",
)
def test_a_version_that_another_line_is_about_stays_where_it_is(
    tmp_path: Path, between: KnownLine | RowLine | RequestLine
) -> None:
    lines = (*NIGHTS[:5], between, *NIGHTS[6:9:2], known(6, 0))
    path = write(tmp_path / "a.results.jsonl", *lines)
    before = write(tmp_path / "b.results.jsonl", *lines)
    compact(path)
    assert HASHES[2] in [line.get("source_hash") for line in read(path)]
    decides_the_same(before, path)


def test_changes_that_a_person_has_seen_are_not_moved_to_those_after_it(tmp_path: Path) -> None:
    lines = (*NIGHTS[:9], AcknowledgedLine(at=AT), *NIGHTS[9:])
    path = write(tmp_path / "a.results.jsonl", *lines)
    before = write(tmp_path / "b.results.jsonl", *lines)
    compact(path)
    assert packed(path) == {"known": 2, "row": 1}
    decides_the_same(before, path)


def test_versions_that_are_decided_about_anew_leave_their_packed_line(tmp_path: Path) -> None:
    path = write(tmp_path / "a.results.jsonl", *NIGHTS)
    compact(path)
    later: tuple[Any, ...] = (
        run_line(4),
        row(5, 2, Status.CREATED, row_hash="ef"),
        row(3, 1, row_hash="01"),
    )
    add(path, *later)
    before = write(tmp_path / "b.results.jsonl", *NIGHTS, *later)
    decides_the_same(before, path)
    compact(path)
    decides_the_same(before, path)
    assert packed(path) == {"known": 2, "row": 2}, "there is nothing to gain"
    later += (run_line(5), row(2, 1), known(1, 0))
    before = write(tmp_path / "b.results.jsonl", *NIGHTS, *later)
    add(path, *later[3:])
    compact(path)
    decides_the_same(before, path)
    assert packed(path) == {"known": 1, "row": 2}


def test_versions_of_a_row_that_repeats_another_are_packed(tmp_path: Path) -> None:
    of_list = [row(n, 0, Status.DUPLICATE, duplicate_of=n, error=None) for n in range(2, 6)]
    of_file = row(6, 0, Status.DUPLICATE, error=None, source="people.failed.csv")
    path = write(tmp_path / "a.results.jsonl", *NIGHTS[:3], *of_list, of_file)
    before = write(tmp_path / "b.results.jsonl", *NIGHTS[:3], *of_list, of_file)
    compact(path)
    assert packed(path) == {"known": 0, "row": 3}
    decides_the_same(before, path)


VERSIONS = st.one_of(
    st.builds(known, st.integers(0, 23), st.integers(0, 2)),
    st.builds(row, st.integers(0, 23), st.integers(0, 2)),
)
LINES = st.one_of(
    VERSIONS,
    VERSIONS,
    st.builds(known, st.integers(0, 23), st.integers(0, 2), st.sampled_from([1, 1, 1, 1, 2])),
    st.builds(row, st.integers(0, 23), st.integers(0, 2), row_hash=st.sampled_from(["cd", "ef"])),
    st.builds(
        row,
        st.integers(0, 23),
        st.integers(0, 1),
        st.just(Status.DUPLICATE),
        source=st.sampled_from(["people.csv", "people.csv", "people.failed.csv"]),
        external_id=st.sampled_from(["id0", "id0", None]),
        duplicate_of=st.integers(1, 9),
    ),
    st.builds(row, st.integers(0, 2), st.just(0), st.just(Status.CREATED)),
    st.builds(run_line, st.integers(1, 9), st.sampled_from(MAPPINGS)),
    st.builds(
        lambda as_key, hashes, line: structs.replace(line, as_key=as_key, hashes=hashes),
        st.sampled_from([None, *KEYS[:2]]),
        st.sampled_from([None, "n1.", "n2."]),
        st.builds(known, st.integers(0, 23), st.integers(0, 1)),
    ),
    st.builds(
        row,
        st.integers(0, 23),
        st.integers(0, 1),
        st.sampled_from([Status.CHANGED, Status.POSSIBLE_DUPLICATE]),
        record_key=st.sampled_from([None, *KEYS[:2]]),
        columns=st.sampled_from([(), ("Note",)]),
        hashes=st.sampled_from([None, "n1.", "n2."]),
    ),
    st.just(AcknowledgedLine(at=AT)),
    st.builds(
        AcknowledgedLine,
        at=st.just(AT),
        same=st.lists(st.tuples(st.sampled_from(HASHES), st.just(1)), min_size=1).map(tuple),
        new=st.lists(st.tuples(st.sampled_from(HASHES), st.just(1)), max_size=2).map(tuple),
    ),
    st.builds(
        lambda kind, **line: REQUESTS[kind](**line),
        kind=st.sampled_from(["sent", "unsent"]),
        idempotency_key=st.sampled_from(KEYS),
        source_hash=st.sampled_from(HASHES),
        row=st.just(1),
        occurrence=st.just(1),
        at=st.just(AT),
    ),
)


@settings(max_examples=examples(10), deadline=None)
@given(
    parts=st.lists(st.lists(LINES, min_size=1, max_size=20), min_size=1, max_size=3),
    is_small=st.booleans(),
)
def test_what_a_file_says_stays_however_often_it_is_packed(
    tmp_path_factory: pytest.TempPathFactory, parts: list[list[Any]], is_small: bool
) -> None:
    folder = tmp_path_factory.mktemp("packed")
    begun = NIGHTS[:3]
    path = write(folder / "a.results.jsonl", *begun)
    whole = [*begun]
    with mock.patch.object(index_file, "_SMALL_BYTES", 256 * 1024 if is_small else 0):
        for part in parts:
            whole += part
            add(path, *part)
            before = write(folder / "b.results.jsonl", *whole)
            compact(path)
            assert compact(path).packed == 0
            decides_the_same(before, path)


def test_lines_that_compare_with_other_records_or_in_other_hashes_are_not_merged(
    tmp_path: Path,
) -> None:
    maybe = Status.POSSIBLE_DUPLICATE
    lines = (
        row(3, 1, maybe, record_key=KEYS[0], hashes="n1."),
        row(5, 1, maybe, record_key=KEYS[1], hashes="n1."),
        row(7, 1, maybe, record_key=KEYS[1], hashes="n2."),
        row(9, 1, maybe, record_key=KEYS[1], hashes="n2.", columns=("Note",)),
        structs.replace(known(11), as_key=KEYS[1], hashes="n1."),
        structs.replace(known(13), as_key=KEYS[1], hashes="n2."),
        known(15),
    )
    path = write(tmp_path / "a.results.jsonl", *NIGHTS[:3], *lines)
    before = write(tmp_path / "b.results.jsonl", *NIGHTS[:3], *lines)

    assert compact(path).packed == 0
    decides_the_same(before, path)

    add(path, row(17, 1, maybe, record_key=KEYS[1], hashes="n2.", columns=("Note",)))
    assert compact(path).packed == 1


def test_what_was_decided_stays(tmp_path: Path) -> None:
    maybe = Status.POSSIBLE_DUPLICATE
    decided = AcknowledgedLine(at=AT, same=((HASHES[3], 1),), new=((HASHES[5], 1),))
    lines = (row(3, 1, maybe), row(5, 1, maybe), decided, row(7, 1, maybe), run_line(4))
    path = write(tmp_path / "a.results.jsonl", *NIGHTS[:3], *lines, *NIGHTS[3:])
    before = write(tmp_path / "b.results.jsonl", *NIGHTS[:3], *lines, *NIGHTS[3:])

    compact(path)

    assert decided in map(line_from_json, read(path))
    decides_the_same(before, path)


def test_lines_of_other_programs_are_packed_as_they_are_read(tmp_path: Path) -> None:
    """Only the form differs, and a line that stays is not written anew."""
    path = tmp_path / "a.results.jsonl"
    path.write_text("".join(json.dumps(one.to_json(), indent=None) + "\n" for one in NIGHTS))
    first = path.read_bytes().splitlines()[0]
    compact(path)
    assert path.read_bytes().splitlines()[0] == first
    assert packed(path) == {"known": 2, "row": 2}
    assert len([*iter_lines(path)]) == len(NIGHTS) - 4
