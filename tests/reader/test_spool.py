"""Temporary folders do not outlive their processes for long."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
import tempfile
from pathlib import Path

import pytest

from importer.core import systems
from importer.reader.spool import spool_folder


@pytest.fixture(autouse=True)
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def die_with_a_folder(place: str) -> None:
    tempfile.tempdir = place
    with spool_folder() as folder:
        (folder / "list").write_text("a row")
        os.kill(os.getpid(), signal.SIGKILL)


def test_a_folder_is_gone_at_the_end(folders: Path) -> None:
    with spool_folder() as folder:
        (folder / "list").write_text("a row")
        assert folder.parent == folders

    assert list(folders.iterdir()) == []


def test_the_folder_of_a_killed_process_is_removed_by_the_next_one(folders: Path) -> None:
    killed = multiprocessing.get_context("spawn").Process(
        target=die_with_a_folder, args=(str(folders),)
    )
    killed.start()
    killed.join()
    assert killed.exitcode == -signal.SIGKILL
    [left] = folders.iterdir()

    with spool_folder() as folder:
        assert folder != left
        assert not left.exists()


def test_a_process_looks_for_left_folders_once(folders: Path) -> None:
    """It runs hundreds of jobs, each with a folder that would be looked at for each job."""
    with spool_folder():
        pass
    left = folders / "vorel-import-left"
    left.mkdir()
    (left / ".lock").touch()

    with spool_folder():
        assert left.exists()


def test_a_folder_in_use_is_left_alone() -> None:
    with spool_folder() as mine, spool_folder() as other:
        assert mine.exists()
        assert other.exists()


@pytest.mark.parametrize("is_removed", [True, False])
def test_a_new_folder_that_another_process_takes_for_a_left_one_is_made_again(
    folders: Path, monkeypatch: pytest.MonkeyPatch, *, is_removed: bool
) -> None:
    """Between the creation of its lock file and the lock, that process has the lock."""
    lock = systems.current.lock
    others: list[int] = []

    def late_lock(fd: int, path: Path) -> int:
        if not others:
            others.append(os.open(path, os.O_RDWR))
            lock(others[0], path)
            if is_removed:
                shutil.rmtree(path.parent)
                os.close(others[0])
        return lock(fd, path)

    monkeypatch.setattr(systems.current, "lock", late_lock)
    with spool_folder() as folder:
        assert (folder / ".lock").exists()
        assert [*folders.iterdir()] == [folder]
    if not is_removed:
        os.close(others[0])


def test_what_may_be_somebody_elses_is_left_alone(folders: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / ".lock").touch()
    (folders / "vorel-import-link").symlink_to(mine)
    (folders / "vorel-import-notes").mkdir()
    (folders / "vorel-import-file").touch()

    with spool_folder():
        pass

    assert (mine / ".lock").exists()
    assert (folders / "vorel-import-link").is_symlink()
    assert (folders / "vorel-import-notes").exists()
    assert (folders / "vorel-import-file").exists()
