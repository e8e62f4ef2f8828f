"""The marks that are kept in the index find the same records as the results file itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from unittest import mock

import anyio
import pytest

from importer.matching.hashes import Hasher, MatchHashes
from importer.writer import index_file
from importer.writer.index import match_hash_tables
from importer.writer.index.match_hash_index import HashedLine, MatchHashIndex
from importer.writer.index_file import StoredIndex, index_path
from importer.writer.lines.row_line import SentLine
from importer.writer.results import ResultsFile

HASHER = Hasher("salt")
AT = "2026-03-02T09:30:00.000Z"
Lines = list[list[HashedLine]]


@pytest.fixture(autouse=True)
def an_index_of_small_files_too() -> Iterator[None]:
    with (
        mock.patch.object(index_file, "_SMALL_BYTES", 0),
        mock.patch.object(match_hash_tables, "TAIL_BYTES", 0),
    ):
        yield


def marks_of(number: int) -> MatchHashes:
    """Return the marks of a person; three of them share each address, and ten a name."""
    fields = {"name": f"Rana Haddad {number % 10}", "email": f"r{number % 7}@example.com"}
    return HASHER.hashes("contact", fields)


def append(path: Path, numbers: range) -> None:
    lines = [
        SentLine(
            idempotency_key=f"vi1-{number:064x}",
            row=number,
            source_hash=f"{number:064x}",
            occurrence=1,
            hashes=marks_of(number).text(),
            at=AT,
        ).to_json()
        for number in numbers
    ]
    with closing(ResultsFile(path)) as results:
        anyio.run(results.append, *lines)


def find(path: Path, *, keeps_index: bool = True) -> Lines:
    with closing(MatchHashIndex(path, keeps_index=keeps_index)) as index:
        return [list(index.find(marks_of(number).findable())) for number in range(20)]


def found_without(path: Path) -> Lines:
    """Return what is found in the results file alone."""
    with mock.patch.object(StoredIndex, "read", return_value=None):
        return find(path, keeps_index=False)


def is_kept(path: Path) -> bool:
    stored = StoredIndex.read(path, ["marks"])
    return stored is not None and stored.take_table("marks") is not None


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "people.results.jsonl"
    append(path, range(20))
    return path


def test_marks_that_are_kept_find_the_same(path: Path) -> None:
    whole = found_without(path)
    assert [len(one) for one in whole] != [0] * 20

    assert find(path) == whole
    assert is_kept(path)
    with mock.patch.object(match_hash_tables, "blocks", return_value=iter([])):
        assert find(path) == whole, "nothing is read again"


@pytest.mark.parametrize("tail", [0, 1_000_000])
def test_marks_of_later_requests_are_found_with_them(path: Path, tail: int) -> None:
    find(path)
    append(path, range(20, 30))

    with mock.patch.object(match_hash_tables, "TAIL_BYTES", tail):
        assert find(path) == found_without(path)
        assert find(path) == found_without(path)


def test_marks_that_are_damaged_are_read_anew(path: Path) -> None:
    find(path)
    index = index_path(path)
    damaged = bytearray(index.read_bytes())
    damaged[len(damaged) // 2] ^= 1
    index.write_bytes(damaged)

    assert not is_kept(path)
    assert find(path) == found_without(path)
    assert is_kept(path)
