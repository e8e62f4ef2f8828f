"""A results file stays readable as it was, whatever takes its name."""

from __future__ import annotations

from pathlib import Path

import pytest

from importer.core import systems
from importer.core.errors import ResultsError
from importer.writer.index.file_snapshot import FileSnapshot


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "list.results.jsonl"
    found.write_bytes(b"first\n" + b"x" * 10_000 + b"\nlast")
    return found


def replace(path: Path) -> None:
    other = path.with_name("other")
    other.write_bytes(b"other\n")
    other.replace(path)


def test_it_is_read_as_it_was(path: Path) -> None:
    snapshot = FileSnapshot(path)
    for _ in range(2):
        assert snapshot.line_at(0) == b"first\n"
        assert snapshot.line_at(6) == b"x" * 10_000 + b"\n"
        assert snapshot.line_at(10_007) == b"last"
        with snapshot.open() as stream:
            assert stream.readline() == b"first\n"
        replace(path)
    assert not snapshot.has_the_name()
    path.unlink()
    assert not snapshot.has_the_name()


def test_where_an_open_file_cannot_be_replaced_another_one_is_noticed(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(systems.current), "replaces_open_files", False)
    snapshot = FileSnapshot(path)
    assert snapshot.line_at(0) == b"first\n"
    replace(path)
    with pytest.raises(ResultsError, match="was replaced while it was read"):
        snapshot.line_at(0)
