"""A disk that tells what was synced from what was only written, and may forget the latter."""

from __future__ import annotations

import errno
import json
import os
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from importer.core import keys

__all__ = ["Died", "Disk"]


class Died(BaseException):
    """Raised in a process that is dead: nothing it does has an effect any more."""


@dataclass(slots=True)
class _File:
    """
    What a file holds beyond what was synced.

    `synced` counts the bytes that are safe, `pending` are those written behind them, `cut` what
    a truncation took off that may come back. `named` tells whether its folder was synced.
    """

    synced: int = 0
    pending: bytearray = field(default_factory=bytearray)
    cut: bytes = b""
    named: bool = False
    unnamed: list[bytes] = field(default_factory=list)


class Disk:
    """
    Stands in for `os` where the results file is written.

    The files are real ones, so that any code may read them; each operation may be the last one
    of the process, and after a power cut the files hold what a real disk might hold.
    """

    def __init__(self, chance: random.Random, on_death: Callable[[], None]) -> None:
        self._chance = chance
        self._on_death = on_death
        self._files: dict[str, _File] = {}
        self._open: dict[int, str] = {}
        self._operations = 0
        self._die_at: int | None = None
        self._full_at: int | None = None
        self.dead = False
        self.sent: set[str] = set()
        self.created: dict[str, str] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(os, name)

    # What a run does

    def start(self, *, die_at: int | None, full_at: int | None) -> None:
        """Begin a run that dies in operation `die_at`, or finds the disk full from `full_at`."""
        self._operations, self._die_at, self._full_at = 0, die_at, full_at
        self.dead = False

    def open(self, path: str | Path, flags: int, mode: int = 0o777) -> int:
        self._check()
        is_new = not Path(path).exists()
        descriptor = os.open(path, flags, mode)
        self._open[descriptor] = str(path)
        if is_new:
            self._files[str(path)] = _File()
        return descriptor

    def close(self, descriptor: int) -> None:
        self._open.pop(descriptor, None)
        os.close(descriptor)

    def write(self, descriptor: int, data: bytes | memoryview) -> int:
        taken = memoryview(data)
        dies = self._step()
        if dies or self._is_full():
            taken = taken[: int(self._chance.random() * (len(taken) + 1))]
        os.write(descriptor, taken)
        self._files[self._open[descriptor]].pending += taken
        if dies:
            self._die()
        if len(taken) < len(data) or self._is_full():
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return len(taken)

    def ftruncate(self, descriptor: int, size: int) -> None:
        dies = self._step()
        if not dies or self._chance.random() < 0.5:
            path = self._open[descriptor]
            file = self._files[path]
            file.cut = Path(path).read_bytes()[size : file.synced] + file.cut
            del file.pending[max(0, size - file.synced) :]
            file.synced = min(file.synced, size)
            os.ftruncate(descriptor, size)
        if dies:
            self._die()

    def fsync(self, descriptor: int) -> None:
        dies = self._step()
        if not dies and self._is_full():
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        if not dies or self._chance.random() < 0.5:
            path = self._open[descriptor]
            if path in self._files:
                self._sync(self._files[path])
            else:
                self._name(path)
        if dies:
            self._die()

    def _sync(self, file: _File) -> None:
        file.synced += len(file.pending)
        file.unnamed.append(bytes(file.pending))
        file.pending.clear()
        file.cut = b""
        self._note(file)

    def _name(self, folder: str) -> None:
        for path, file in self._files.items():
            if os.path.dirname(path) == folder:  # noqa: PTH120 - called for every run
                file.named = True
                self._note(file)

    def _note(self, file: _File) -> None:
        """Keep in mind which keys are on record for good."""
        if not file.named:
            return
        for line in b"".join(file.unnamed).split(b"\n"):
            try:
                content = json.loads(line)
            except ValueError:
                continue  # part of a line, or what was left of one
            if content["kind"] == "sent":
                self.sent.add(content["idempotency_key"])
            elif content.get("status") == "created":
                self.created[keys.key_base(content["idempotency_key"])] = content["source_hash"]
        file.unnamed.clear()

    def _check(self) -> None:
        if self.dead:
            raise Died

    def _step(self) -> bool:
        """Count an operation. Returns True where the process dies in it."""
        self._check()
        self._operations += 1
        return self._operations == self._die_at

    def _is_full(self) -> bool:
        return self._full_at is not None and self._operations >= self._full_at

    def _die(self) -> None:
        self._on_death()
        raise Died

    # What is left of it

    def cut_power(self) -> None:
        """Leave of each file what was synced, and of the rest what chance leaves."""
        for path, file in list(self._files.items()):
            is_there = Path(path).exists()  # a run that did not begin takes its empty file away
            if not is_there or (not file.named and self._chance.random() < 0.5):
                Path(path).unlink(missing_ok=True)
                del self._files[path]
                continue
            content = Path(path).read_bytes()
            kept = self._survivors(content[file.synced :])
            if file.cut and self._chance.random() < 0.5:
                kept = file.cut
            Path(path).write_bytes(content[: file.synced] + kept)
            # What came back from the disk is on it.
            self._files[path] = _File(synced=file.synced + len(kept), named=True)
            self._files[path].unnamed = [*file.unnamed, kept]
            self._note(self._files[path])

    def _survivors(self, unsynced: bytes) -> bytes:
        """Lose the end at any byte; now and then a stretch reads as zeros, as after ext4's."""
        kept = unsynced[: int(self._chance.random() * (len(unsynced) + 1))]
        fate = self._chance.random()
        if fate < 0.2:
            return b""
        if fate < 0.4:
            return unsynced
        if fate < 0.6:
            hole = int(self._chance.random() * (len(kept) + 1))
            return kept[:hole] + b"\0" * (len(kept) - hole)
        return kept
