"""What a source's name stands for: files, globs, pipes, standard input."""

from __future__ import annotations

import hashlib
import io
import os
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest

from importer import read_rows
from importer.core.errors import SourceError
from importer.reader import find_sources, fingerprint


def names(*sources: object) -> list[str]:
    return [Path(file.name).name for file in find_sources(tuple(map(str, sources)))]


def make(folder: Path, *files: str) -> Path:
    for name in files:
        (folder / name).write_text("a,b\n1,2\n")
    return folder


def test_sources_keep_their_order(tmp_path: Path) -> None:
    make(tmp_path, "b.csv", "a.csv")
    assert names(tmp_path / "b.csv", tmp_path / "a.csv") == ["b.csv", "a.csv"]


def test_a_glob_is_read_in_order_of_names_without_folders(tmp_path: Path) -> None:
    make(tmp_path, "b.csv", "a.csv", "c.txt")
    (tmp_path / "old.csv").mkdir()
    assert names(tmp_path / "*.csv") == ["a.csv", "b.csv"]


def test_a_glob_skips_what_the_importer_writes(tmp_path: Path) -> None:
    make(tmp_path, "a.csv", "a.success.csv", "a.failed.csv", "a.unsent.csv", "a.results.jsonl")
    make(tmp_path, "a.results.index")
    make(tmp_path, "a.report.html")
    assert names(tmp_path / "*") == ["a.csv"]
    assert names(tmp_path / "*.results.*") == ["a.results.jsonl"]
    assert names(tmp_path / "*.failed.csv") == ["a.failed.csv"]
    assert names(tmp_path / "a.success.csv") == ["a.success.csv"]


def test_a_name_with_the_letters_of_a_glob_is_a_file_where_there_is_one(tmp_path: Path) -> None:
    make(tmp_path, "list[1].csv")
    assert names(tmp_path / "list[1].csv") == ["list[1].csv"]


@pytest.mark.parametrize("name", ["none.csv", "*.tsv"])
def test_what_is_not_there_is_said(tmp_path: Path, name: str) -> None:
    with pytest.raises(SourceError, match="no such file"):
        find_sources((str(tmp_path / name),))


def test_a_folder_stands_for_the_lists_in_it(tmp_path: Path) -> None:
    make(tmp_path, "b.csv", "a.TSV", "c.jsonl", "a.failed.csv", ".hidden.csv", "~$d.csv", "read.me")
    make(tmp_path, "a.results.index")
    make(tmp_path, "a.report.html")
    (tmp_path / "old.csv").mkdir()
    make(tmp_path / "old.csv", "z.csv")
    assert names(tmp_path) == ["a.TSV", "b.csv", "c.jsonl"]
    first, second, _ = find_sources((str(tmp_path),))
    assert first.notices == ("skipped, not list files: read.me",)
    assert second.notices == ()


def test_many_skipped_files_are_counted(tmp_path: Path) -> None:
    make(tmp_path, "a.csv", *(f"{number}.txt" for number in range(8)))
    [file] = find_sources((str(tmp_path),))
    assert file.notices[0].endswith("0.txt, 1.txt, 2.txt, 3.txt, 4.txt and 3 more")


def test_a_folder_without_lists_is_refused_with_a_hint(tmp_path: Path) -> None:
    make(tmp_path, "a.txt")
    with pytest.raises(SourceError, match="is a folder without lists") as caught:
        find_sources((str(tmp_path),))
    assert "*.txt" in str(caught.value.hint)


def test_a_folder_that_may_not_be_read_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", refuse)
    with pytest.raises(SourceError, match=r"cannot be read \(Permission denied\)"):
        find_sources((str(tmp_path),))


def test_a_file_that_may_not_be_read_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    make(tmp_path, "a.csv")
    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(SourceError, match=r"cannot be read \(Permission denied\)"):
        find_sources((str(tmp_path / "a.csv"),))


def test_standard_input_is_read_like_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    stdin = SimpleNamespace(buffer=io.BytesIO(b"a,b\n1,2\n"))
    monkeypatch.setattr("sys.stdin", stdin)
    [row] = read_rows("-")
    assert (row.source, row.line) == ("-", 2)


def test_a_named_pipe_is_read_like_a_file(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_text, args=("a,b\n1,2\n",))
    writer.start()
    [row] = read_rows(pipe)
    writer.join()
    assert (row.source, row.line) == (str(pipe), 2)


def test_a_fingerprint_is_of_all_bytes(tmp_path: Path) -> None:
    make(tmp_path, "a.csv", "b.csv")
    files = find_sources((str(tmp_path / "*.csv"),))
    digest = hashlib.sha256(b"a,b\n1,2\n" * 2).hexdigest()
    assert fingerprint(files) == (16, digest)
