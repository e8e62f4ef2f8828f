"""
The hosts of a fleet on this computer: each with its own copy of job files, lists and keys.

Where it is allowed (as root, with `unshare`), each has a name and a disk of its own, and its worker
is a user who may not read everything. Where libfaketime is installed, its clock can be wrong.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from commands.process import environment

__all__ = ["FAULTS", "Host"]

HAS_OWN_NAMES = os.name == "posix" and os.geteuid() == 0 and shutil.which("unshare") is not None
_CLOCK = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)
_SECONDS_OFF = 600
_SMALL_DISK = "256k"
_AWAY = ".away"
_OWN_FOLDER = 0o700
_HIDDEN = """
import sys
sys.modules["fastexcel"] = None  # an import of it raises ImportError
"""
_SCRIPT = """
hostname "$NAME"
if [ -n "$DISK" ]; then mount -t tmpfs -o "$DISK" tmpfs "$XDG_STATE_HOME"; fi
exec setpriv --reuid "$OWNER" --regid "$OWNER" --clear-groups -- "$@"
"""


class Host:
    """
    A host with one worker. `owner` is the number of the user who runs it, if that can be chosen.

    A fault from `FAULTS` makes it bad until `mend` is called.
    """

    def __init__(self, folder: Path, name: str, database: str, owner: int) -> None:
        self.name = name
        self.jobs = folder / "jobs"
        self.log = folder / "log"
        self.bad: str | None = None
        self.process: subprocess.Popen[bytes] | None = None
        self.not_before = 0.0
        self._owner = owner
        self._state = folder / "state"
        self._hides = folder / "without"
        self._given = {"VOREL_FLEET_DATABASE": database, "XDG_STATE_HOME": str(self._state)}
        self._more: dict[str, str] = {}
        self._disk = ""
        folder.chmod(_OWN_FOLDER)
        self._state.mkdir(mode=_OWN_FOLDER)
        self._hides.mkdir()
        (self._hides / "sitecustomize.py").write_text(_HIDDEN, encoding="utf-8")

    def settle(self) -> None:
        """Let the worker own what is here."""
        if not HAS_OWN_NAMES:
            return
        root = self.jobs.parent
        for path in (root, *root.rglob("*")):
            os.chown(path, self._owner, self._owner)

    @property
    def is_running(self) -> bool:
        """Whether its worker has not ended."""
        return self.process is not None and self.process.poll() is None

    def start(self) -> None:
        """Start its worker as it is now: good or bad."""
        words = ["fleet", "worker", str(self.jobs), "--slice", "60", "--at-once", "12"]
        command = [sys.executable, "-m", "importer", *words]
        given = {**self._given, **self._more}
        if HAS_OWN_NAMES:
            unshared = ["unshare", "--uts", "--mount", "sh", "-c", _SCRIPT, "sh"]
            command = [*unshared, *command]
            given |= {"NAME": self.name, "DISK": self._disk, "OWNER": str(self._owner)}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command,
                cwd=Path(__file__).parents[3],
                env=environment(**given),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def without_files(self) -> None:
        """Take its lists away."""
        self._move(".csv", ".xlsx")

    def without_keys(self) -> None:
        """Take its keys away."""
        self._move(".key")

    def without_package(self) -> None:
        """Start its worker anew, without the package that reads spreadsheets."""
        self._begin_anew(PYTHONPATH=f"{self._hides}:{os.environ.get('PYTHONPATH', '')}")

    def without_rights(self) -> None:
        """Let its worker read no list, and write no copy."""
        for path in self.jobs.glob("*.[cx]*"):
            path.chmod(0)
        self._state.chmod(0o500)

    def with_a_full_disk(self) -> None:
        """Start its worker anew, on a disk that is soon full."""
        self._begin_anew(disk=f"size={_SMALL_DISK},mode=0777")

    def with_a_disk_to_read(self) -> None:
        """Start its worker anew, on a disk that cannot be written to."""
        self._begin_anew(disk="ro")

    def with_a_wrong_clock(self) -> None:
        """Start its worker anew, with a clock that is ten minutes off."""
        sign = "+" if int(self.name.rpartition("-")[2]) % 2 else "-"
        off = f"{sign}{_SECONDS_OFF}s"
        self._begin_anew(LD_PRELOAD=str(_CLOCK), FAKETIME=off, FAKETIME_DONT_FAKE_MONOTONIC="1")

    def mend(self) -> None:
        """Undo what was done to it."""
        is_other = bool(self._more or self._disk)
        self._more, self._disk, self.bad = {}, "", None
        for path in self.jobs.glob(f"*{_AWAY}"):
            path.rename(path.with_suffix(""))
        for path in self.jobs.iterdir():
            path.chmod(0o600)
        self._state.chmod(_OWN_FOLDER)
        if is_other and self.process is not None:
            self.process.terminate()

    def _move(self, *suffixes: str) -> None:
        for path in [one for one in self.jobs.iterdir() if one.suffix in suffixes]:
            path.rename(path.with_name(path.name + _AWAY))

    def _begin_anew(self, *, disk: str = "", **more: str) -> None:
        self._disk, self._more = disk, more
        if self.process is not None:
            self.process.terminate()


FAULTS: dict[str, Callable[[Host], None]] = {
    "no files": Host.without_files,
    "no keys": Host.without_keys,
    "no package": Host.without_package,
    "no rights": Host.without_rights,
    **(
        {"full disk": Host.with_a_full_disk, "read-only disk": Host.with_a_disk_to_read}
        if HAS_OWN_NAMES
        else {}
    ),
    **({"wrong clock": Host.with_a_wrong_clock} if _CLOCK is not None else {}),
}
"""What makes a host bad, as far as it can be done here."""
