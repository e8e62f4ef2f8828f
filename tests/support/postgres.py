"""A PostgreSQL server of the tests' own, on a socket in a temporary folder."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["NOT_HERE", "Server", "find_binaries", "server"]

NOT_HERE = "there is no PostgreSQL here"
_USERS = ("postgres", "nobody")
"""PostgreSQL refuses to run as root: then it runs as the first of these users that there is."""
_SETTINGS = """
listen_addresses = ''
max_connections = 40
shared_buffers = 32MB
log_min_messages = fatal
"""


class Server:
    """A running server. `url` is that of its database `fleet`."""

    def __init__(self, folder: Path, binaries: Path, user: str | None) -> None:
        self.folder = folder
        self._binaries = binaries
        self._user = user
        self.url = self.url_of("fleet")

    def url_of(self, database: str, user: str = "tests") -> str:
        return f"postgresql://{user}@/{database}?host={self.folder}"

    def create(self) -> None:
        data = str(self.folder / "data")
        self._call("initdb", "-D", data, "-U", "tests", "-A", "trust", "--no-sync", "-E", "UTF8")
        with (self.folder / "data" / "postgresql.conf").open("a", encoding="utf-8") as settings:
            settings.write(_SETTINGS + f"unix_socket_directories = '{self.folder}'\n")
        self.start()
        self._call("createdb", "-h", str(self.folder), "-U", "tests", "fleet")

    def start(self) -> None:
        log = str(self.folder / "log")
        self._call("pg_ctl", "start", "-w", "-s", "-D", str(self.folder / "data"), "-l", log)

    def stop(self, mode: str = "fast") -> None:
        """Stop the server: `immediate` is what a crash does."""
        self._call("pg_ctl", "stop", "-w", "-s", "-m", mode, "-D", str(self.folder / "data"))

    def _call(self, name: str, *words: str) -> None:
        done = subprocess.run(
            [str(self._binaries / name), *words],
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE if name != "pg_ctl" else subprocess.DEVNULL,
            stderr=subprocess.STDOUT,
            cwd=self.folder,
            user=self._user,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
        )
        assert done.returncode == 0, f"{name}: {(done.stdout or b'').decode()}"


def find_binaries() -> Path | None:
    """Return the folder of `initdb`, or None. Debian has it outside of the PATH."""
    if (found := shutil.which("initdb")) is not None:
        return Path(found).resolve().parent
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    return folders[-1] if folders else None


def _user() -> str | None:
    if os.getuid() != 0:
        return None
    known = {one.pw_name for one in pwd.getpwall()}
    return next(one for one in _USERS if one in known)


@contextmanager
def server(binaries: Path) -> Iterator[Server]:
    """Run a server as long as the context lasts."""
    user = _user()
    folder = Path(tempfile.mkdtemp(prefix="vorel-pg-"))
    try:
        if user is not None:
            shutil.chown(folder, user)
        running = Server(folder, binaries, user)
        running.create()
        try:
            yield running
        finally:
            running.stop("immediate")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
