"""A list that is still written to is waited for, and refused if that does not end."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from importer.core.errors import ListDiffers
from importer.jobs import stillness
from importer.jobs.lists import ListSource
from importer.jobs.stillness import wait_until_still


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
    monkeypatch.setattr(stillness, "STILL_SECONDS", 2.0)
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


def test_a_job_waits_for_its_list(
    export: Begun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = export(1, 3)
    waited: list[list[str]] = []
    monkeypatch.setattr("importer.jobs.lists.wait_until_still", waited.append)
    source = ListSource(sources=("people.csv",))
    with source.found(tmp_path) as files:
        assert files == (str(found.path),)
    assert waited == [[str(found.path)]]
