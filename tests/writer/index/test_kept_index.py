"""The index beside a results file saves reading it, and never decides anything."""

from __future__ import annotations

import os
import random
import stat
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from unittest import mock

import anyio
import pytest
from stages.rows import created, record

from importer.core import keys
from importer.core.records import Send
from importer.matching.content import ContentMatcher
from importer.writer import index_file
from importer.writer.index import results_scan
from importer.writer.index.results_scan import ResultsScan, scan_file
from importer.writer.index_file import StoredIndex, index_path
from importer.writer.lines.row_line import RowLine
from importer.writer.loading import load_results
from importer.writer.results import ResultsFile
from importer.writer.state.journal_state import JournalState

AT = "2026-03-02T09:30:00.000Z"
ROWS = 40


@pytest.fixture(autouse=True)
def an_index_of_small_files_too() -> Any:
    with mock.patch.object(index_file, "_SMALL_BYTES", 0):
        yield


def rows(numbers: Sequence[int]) -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = []
    for number in numbers:
        one, source_hash = record(f"Person {number}")
        row_hash = keys.row_hash(one.object, one.fields)
        key = keys.row_key(one.object, row_hash)
        send = Send(
            record=one,
            key=key,
            row_hash=row_hash,
            source_hash=source_hash,
            occurrence=1,
            unclear=False,
        )
        sent = {"kind": "sent", "idempotency_key": key, "row": number}
        lines.append({**sent, "source_hash": source_hash, "occurrence": 1, "at": AT})
        lines.append(RowLine.of(created(send, f"x{number}"), run="r", at=AT).to_json())
    return lines


def append(path: Path, numbers: Sequence[int]) -> None:
    """Add created rows as a run does."""
    results = ResultsFile(path)
    try:
        anyio.run(results.append, *rows(numbers))
    finally:
        results.close()


def load(path: Path) -> JournalState:
    """Load a results file as a run does."""
    state = JournalState()
    results = ResultsFile(path)
    try:
        load_results(path, state, keeps_index=True)
    finally:
        results.close()
    return state


@pytest.fixture(autouse=True)
def nothing_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read each index from its file, like another process."""
    monkeypatch.setattr(results_scan, "remember", lambda *_: None)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A results file with its index."""
    path = tmp_path / "people.results.jsonl"
    append(path, range(ROWS))
    load(path)
    return path


def is_used(path: Path) -> bool:
    return ResultsScan.stored(path) is not None


def holds(path: Path, numbers: Sequence[int]) -> bool:
    content = ContentMatcher(load(path))
    hashes = [line["source_hash"] for line in rows(numbers) if line["kind"] == "row"]
    return content.see(hashes) == [] and content.finish() == []


def test_it_lies_beside_the_results_and_only_its_owner_can_read_it(path: Path) -> None:
    index = index_path(path)

    assert index.name == "people.results.index"
    assert stat.S_IMODE(index.stat().st_mode) == 0o600
    assert sorted(one.name for one in path.parent.iterdir()) == [index.name, path.name]


def touched(path: Path) -> None:
    os.utime(path)


def grown_by_somebody(path: Path) -> None:
    with path.open("ab") as stream:
        stream.write(b"{}\n")


def edited_in_place(path: Path) -> None:
    """Take one row out of the results, and leave their length as it was."""
    text = path.read_bytes()
    hash_ = rows([7])[1]["source_hash"].encode()
    assert text.count(hash_) == 2
    with path.open("r+b") as stream:
        stream.write(text.replace(hash_, hash_[::-1]))


def replaced_by_a_copy(path: Path) -> None:
    copy = path.with_name("copy")
    copy.write_bytes(path.read_bytes())
    copy.replace(path)


def cut(path: Path) -> None:
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:-2]))


@pytest.mark.parametrize(
    "change", [touched, grown_by_somebody, edited_in_place, replaced_by_a_copy, cut]
)
def test_a_results_file_that_somebody_else_wrote_to_is_read_whole(
    path: Path, change: Callable[[Path], None]
) -> None:
    change(path)
    assert not is_used(path)

    own, whole = (scan_file(path, uses_index=uses_index) for uses_index in (True, False))

    assert bytes(own.digests) == bytes(whole.digests)
    assert own.places().equals(whole.places())
    load(path)
    assert is_used(path), "it is written anew"


def test_a_row_that_was_taken_out_of_the_results_is_sent_again(path: Path) -> None:
    edited_in_place(path)

    assert holds(path, [6, 8])
    assert not holds(path, [7])


def test_a_change_before_the_next_line_of_a_run_is_seen_too(path: Path) -> None:
    edited_in_place(path)
    append(path, [50])

    assert not is_used(path)
    assert not holds(path, [7])


def test_what_is_damaged_in_any_place_is_not_used(path: Path) -> None:
    index, whole = index_path(path), index_path(path).read_bytes()
    chance = random.Random(7)
    places = {0, len(whole) - 1, *(chance.randrange(len(whole)) for _ in range(300))}
    for place in places:
        damaged = bytearray(whole)
        damaged[place] ^= 1 << chance.randrange(8)
        index.write_bytes(damaged)

        stored = StoredIndex.read(path, ("digests", *results_scan._TABLES))
        assert stored is None, f"byte {place} of {len(whole)}"


def damaged(index: Path, name: str) -> None:
    """Change a byte in the middle of a section."""
    whole = bytearray(index.read_bytes())
    with index.open("rb") as stream:
        begin, size, _ = index_file._footer(stream)["sections"][name]
    whole[begin + size // 2] ^= 1
    index.write_bytes(whole)


@pytest.mark.parametrize("name", ["digests", *results_scan._TABLES])
def test_what_is_damaged_is_found_in_the_results(path: Path, name: str) -> None:
    moved = [*reversed(range(ROWS))]
    damaged(index_path(path), name)
    assert not is_used(path)

    content = ContentMatcher(load(path))

    lines = [line for line in rows(moved) if line["kind"] == "row"]
    assert content.see([line["source_hash"] for line in lines]) == []
    assert content.see(["0" * 64]) == [0]


def test_one_that_was_cut_anywhere_is_not_used(path: Path) -> None:
    index, whole = index_path(path), index_path(path).read_bytes()
    for size in (0, 1, 20, 30, 56, 57, 100, len(whole) // 2, len(whole) - 37, len(whole) - 1):
        index.write_bytes(whole[:size])

        assert not is_used(path), size
        assert holds(path, range(ROWS))


def test_that_of_another_results_file_is_not_used(path: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.jsonl"
    append(other, [*range(10), *range(60, 90)])
    load(other)
    index_path(other).replace(index_path(path))

    assert not is_used(path)
    assert holds(path, range(ROWS))


def test_that_of_another_version_of_the_hashing_is_not_used(path: Path) -> None:
    with mock.patch("importer.writer.index_file.made_by", return_value="another"):
        assert not is_used(path)


def test_what_a_killed_run_was_writing_is_cleared_away(path: Path) -> None:
    left = path.with_name(".people.results.index-abc.tmp")
    left.write_bytes(b"half")
    append(path, [50])

    load(path)

    assert not left.exists()


@pytest.mark.parametrize("what", ["a file", "a link", "a folder"])
def test_a_file_that_is_no_index_is_left_alone(path: Path, tmp_path: Path, what: str) -> None:
    index, elsewhere = index_path(path), tmp_path / "mine.txt"
    index.unlink()
    elsewhere.write_text("mine")
    if what == "a file":
        index.write_text("mine")
    elif what == "a link":
        index.symlink_to(elsewhere)
    else:
        index.mkdir()

    assert holds(path, range(ROWS))
    append(path, [50])
    assert holds(path, [*range(ROWS), 50])

    assert elsewhere.read_text() == "mine"
    assert index.is_dir() if what == "a folder" else index.read_text() == "mine"


@pytest.mark.parametrize("left", [b"", bytes(100)], ids=["empty", "zeros"])
def test_one_of_which_a_power_cut_left_nothing_is_written_again(path: Path, left: bytes) -> None:
    index_path(path).write_bytes(left)
    append(path, [50])

    assert holds(path, [*range(ROWS), 50])

    assert index_path(path).stat().st_size > len(left)


def test_a_full_disk_costs_the_index_alone(path: Path) -> None:
    append(path, [50])
    full = OSError(28, "No space left on device")
    with mock.patch.object(index_file, "_copy_others", side_effect=full):
        state = load(path)
    assert ContentMatcher(state).see([rows([50])[1]["source_hash"]]) == []

    assert sorted(one.name for one in path.parent.iterdir()) == [index_path(path).name, path.name]
    assert holds(path, [*range(ROWS), 50])


def test_a_results_file_that_is_set_aside_has_none(path: Path) -> None:
    ResultsFile(path).set_aside()

    assert not index_path(path).exists()


def test_whoever_does_not_hold_the_lock_only_reads_it(path: Path) -> None:
    index_path(path).unlink()

    load_results(path, JournalState())

    assert not index_path(path).exists()
