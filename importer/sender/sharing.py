"""Shares one key's requests among the runs on this host, through a small locked file."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import os
import secrets
import socket
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

from pydantic import SecretStr

from importer.clock import NANOSECONDS

__all__ = ["MAX_SHARED_RATE", "SharedPace", "open_shared", "state_folder"]

MAX_SHARED_RATE = 6000
"""Requests a minute above which a run goes alone: no key has them, and locking costs time."""

_WINDOW_NS = 60 * NANOSECONDS
_TOGETHER_NS = NANOSECONDS // 4  # two runs' ways to the server differ by more than one's own
_GRACE_NS = 75 * NANOSECONDS // 1000
_WAITS_NS = 2 * NANOSECONDS
_CATCH_UP_NS = NANOSECONDS
_BUSY_NS = NANOSECONDS // 500
_PATIENCE_NS = 2 * NANOSECONDS
_RUNS = 16
_MAGIC = b"vipace01"
_HEAD = struct.Struct("<8sqq")  # magic, requests so far, when the next may leave
_RUN = struct.Struct("<qqqq")
_INSTANT = struct.Struct("<q")
_TOP = _HEAD.size + _RUNS * _RUN.size


def state_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """Return where this user's runs meet (XDG base directories, `XDG_STATE_HOME`)."""
    home = Path(environ.get("XDG_STATE_HOME", ""))
    base = home if home.is_absolute() else Path.home() / ".local" / "state"
    return base / "vorel-import"


def open_shared(
    base_url: str,
    api_key: SecretStr,
    rate: int,
    pace: Literal["spread", "burst"],
    *,
    on_trouble: Callable[[str], None],
) -> SharedPace | None:
    """
    Join the runs on this host that use the same key, or return None and say why not.

    The file's name is a hash of host, service and key: the key is not to be had from it.
    """
    if rate > MAX_SHARED_RATE:
        return None
    name = f"{socket.gethostname()}\n{base_url}\n{api_key.get_secret_value()}"
    digest = hashlib.sha256(name.encode()).hexdigest()[:32]
    try:
        folder = state_folder()
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        fd = os.open(folder / f"{digest}.pace", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except (OSError, RuntimeError) as error:
        on_trouble(_alone(str(error)))
        return None
    return SharedPace(fd, rate, spread=pace == "spread", on_trouble=on_trouble)


def _alone(reason: str) -> str:
    return (
        f"other runs on this computer cannot be told of this one's requests ({reason}); "
        "if there are any with the same key, give each a part of the --rate"
    )


class _Run(NamedTuple):
    """A run's own line in the file: `wants` is since when it has been waiting, or 0."""

    token: int
    rate: int
    sent: int
    wants: int

    def is_sane(self, now: int) -> bool:
        return max(self.sent, self.wants) <= now and 0 <= self.rate <= MAX_SHARED_RATE


@dataclass(slots=True)
class _Table:
    count: int
    next: int
    others: list[_Run]


class SharedPace:
    """
    One run's part in a file that counts the requests of all runs with the same key.

    Of any 60 s all runs together use no more than the highest rate of those that are at work; each
    keeps its own rate besides. The file is a ring of the instants requests left at: one may leave
    once the one `rate` places before it is a minute old. With an even pace the run that has waited
    longest is next. The file is held for some microseconds a
    request, by a lock that dies with the process; a run that dies leaves nothing behind but
    instants that grow old. Instants are those of the system's monotonic clock, the same for all
    processes; one from the future is from before a restart, and the file starts anew.
    """

    def __init__(
        self, fd: int, rate: int, *, spread: bool, on_trouble: Callable[[str], None]
    ) -> None:
        self._fd = fd
        self._rate = rate
        self._spread = spread
        self._token = secrets.randbits(62) + 1
        self._on_trouble = on_trouble
        self._sent = self._wants = 0
        self._busy_since: int | None = None
        self._full_until = 0

    def claim(self, now: int) -> int:
        """Charge a request and return `now`, or return when to ask again."""
        if self._fd < 0:
            return now
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            return self._wait_for_lock(now, error)
        self._busy_since = None
        try:
            return self._charge(now)
        except OSError as error:
            return self._give_up(now, error.strerror or str(error))
        finally:
            self._unlock()

    def _wait_for_lock(self, now: int, error: OSError) -> int:
        """Ask again soon; who holds a lock for seconds has been stopped."""
        if error.errno not in {errno.EAGAIN, errno.EACCES}:
            return self._give_up(now, error.strerror or str(error))
        since = self._busy_since = self._busy_since or now
        if now - since > _PATIENCE_NS:
            return self._give_up(now, "another process holds the file")
        return now + _BUSY_NS

    def _give_up(self, now: int, reason: str) -> int:
        self.close()
        self._on_trouble(_alone(reason))
        return now

    def _charge(self, now: int) -> int:
        """Read the file, decide, and write what changed. Raises `OSError`."""
        table = self._read(now)
        rate = max([self._rate, *(run.rate for run in table.others)])
        earliest = self._earliest(table, rate, now)
        if earliest > now:
            if table.others:
                self._wants = self._wants or now
                self._write(table)
            return earliest
        self._wants, self._sent = 0, now
        os.pwrite(self._fd, _INSTANT.pack(now), _place(table.count))
        table.count += 1
        table.next = max(table.next, now - _CATCH_UP_NS) + _WINDOW_NS // rate
        self._write(table)
        return now

    def _earliest(self, table: _Table, rate: int, now: int) -> int:
        slot = table.next if self._spread else 0
        if table.count >= rate:
            hold = _WINDOW_NS + (_TOGETHER_NS if table.others else 0)
            self._full_until = self._instant(table.count - rate) + hold
            slot = max(slot, self._full_until)
        if self._spread and any(self._is_before_me(run, now) for run in table.others):
            slot += min(_GRACE_NS, _WINDOW_NS // rate // 4)
        return max(slot, now)

    def _is_before_me(self, run: _Run, now: int) -> bool:
        """Tell whether another run has waited longer; one that does not come loses its turn."""
        waits = run.wants and now - run.wants < _WAITS_NS
        return bool(waits) and run.wants < (self._wants or now)

    def _read(self, now: int) -> _Table:
        """Return what the file holds; nothing of one that makes no sense."""
        top = os.pread(self._fd, _TOP, 0)
        if len(top) == _TOP:
            magic, count, next_ = _HEAD.unpack_from(top)
            runs = [_Run(*_RUN.unpack_from(top, at)) for at in range(_HEAD.size, _TOP, _RUN.size)]
            sane = magic == _MAGIC and count >= 0 and next_ <= now + _WINDOW_NS
            if sane and all(run.is_sane(now) for run in runs):
                others = [run for run in runs if run.token not in {0, self._token}]
                others = [run for run in others if now - max(run.sent, run.wants) < _WINDOW_NS]
                return _Table(count, next_, others[: _RUNS - 1])
        return _Table(0, 0, [])

    def _write(self, table: _Table) -> None:
        runs = [_Run(self._token, self._rate, self._sent, self._wants), *table.others]
        runs += [_Run(0, 0, 0, 0)] * (_RUNS - len(runs))
        head = _HEAD.pack(_MAGIC, table.count, table.next)
        os.pwrite(self._fd, head + b"".join(_RUN.pack(*run) for run in runs), 0)

    def _instant(self, index: int) -> int:
        data = os.pread(self._fd, _INSTANT.size, _place(index))
        return int(_INSTANT.unpack(data)[0]) if len(data) == _INSTANT.size else 0

    def is_full(self, now: int) -> bool:
        """Tell whether all runs together have used this minute's requests."""
        return self._full_until > now

    def _unlock(self) -> None:
        if self._fd >= 0:
            with contextlib.suppress(OSError):
                fcntl.flock(self._fd, fcntl.LOCK_UN)

    def close(self) -> None:
        """Leave; what this run has sent goes on counting for the others."""
        fd, self._fd = self._fd, -1
        if fd >= 0:
            os.close(fd)


def _place(index: int) -> int:
    return _TOP + index % MAX_SHARED_RATE * _INSTANT.size
