"""Plays one story: a list is imported again and again, and everything around it changes."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from unittest import mock

from referee import Run, World, serving
from referee.crm import who

from importer.writer import index_file
from stories.acts import RESULTS, Acts
from stories.commands import COMMANDS, export, unknown_people
from stories.ended import Ended
from stories.kinds import KINDS, begin, go_on
from stories.service import Service, short_waits
from stories.truth import check_run

__all__ = ["ANYTHING", "kind_of", "play"]

_MEMORY = Path("/dev/shm")  # noqa: S108 - where there is one, files cost no disk
ANYTHING = "anything"
_TURNS = (
    ANYTHING, "changes", "relatives", ANYTHING, "spellings", "resaves", ANYTHING, "identities",
    "lost memory", "weeks", "copies",
)  # fmt: skip
_SORTS = ("twice", "lost", "exit 0")


def kind_of(seed: int) -> str:
    """Return which kind of story a number stands for."""
    return _TURNS[seed % len(_TURNS)]


def play(seed: int, *, kills: bool = True) -> Ended:
    """
    Play the story of a seed: one of the kinds in `stories.kinds`, or one in which anything may
    change. Without `kills` no process of its own is started.

    A fault is whatever makes somebody twice, loses somebody, or is not as a run says.
    """
    ended, crm = Ended(seed, kind_of(seed)), Service()
    with short_waits(), _folder() as folder, serving(crm) as url, _index(is_small=seed % 2 == 0):
        world = World(folder / "lists", url, crm, remembers=True)
        try:
            if ended.kind == ANYTHING:
                _play_anything(ended, world, crm, kills=kills)
            else:
                _play_weeks(ended, world, crm)
        except AssertionError as fault:
            ended.faults.append((_sort(str(fault)), str(fault)))
        except (LookupError, OSError, ValueError) as fault:  # a file that is not as it must be
            ended.faults.append(("untrue", repr(fault)))
    ended.counts |= {"requests": len(crm.requests), "records": len(crm.records)}
    return ended


def _sort(fault: str) -> str:
    return next((sort for sort in _SORTS if fault.startswith(sort.upper())), "untrue")


def _play_weeks(ended: Ended, world: World, crm: Service) -> None:
    kind = KINDS[ended.kind]
    story = begin(kind, Random(ended.seed), world, crm)
    ended.told, ended.faults = story.told, story.judge.faults
    ended.needless, ended.played = story.judge.needless, story.judge.played
    try:
        go_on(kind, story)
    finally:
        ended.counts.update(
            runs=story.runs,
            people=len(story.judge.allowed),
            rows=story.judge.row_days,
            excused=story.judge.excused,
        )


def _play_anything(ended: Ended, world: World, crm: Service, *, kills: bool) -> None:
    """
    Play a story in which anything may change. In half of them a column that is not imported differs
    in every chapter, and the results file is made smaller after each run.
    """
    chance = Random(ended.seed)
    acts = Acts(chance, world, crm)
    ended.told = acts.told
    try:
        _play(acts, chance, kills=kills, packs=ended.seed // 2 % 2 == 1)
    finally:
        ended.counts.update(
            runs=acts.runs, kills=acts.kills, people=len(acts.truth.most), rows=acts.row_days
        )


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
    acts.decide()
    run = acts.run(is_healthy=True)
    acts.decide()
    if run.counts.get("unknown"):
        export(acts, "--apply")
        run = acts.run(is_healthy=True)
    if run.counts.get("unknown"):
        _look_up(acts)
    for _ in range(2):
        acts.run(is_healthy=True)
        acts.decide()
    _check_rest(acts, acts.run(is_healthy=True))


def _look_up(acts: Acts) -> None:
    """
    Send again who is not in the CRM, as a person does who has looked up everybody unclear.

    Where equal rows are sent as well, only a record counts that the results file does not have.
    """
    text = (acts.world.folder / RESULTS).read_text("utf-8")
    looked_up = {
        who(made.fields)
        for one, made in acts.crm.records.items()
        if made.account == "us" and not (acts.settings.sends_all and f'"{one}"' in text)
    }
    rows, found = acts.people.rows, unknown_people(acts) & looked_up
    acts.people.rows = [row for row in rows if row.who not in found]
    if acts.people.rows:
        acts.run("--resend-unknown", is_healthy=True)
    acts.people.rows = rows


def _check_rest(acts: Acts, run: Run) -> None:
    check_run(run, len(acts.people.rows), may_stop=False, doubts=acts.truth.doubts)
    assert "created" not in run.counts, f"created each time: {run.told()}"
    assert run.requests == 0 or run.counts.get("unknown"), f"sends each time: {run.told()}"
    acts.truth.check_nobody_lost(acts.people.rows, acts.settings, acts.crm.people("us"))
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
    size = 0 if is_small else index_file._SMALL_BYTES
    with mock.patch.object(index_file, "_SMALL_BYTES", size):
        yield
