"""Opening a results file: one owner, whole after any crash, every whole line kept."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from importer.core.errors import ResultsError
from importer.core.systems import process_identity
from importer.writer import results as results_module
from importer.writer.line_reader import iter_lines, parse_line, read_lines
from importer.writer.lines.line import ResultLine
from importer.writer.results import ResultsFile

LINES: list[dict[str, Any]] = [
    {"kind": "run", "run": "r1", "pid": 4711, "host": "h"},
    {"kind": "sent", "row": 1, "note": "ليلى"},
    {"kind": "row", "row": 1, "text": 'a "b"\n\u2028'},
]


def encoded(*lines: dict[str, Any]) -> bytes:
    return b"".join(json.dumps(line, ensure_ascii=False).encode() + b"\n" for line in lines)


def objects(path: Path) -> list[dict[str, Any]]:
    """Return the complete lines that are not damaged, as objects."""
    data = path.read_bytes()
    found = [parse_line(data[at:].split(b"\n")[0]) for _, at, _ in iter_lines(path)]
    return [one for one in found if one is not None]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "list.results.jsonl"


@pytest.fixture
def results(path: Path) -> Iterator[ResultsFile]:
    file = ResultsFile(path)
    yield file
    file.close()


def reopen(path: Path) -> Path | None:
    """Open, repair and close. Returns where a torn line was put."""
    file = ResultsFile(path)
    file.close()
    return file.torn


def test_a_second_process_is_refused_and_told_who_runs(path: Path) -> None:
    path.write_bytes(encoded({"kind": "run", **process_identity()}))
    file = ResultsFile(path)
    code = (
        "import sys; from pathlib import Path; from importer.writer.results import ResultsFile\n"
        "from importer.core.errors import ResultsError\n"
        "try: ResultsFile(Path(sys.argv[1]))\n"
        "except ResultsError as error: print(error)"
    )
    command = [sys.executable, "-c", code, str(path)]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    file.close()
    assert f"in use by another run (process {os.getpid()} on " in told


def test_a_holder_that_has_written_nothing_has_just_started(
    path: Path, results: ResultsFile
) -> None:
    with pytest.raises(ResultsError, match="just started"):
        ResultsFile(path)
    assert results.torn is None


def test_the_lock_ends_with_the_file(path: Path) -> None:
    ResultsFile(path).close()

    again = ResultsFile(path)
    with pytest.raises(ResultsError, match="in use"):
        ResultsFile(path)
    again.close()


def test_a_file_system_without_locks_is_refused(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", refuse)
    with pytest.raises(ResultsError, match="cannot be locked") as caught:
        ResultsFile(path)
    assert "--results" in str(caught.value.hint)


def test_a_place_that_cannot_be_opened_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ResultsError, match="cannot be opened"):
        ResultsFile(tmp_path / "no" / "results.jsonl")


def test_a_missing_file_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(ResultsError, match="cannot be read"):
        list(read_lines(tmp_path / "none.jsonl", ResultLine))


def test_a_new_file_is_synced_into_its_folder(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[Path] = []
    monkeypatch.setattr(results_module, "sync_folder", synced.append)
    ResultsFile(path).close()
    path.write_bytes(encoded(LINES[0]))
    ResultsFile(path).close()
    assert synced == [path.parent]


def test_a_new_file_behind_a_link_is_synced_into_its_own_folder_too(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[Path] = []
    monkeypatch.setattr(results_module, "sync_folder", synced.append)
    real = path.parent / "kept" / "r.jsonl"
    real.parent.mkdir()
    path.symlink_to(real)
    ResultsFile(path).close()
    assert sorted(synced) == [path.parent, real.parent]
    assert path.is_symlink(), "a run that did not begin leaves the link"
    assert not real.exists()


def test_every_truncation_opens_and_loses_no_whole_line(path: Path) -> None:
    whole = encoded(*LINES)
    for end in range(1, len(whole) + 1):
        path.write_bytes(whole[:end])
        torn = reopen(path)
        kept = path.read_bytes()
        lines = objects(path)
        assert lines == LINES[: len(lines)]
        assert len(lines) >= whole[:end].count(b"\n")
        assert kept == encoded(*lines)
        if torn is not None:
            assert whole[:end] == kept + torn.read_bytes()
            torn.unlink()
        else:
            assert whole[:end] in {kept, kept[:-1]}


def test_a_whole_last_line_gets_its_end(path: Path) -> None:
    path.write_bytes(encoded(*LINES)[:-1])
    assert reopen(path) is None
    assert path.read_bytes() == encoded(*LINES)


def test_a_torn_line_is_kept_aside_under_a_new_name(path: Path) -> None:
    names = []
    for _ in range(2):
        path.write_bytes(encoded(LINES[0]) + b'{"kind": "ro')
        torn = reopen(path)
        assert torn is not None
        assert torn.read_bytes() == b'{"kind": "ro'
        assert stat.S_IMODE(torn.stat().st_mode) == 0o600
        names.append(torn.name)
    assert names == [f"{path.name}.torn-1", f"{path.name}.torn-2"]


@pytest.mark.parametrize("zeros", [1, 4096, 3 * 1024 * 1024])
def test_zeros_at_the_end_are_cut_off(path: Path, zeros: int) -> None:
    path.write_bytes(encoded(*LINES) + b"\0" * zeros)
    torn = reopen(path)
    assert torn is not None
    assert torn.stat().st_size == zeros
    assert objects(path) == LINES


@pytest.mark.parametrize(
    "damage",
    [b"oops", b"\0\0", b"\xff", b"[1]", b"null", b'{"row": 1}', b'{"kind": 5}', b"[" * 99_999],
)
def test_a_damaged_line_is_passed_over(path: Path, damage: bytes) -> None:
    path.write_bytes(encoded(LINES[0]) + damage + b"\n\n" + encoded(LINES[1]))
    assert [(n, line is None) for n, _, line in iter_lines(path)] == [
        (1, False),
        (2, True),
        (4, False),
    ]
    assert objects(path) == LINES[:2]


def test_a_torn_last_line_is_not_read_while_another_process_writes_it(path: Path) -> None:
    path.write_bytes(encoded(*LINES)[:-2])
    assert objects(path) == LINES[:2]


def test_offsets_lead_back_to_the_lines(path: Path) -> None:
    path.write_bytes(encoded(*LINES))
    data = path.read_bytes()
    assert [json.loads(data[at:].split(b"\n")[0]) for _, at, _ in iter_lines(path)] == LINES


def test_a_repair_that_the_disk_does_not_take_is_said(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    whole = encoded(LINES[0]) + b'{"kind"'
    path.write_bytes(whole)
    monkeypatch.setattr(results_module, "_write_all", full)
    with pytest.raises(ResultsError, match="No space left"):
        ResultsFile(path)
    assert path.read_bytes() == whole
    assert [*path.parent.iterdir()] == [path], "no empty file is left of each attempt"
    monkeypatch.undo()
    reopen(path)


@pytest.mark.parametrize(
    "content",
    [
        b"first_name,email\nRana,r@example.com\n",
        b'{"name": "Rana"}\n',
        b'{"kind": "mistake"}\n',
        b"\n",
        b"kind",
        b"[1]\n",
    ],
)
def test_a_file_that_holds_something_else_is_refused_and_left_as_it_is(
    tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(content)
    with pytest.raises(ResultsError, match="is not a results file"):
        ResultsFile(path)
    assert path.read_bytes() == content


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\0" * 20,
        b'{"kin',
        b'{"kind":"run","run":"0\0\0\0',
        b'{"kind": "run"}\n',
        b'{"kiXd":"run"}\n{"kind":"end"}\n',
    ],
)
def test_one_that_is_empty_or_was_damaged_is_gone_on_with(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "list.results.jsonl"
    path.write_bytes(content)
    ResultsFile(path).close()
