"""Plays one story: a list is imported again and again, and everything around it changes."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from unittest import mock

from referee import Run, World, serving

from importer.writer.index import loading
from stories.acts import Acts
from stories.commands import COMMANDS, export, unknown_people
from stories.service import Service, short_waits
from stories.truth import check_run

__all__ = ["Ended", "play"]

_FAULT_LETTERS = 2000
_MEMORY = Path("/dev/shm")  # noqa: S108 - where there is one, files cost no disk


@dataclass
class Ended:
    """How a story ended. `fault` is None if nothing was wrong, `told` what happened, in order."""

    seed: int
    fault: str | None = None
    told: list[str] = field(default_factory=list)
    runs: int = 0
    requests: int = 0
    records: int = 0
    kills: int = 0

    def counts(self) -> dict[str, int]:
        """Return what happened in numbers."""
        names = ("runs", "kills", "requests", "records")
        return {name: getattr(self, name) for name in names}

    def __str__(self) -> str:
        return "\n    ".join([f"seed {self.seed}: {self.fault}"[:_FAULT_LETTERS], *self.told])


def play(seed: int, *, kills: bool = True) -> Ended:
    """
    Play the story of a seed. Without `kills` no process of its own is started. In half of the
    stories a column that is not imported differs in every chapter, and the results file is made
    smaller after each run.

    A fault is whatever makes somebody twice, loses somebody, or is not as a run says.
    """
    chance, ended = Random(seed), Ended(seed)
    crm = Service()
    with short_waits(), _folder() as folder, serving(crm) as url, _index(is_small=seed % 2 == 0):
        acts = Acts(chance, World(folder / "lists", url, crm, remembers=True), crm)
        try:
            _play(acts, chance, kills=kills, packs=seed // 2 % 2 == 1)
        except AssertionError as fault:
            ended.fault = str(fault)
        except (LookupError, OSError, ValueError) as fault:  # a file that is not as it must be
            ended.fault = repr(fault)
        ended.told, ended.runs, ended.kills = acts.told, acts.runs, acts.kills
        ended.requests, ended.records = len(crm.requests), len(crm.records)
    return ended


def _play(acts: Acts, chance: Random, *, kills: bool, packs: bool) -> None:
    for chapter in range(chance.randint(2, 6)):
        for _ in range(chance.randint(0, 3)):
            acts.change()
        if packs:
            acts.people.pass_a_day(chapter)
        if kills and chance.random() < (0.05 if chapter else 0.2):
            acts.run_and_kill()
        acts.run()
        if packs and acts.has_results:
            COMMANDS["compact"](acts)
        while chance.random() < 0.4:
            _command(acts, chance)
    _come_to_rest(acts)


def _command(acts: Acts, chance: Random) -> None:
    """Give one of the other commands, or import a derived file."""
    name = chance.choice([*COMMANDS])
    if acts.has_results:
        acts.tell(name)
        COMMANDS[name](acts)


def _come_to_rest(acts: Acts) -> None:
    """Let all requests be answered, and look up who is unclear: then nothing may be open."""
    acts.crm.catch_up()
    acts.crm.forget_refusals()
    acts.run(is_healthy=True)
    run = acts.run(is_healthy=True)
    if run.counts.get("unknown"):
        export(acts, "--apply")
        run = acts.run(is_healthy=True)
    if run.counts.get("unknown"):
        _look_up(acts)
    acts.run(is_healthy=True)
    _check_rest(acts, acts.run(is_healthy=True))


def _look_up(acts: Acts) -> None:
    """Send again who is not in the CRM, as a person does who has looked up everybody unclear."""
    there, rows = acts.crm.people("us"), acts.people.rows
    found = {who for who in unknown_people(acts) if there[who]}
    acts.people.rows = [row for row in rows if row.who not in found]
    if acts.people.rows:
        acts.run("--resend-unknown", is_healthy=True)
    acts.people.rows = rows


def _check_rest(acts: Acts, run: Run) -> None:
    check_run(run, len(acts.people.rows), may_stop=False)
    assert "created" not in run.counts, f"created each time: {run.told()}"
    assert run.requests == 0 or run.counts.get("unknown"), f"sends each time: {run.told()}"
    people = acts.crm.people("us")
    acts.truth.check_nobody_lost(acts.people.rows, acts.settings, people, acts.people.relatives)
    acts.check_status()


@contextmanager
def _folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="story-", dir=_MEMORY if _MEMORY.is_dir() else None))
    (folder / "lists").mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


@contextmanager
def _index(*, is_small: bool) -> Iterator[None]:
    """Keep an index of small results files too, if `is_small`."""
    size = 0 if is_small else loading._SMALL_BYTES
    with mock.patch.object(loading, "_SMALL_BYTES", size):
        yield
