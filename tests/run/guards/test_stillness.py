"""A list that is still written to is waited for, and refused if that does not end."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from referee import World

from importer.core.errors import ListDiffers
from importer.run.guards import preparation
from importer.run.guards.preparation import wait_until_still


class Export:
    """A list that somebody writes to every `every` seconds, `times` times, while others sleep."""

    def __init__(self, path: Path, *, every: float, times: int) -> None:
        self.path = path
        self.slept = 0.0
        self._now = 1_000_000.0
        self._every = every
        self._times = times
        self._write()

    def now(self) -> float:
        return self._now

    def sleep(self, seconds: float) -> None:
        self.slept += seconds
        self._now += seconds
        if self._times and self._now >= self._wrote + self._every:
            self._write()

    def _write(self) -> None:
        self._times -= 1
        self._wrote = self._now
        with self.path.open("a", encoding="utf-8") as stream:
            stream.write("Ada\n")
        os.utime(self.path, (self._now, self._now))


Begun = Callable[[float, int], Export]


@pytest.fixture
def export(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Begun:
    monkeypatch.setattr(preparation, "STILL_SECONDS", 2.0)
    return lambda every, times: Export(tmp_path / "people.csv", every=every, times=times)


def wait(found: Export) -> None:
    wait_until_still([str(found.path)], now=found.now, sleep=found.sleep)


def test_a_list_that_grows_is_waited_for(export: Begun) -> None:
    found = export(1.5, 5)
    wait(found)
    assert found.path.read_text(encoding="utf-8") == 5 * "Ada\n"
    assert found.slept == pytest.approx(4 * 1.5 + 2, abs=0.6)


def test_a_list_that_was_written_before_is_not_waited_for(export: Begun) -> None:
    found = export(1, 1)
    found.sleep(3)
    found.slept = 0
    wait(found)
    assert found.slept == 0


def test_a_list_that_does_not_stop_to_grow_is_refused(export: Begun) -> None:
    found = export(1, 1000)
    with pytest.raises(ListDiffers, match=r"is still being written to after 60 s; nothing was"):
        wait(found)


def test_clocks_that_are_apart_make_nobody_wait_for_long(export: Begun) -> None:
    found = export(1, 1)
    os.utime(found.path, (found.now() + 1, found.now() + 1))  # that of a file server is ahead
    wait(found)
    assert found.slept <= 2.5


def test_a_file_of_a_folder_is_waited_for(export: Begun) -> None:
    found = export(1.5, 3)
    wait_until_still([str(found.path.parent)], now=found.now, sleep=found.sleep)
    assert found.path.read_text(encoding="utf-8") == 3 * "Ada\n"


MAPPING = """
object = "contact"
[fields]
first_name = "Name"
email = "Email"
"""
JOB = """
[job]
sources = ["people.csv"]
"""


@pytest.mark.parametrize(
    "command", [("people.csv", "--mapping", "job.toml"), ("--job", "job.toml")]
)
class TestARunWaitsBeforeItReads:
    """A list, a job and a fleet alike, since all begin in one place."""

    @pytest.fixture
    def still(self, world: World, monkeypatch: pytest.MonkeyPatch) -> list[Sequence[str]]:
        """Write the list to its end only when it is waited for; return what was waited for."""
        world.write("job.toml", MAPPING + JOB)
        world.write("people.csv", "Name,Email\nAda,ada@example.com\nOm")
        waited: list[Sequence[str]] = []

        def wait(names: Sequence[str]) -> None:
            waited.append(names)
            world.write("people.csv", "Name,Email\nAda,ada@example.com\nOmar,omar@example.com\n")

        monkeypatch.setattr(preparation, "wait_until_still", wait)
        return waited

    def test_and_sends_what_is_complete(
        self, world: World, still: list[Sequence[str]], command: tuple[str, ...]
    ) -> None:
        world.run(*command).ended(0, created=2)
        ((name,),) = still
        assert Path(name).name == "people.csv"

    def test_or_sends_nothing(
        self, world: World, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
    ) -> None:
        def grows(names: Sequence[str]) -> None:
            raise preparation._still_written(Path(names[0]))

        world.write("job.toml", MAPPING + JOB)
        world.write("people.csv", "Name,Email\nAda,ada@example.com\n")
        monkeypatch.setattr(preparation, "wait_until_still", grows)
        run = world.run(*command)
        assert (run.exit_code, run.requests) == (7, 0), run.told()
        assert "people.csv is still being written to after 60 s; nothing was sent" in run.stderr
