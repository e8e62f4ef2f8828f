"""The simulated disk keeps what was synced and nothing else for sure."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from simulation.disk import Died, Disk

WRITE = os.O_RDWR | os.O_CREAT | os.O_APPEND


def lived(folder: Path, seed: int, life: Callable[[Disk, int], None]) -> bytes | None:
    """Return what a power cut leaves of a file after `life` with it; None for no file."""
    path = folder / f"file-{seed}"
    disk = Disk(random.Random(seed), lambda: None)
    disk.start(die_at=None, full_at=None)
    descriptor = disk.open(path, WRITE)
    life(disk, descriptor)
    disk.close(descriptor)
    disk.cut_power()
    return path.read_bytes() if path.exists() else None


def name_folder(disk: Disk, folder: Path) -> None:
    descriptor = disk.open(folder, os.O_RDONLY)
    disk.fsync(descriptor)
    disk.close(descriptor)


def test_synced_bytes_stay_and_others_are_lost_torn_or_zeroed(tmp_path: Path) -> None:
    def life(disk: Disk, descriptor: int) -> None:
        name_folder(disk, tmp_path)
        disk.write(descriptor, b"safe\n")
        disk.fsync(descriptor)
        disk.write(descriptor, b"abcd\n")

    left = {lived(tmp_path, seed, life) for seed in range(200)}

    assert None not in left
    tails = {content.removeprefix(b"safe\n") for content in left if content}
    assert {b"", b"a", b"abcd\n"} <= tails
    assert any(tail.startswith(b"a") and tail.endswith(b"\0") for tail in tails)
    assert all(len(tail) <= 5 for tail in tails)


def test_a_file_in_a_folder_that_was_not_synced_may_be_gone(tmp_path: Path) -> None:
    def life(disk: Disk, descriptor: int) -> None:
        disk.write(descriptor, b"safe\n")
        disk.fsync(descriptor)

    assert {lived(tmp_path, seed, life) for seed in range(50)} == {None, b"safe\n"}


def test_what_was_cut_off_may_come_back_until_the_next_sync(tmp_path: Path) -> None:
    def life(disk: Disk, descriptor: int) -> None:
        name_folder(disk, tmp_path)
        disk.write(descriptor, b"safe\ntorn")
        disk.fsync(descriptor)
        disk.ftruncate(descriptor, 5)

    assert {lived(tmp_path, seed, life) for seed in range(50)} == {b"safe\n", b"safe\ntorn"}


def test_a_key_is_on_record_once_line_and_folder_are_synced(tmp_path: Path) -> None:
    disk = Disk(random.Random(1), lambda: None)
    disk.start(die_at=None, full_at=None)
    descriptor = disk.open(tmp_path / "file", WRITE)
    disk.write(descriptor, b'{"kind":"sent","idempotency_key":"k1"}\n')
    assert disk.sent == set()
    disk.fsync(descriptor)
    assert disk.sent == set()
    name_folder(disk, tmp_path)
    assert disk.sent == {"k1"}
    disk.close(descriptor)


def test_a_process_dies_in_the_operation_it_is_told_to(tmp_path: Path) -> None:
    deaths: list[str] = []
    disk = Disk(random.Random(3), lambda: deaths.append("died"))
    disk.start(die_at=2, full_at=None)
    descriptor = disk.open(tmp_path / "file", WRITE)
    disk.write(descriptor, b"one\n")
    with pytest.raises(Died):
        disk.write(descriptor, b"two\n")
    disk.close(descriptor)

    assert deaths == ["died"]
    assert (tmp_path / "file").read_bytes() in {b"one\n" + b"two\n"[:n] for n in range(5)}


def test_a_full_disk_takes_a_part_and_says_so(tmp_path: Path) -> None:
    disk = Disk(random.Random(1), lambda: None)
    disk.start(die_at=None, full_at=2)
    descriptor = disk.open(tmp_path / "file", WRITE)
    disk.write(descriptor, b"one\n")
    with pytest.raises(OSError, match="No space"):
        disk.write(descriptor, b"two\n")
    with pytest.raises(OSError, match="Input/output"):
        disk.fsync(descriptor)
    disk.close(descriptor)
