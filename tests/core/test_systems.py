"""
Locks and replacements as Windows has them, simulated: nothing here runs on Windows.

The simulated system refuses what Windows refuses: to replace or remove a file that this process
has open. The rest of the importer is the real one.
"""

from __future__ import annotations

import ast
import errno
import fcntl
import json
import os
import resource
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from unittest import mock

import pytest
from catalogues import modules
from pydantic import SecretStr
from referee import Crm, World, serving

from importer.core import systems
from importer.core.errors import ResultsError
from importer.core.systems import Posix, System, Windows
from importer.sender.pacing.host_limiter import open_host_limiter
from importer.writer.results import ResultsFile
from importer.writer.rewriting.compaction import compact

_ONE_WORLD = {
    "fchmod", "fchown", "pread", "pwrite", "fdatasync", "O_CLOEXEC", "O_NOFOLLOW", "O_DIRECTORY",
    "getuid", "geteuid", "fork", "killpg", "kill", "mkfifo", "uname", "getloadavg",
    "sched_getaffinity",
    "SIGHUP", "SIGUSR1", "SIGUSR2", "SIGKILL", "SIGALRM", "pthread_sigmask", "add_signal_handler",
}  # fmt: skip
_MODULES = {"fcntl", "msvcrt", "termios", "pwd", "grp", "resource", "winreg"}


def used_of_one_world(tree: ast.Module) -> Iterator[str]:
    """Yield what a module uses that only one of the systems has; `getattr` is a guard."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names if one.name in _MODULES)
        elif isinstance(node, ast.ImportFrom) and node.module in _MODULES:
            yield str(node.module)
        elif isinstance(node, ast.Attribute) and node.attr in _ONE_WORLD:
            yield node.attr


def test_one_module_alone_knows_both_worlds() -> None:
    found = {
        path: used
        for path, tree in modules().items()
        if (used := sorted(set(used_of_one_world(tree))))
    }
    assert found.pop("importer/core/systems/__init__.py")
    assert found == {}


def test_the_search_finds_what_it_is_for() -> None:
    text = "import fcntl\nimport os, signal\nos.fchmod(1, 2)\nsignal.SIGHUP\nfrom pwd import x\n"
    assert set(used_of_one_world(ast.parse(text))) == {"fcntl", "fchmod", "SIGHUP", "pwd"}


def open_paths() -> set[str]:
    """Return the paths that this process has open."""
    found = set()
    for one in Path("/proc/self/fd").iterdir():
        try:
            found.add(str(one.readlink()))
        except OSError:
            continue
    return found


class Simulated(Windows):
    """Windows, as far as it can be played on this computer."""

    def __init__(self) -> None:
        super().__init__(self._fake_locking, sleep=self._note)
        self.slept: list[float] = []
        self.replaced: list[str] = []

    def _note(self, seconds: float) -> None:
        self.slept.append(seconds)

    @staticmethod
    def _fake_locking(fd: int, mode: int, size: int) -> None:
        assert size == 1
        if mode == 0:
            fcntl.flock(fd, fcntl.LOCK_UN)
            return
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise OSError(errno.EACCES, "Permission denied") from None

    def replace(self, source: Path, target: Path) -> None:
        taken = {str(source.resolve()), str(target.resolve())} & open_paths()
        assert not taken, f"{taken} is open: Windows would not replace it"
        self.replaced.append(target.name)
        super().replace(source, target)


@pytest.fixture(params=["posix", "windows"])
def system(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> System:
    found: System = Posix() if request.param == "posix" else Simulated()
    monkeypatch.setattr(systems, "current", found)
    return found


@pytest.fixture
def simulated(monkeypatch: pytest.MonkeyPatch) -> Simulated:
    found = Simulated()
    monkeypatch.setattr(systems, "current", found)
    return found


@pytest.mark.usefixtures("system")
class TestTheResultsFile:
    async def test_one_run_at_a_time(self, tmp_path: Path) -> None:
        path = tmp_path / "a.results.jsonl"
        with closing(ResultsFile(path)) as results:
            await results.append({"kind": "run"})
            with pytest.raises(ResultsError, match="in use by another run"):
                ResultsFile(path)
        with closing(ResultsFile(path)) as again:
            await again.append({"kind": "end"})
        assert path.read_text(encoding="utf-8") == '{"kind":"run"}\n{"kind":"end"}\n'

    async def test_it_can_be_read_while_it_is_locked(self, tmp_path: Path) -> None:
        path = tmp_path / "a.results.jsonl"
        with closing(ResultsFile(path)) as results:
            await results.append({"kind": "run"})
            assert path.read_text(encoding="utf-8") == '{"kind":"run"}\n'

    def test_a_run_that_does_not_begin_leaves_none(self, tmp_path: Path) -> None:
        path = tmp_path / "a.results.jsonl"
        ResultsFile(path).close()
        assert not path.exists()

    def test_a_torn_line_is_kept_aside(self, tmp_path: Path) -> None:
        path = tmp_path / "a.results.jsonl"
        path.write_bytes(b'{"kind":"run"}\n{"kind":"se')
        with closing(ResultsFile(path)) as results:
            assert results.torn == tmp_path / "a.results.jsonl.torn-1"
        assert path.read_bytes() == b'{"kind":"run"}\n'

    async def test_it_is_set_aside(self, tmp_path: Path) -> None:
        path = tmp_path / "a.results.jsonl"
        results = ResultsFile(path)
        await results.append({"kind": "run"})
        aside = results.set_aside()
        assert aside.read_text(encoding="utf-8") == '{"kind":"run"}\n'
        assert not path.exists()
        with closing(ResultsFile(path)):
            pass

    def test_no_handle_stays_open(self, tmp_path: Path) -> None:
        before = open_paths()
        path = tmp_path / "a.results.jsonl"
        path.write_bytes(b'{"kind":"run"}\n')
        ResultsFile(path).close()
        with closing(ResultsFile(path)), pytest.raises(ResultsError):
            ResultsFile(path)
        assert open_paths() == before


@pytest.mark.usefixtures("simulated")
def test_the_lock_is_a_file_of_its_own_on_windows(tmp_path: Path) -> None:
    path = tmp_path / "a.results.jsonl"
    with closing(ResultsFile(path)):
        assert (tmp_path / "a.results.jsonl.lock").exists()


@pytest.mark.usefixtures("system")
def test_runs_of_one_key_share_its_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    troubles: list[str] = []
    key = SecretStr("vapk_made_up")
    runs = [open_host_limiter(key, 2, "burst", on_trouble=troubles.append) for _ in range(2)]
    first, second = (one for one in runs if one is not None)
    now = 1_000_000_000_000
    assert first.claim(1, now) == now
    assert second.claim(1, now) == now
    assert first.claim(2, now) > now
    assert second.claim(2, now) > now
    first.close()
    second.close()
    assert troubles == []


class TestAWholeImport:
    @pytest.fixture
    def world(self, tmp_path: Path, simulated: Simulated) -> Iterator[World]:
        del simulated
        crm = Crm()
        folder = tmp_path / "lists"
        folder.mkdir()
        with serving(crm) as url:
            yield World(folder, url, crm, reports=True)

    def test_run_correct_report_undo_and_compact(self, world: World, simulated: Simulated) -> None:
        bad = "Bo,Berg," + "x" * 300 + "@example.com\n"
        world.write("people.csv", "first_name,last_name,email\nAda,Abboud,a@example.com\n" + bad)
        world.run("people.csv", "--object", "contact").ended(1, created=1, invalid=1)
        for _ in range(3):
            world.run("people.csv", "--object", "contact").ended(1, before=1, invalid=1)
        assert world.command("compact", "people.results.jsonl")[0] == 0
        assert "people.results.jsonl" in simulated.replaced
        world.edit("people.failed.csv", ("x" * 300, "bo"))
        world.run("people.failed.csv", "--object", "contact").ended(0, created=1)
        assert world.command("undo", "people.results.jsonl")[0] == 0
        world.settled(Ada=1, Bo=1)
        assert {"people.success.csv", "people.report.html", "people.undo.csv"} <= world.names()
        assert not world.names(".*.tmp")


@pytest.mark.usefixtures("simulated")
def test_compact_says_that_a_run_uses_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a.results.jsonl"
    path.write_text(json.dumps({"kind": "run", "run": "r"}) + "\n", encoding="utf-8")
    with closing(ResultsFile(path)), pytest.raises(ResultsError, match="in use"):
        compact(path)


@contextmanager
def held(*, times: int) -> Iterator[None]:
    """Let another program have a file open, for so many tries to replace it."""
    left = [times]
    really = Path.replace

    def replace(self: Path, target: Path) -> Path:
        left[0] -= 1
        if left[0] >= 0:
            raise PermissionError(errno.EACCES, "Permission denied")
        return really(self, target)

    with mock.patch.object(Path, "replace", replace):
        yield


class TestReplacing:
    def test_what_another_program_holds_is_tried_again(self, tmp_path: Path) -> None:
        (tmp_path / "a").write_text("new", encoding="utf-8")
        waits: list[float] = []
        with held(times=3):
            Windows(sleep=waits.append).replace(tmp_path / "a", tmp_path / "b")
        assert len(waits) == 3
        assert (tmp_path / "b").read_text(encoding="utf-8") == "new"

    def test_after_a_second_it_is_an_error(self, tmp_path: Path) -> None:
        waits: list[float] = []
        with held(times=99), pytest.raises(PermissionError):
            Windows(sleep=waits.append).replace(tmp_path / "a", tmp_path / "b")
        assert sum(waits) == pytest.approx(1)


def test_bytes_are_read_and_written_where_they_stand(system: System, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"0123456789")
    fd = os.open(path, os.O_RDWR)
    try:
        system.write_at(fd, b"ab", 3)
        assert system.read_at(fd, 4, 2) == b"2ab5"
        assert system.read_at(fd, 100, 8) == b"89"
    finally:
        os.close(fd)


def test_a_write_without_room_for_all_bytes_fails(system: System, tmp_path: Path) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    with (tmp_path / "file").open("wb", buffering=0) as stream:
        resource.setrlimit(resource.RLIMIT_FSIZE, (4, before[1]))
        try:
            with pytest.raises(OSError, match="No space left"):
                system.write_at(stream.fileno(), b"012345", 0)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_words_are_quoted_as_the_shell_there_reads_them() -> None:
    words = ["vorel-import", "run", "my list.csv"]
    assert Posix().command_line(words) == "vorel-import run 'my list.csv'"
    assert Windows().command_line(words) == 'vorel-import run "my list.csv"'
