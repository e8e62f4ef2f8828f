"""A list that is imported each night for days or weeks, and what a person decides in between."""

from __future__ import annotations

import itertools
import json
from collections.abc import Sequence
from random import Random

from referee import Run, World

from stories.acts import MAPPING, RESULTS, STEM
from stories.doubts import POSSIBLE_DUPLICATE, Doubt, decisions
from stories.edits import Edits
from stories.files import save_list
from stories.judge import Judge, Listed, Night, Told
from stories.register import Register
from stories.service import Service
from stories.ties import Shape, version_of
from stories.truth import foresee

__all__ = ["Weeks"]

_FIELDS = {
    "Mail": "email",
    "Tel": "phone",
    "Ref": "external_ref",
    "Firm": "company",
    "Note": "notes",
    "Since": "attributes.since",
}
_DATES = '["%Y-%m-%d", "%d/%m/%Y", "%d-%b-%y"]'
_HANDFUL = 5
"""So many rows may contradict each other before a run stops."""


class Weeks:
    """A person with a list that is imported again and again, and what has happened so far."""

    def __init__(self, chance: Random, world: World, crm: Service, shape: Shape) -> None:
        self.chance = chance
        self.world = world
        self.crm = crm
        self.shape = shape
        self.identity = shape.identity
        self.register = Register(chance, shape.columns)
        self.edits = Edits(self.register, chance, shape.identity)
        self.judge = Judge(crm)
        self.told: list[str] = []
        self.runs = 0
        self.format = chance.choice(("csv", "csv", "semicolon"))
        self.stamps = chance.random() < 0.7
        self._last: list[Told] = []
        self._learned: set[tuple[str, ...]] = set()
        self._shown: set[tuple[str, ...]] = set()
        self._backups: list[tuple[bytes, int]] = []

    def tell(self, *words: object) -> None:
        """Note what happens next."""
        self.told.append(" ".join(map(str, words)))

    def edit(self, name: str) -> None:
        """Do something to the list."""
        self.tell("edit:", name)
        self.edits.named[name]()

    # Runs

    def night(self, *flags: str) -> Run:
        """Import the list, answer if the run stops and asks, and judge what came of it."""
        self.runs += 1
        if self.stamps:
            self.register.exported = f"night {self.runs}"
        run = self._run(*flags)
        while run.exit_code == 2 and self.identity:
            self._answer()
            run = self._run(*flags)
        if run.exit_code == 7:
            self.judge.fault("untrue", f"stopped by a guard: {run.stderr}")
            run = self._run("--accept-list", *flags)
        assert run.exit_code in {0, 1, 6}, f"ended with {run.exit_code}: {run.stderr}"
        self.edits.touched.clear()
        if self.world.has(RESULTS):
            content = (self.world.folder / RESULTS).read_bytes()
            self._backups.append((content, len(self.crm.records)))
        return run

    def _run(self, *flags: str) -> Run:
        rows = self._listed()
        arguments = (*self._write(rows), *flags)
        before = self.judge.people()
        versions = [row.version for row in rows]
        collisions = (
            self.judge.book.contradictions(versions, self.identity) if self.identity else (0, 0)
        )
        foreseen = foresee(self.world, arguments) if self.chance.random() < 0.1 else None
        self.judge.expect(rows, self.identity)
        self.crm.forget_answered()
        self._tell_rows(rows)
        self.tell("run", *arguments)
        run = self.world.run(*arguments)
        self.tell("  ended with", run.exit_code, run.counts if run.exit_code != 2 else run.stderr)
        if run.exit_code in {2, 7}:
            self._check_stop(run, collisions)
            return run
        if collisions[0] > max(_HANDFUL, len(rows) // 100):
            self.judge.fault("untrue", f"{collisions[0]} contradictions did not stop the run")
        if foreseen is not None and foreseen != run.counts:
            self.judge.fault("untrue", f"check foresaw {foreseen}, the run counts {run.counts}")
        night = Night(run, rows, self.identity, before)
        self._last = self.judge.look(night, self.world.folder, STEM)
        return run

    def _check_stop(self, run: Run, collisions: tuple[int, int]) -> None:
        if run.requests:
            self.judge.fault("untrue", f"{run.requests} requests before exit {run.exit_code}")
        if run.exit_code == 2 and collisions[1] <= _HANDFUL:
            self.judge.fault("untrue", f"asked although at most {collisions[1]} rows collide")

    def _answer(self) -> None:
        """Answer a run that has stopped at identities that collide: correct them, or do without."""
        if self.edits.undo and self.chance.random() < 0.5:
            self.tell("correct the identities")
            while self.edits.undo:
                self.edits.undo.pop()()
        else:
            self.tell("do without an identity")
            self.identity = None

    def _listed(self) -> list[Listed]:
        listed = []
        for entry in self.register.entries:
            key = (entry.who, *entry.facts.values())
            if key not in self._learned:
                self._learned.add(key)
                self.judge.learn(entry, self.register.spellings(entry))
            cells = self.register.cells(entry)
            version = version_of(entry, cells, self.register.styles, self.shape)
            listed.append(Listed(entry, cells, version))
        return listed

    def _write(self, rows: Sequence[Listed]) -> tuple[str, ...]:
        """Write the list and the mapping. Returns the arguments of a run."""
        cells = [row.cells for row in rows]
        name = save_list(self.world.folder, STEM, self.format, self.register.header, cells)
        (self.world.folder / MAPPING).write_text(self._mapping(), encoding="utf-8")
        return (name, "--mapping", MAPPING, "--results", RESULTS)

    def _mapping(self) -> str:
        lines = [f'object = "{self.shape.object}"']
        if self.identity is not None:
            lines.append(f'identity = ["{_FIELDS[self.identity]}"]')
        lines.append("[fields]")
        if self.register.layout == "apart":
            lines += ['first_name = "First"', 'last_name = "Last"']
        else:
            lines.append('name = "Name"')
        for column in self.shape.mapped:
            if column in _FIELDS:
                lines.append(f'"{_FIELDS[column]}" = {self._line(column)}')
        return "\n".join([*lines, ""])

    def _line(self, column: str) -> str:
        types = {
            "Mail": 'type = "email"',
            "Tel": 'type = "phone", region = "AE"' if self.shape.knows_numbers else None,
            "Since": f'type = "date", formats = {_DATES}',
        }
        more = types.get(column)
        return f'{{ column = "{column}", {more} }}' if more else f'"{column}"'

    def _tell_rows(self, rows: Sequence[Listed]) -> None:
        """Note the rows that are not as they were, but for the time of the export."""
        shown = {(row.who, *{**row.cells, "Exported": ""}.values()) for row in rows}
        for row in sorted(shown - self._shown):
            self.tell("  row", *row)
        gone = {row[0] for row in self._shown} - {row[0] for row in shown}
        if gone:
            self.tell("  without", *sorted(gone))
        self._shown = shown

    # What a person decides

    def command(self, *arguments: str, ends_with: tuple[int, ...] = (0, 1, 6)) -> str:
        """Give a command, and return what it printed."""
        code, out, err = self.world.command(*arguments)
        self.tell(*arguments, "ended with", code)
        assert "Traceback" not in err, err
        assert code in ends_with, f"{arguments} ended with {code}: {err}"
        return out

    def acknowledge(self) -> None:
        """Say that all changes have been dealt with in the CRM."""
        self.command("acknowledge", RESULTS)
        self.judge.acknowledge()

    def decide(self) -> None:
        """Say truthfully of each possible duplicate whether it is somebody new."""
        doubts = [
            Doubt(one.who, self.judge.who_has(one.made) if one.made else None, one.ref)
            for one in self._last
            if one.status == POSSIBLE_DUPLICATE
        ]
        self._last = [one for one in self._last if one.status != POSSIBLE_DUPLICATE]
        may_say_all = self.judge.open_doubts <= {doubt.who for doubt in doubts}
        there, folder, allowed = self.judge.people(), self.world.folder, self.judge.allowed
        for flag, refs, decided in decisions(
            doubts, there, folder, self.chance, may_say_all=may_say_all, allowed=allowed
        ):
            self.command("acknowledge", RESULTS, flag, refs)
            self.judge.decide(decided, asked={doubt.who for doubt in doubts})

    def send_changes(self) -> None:
        """Import the list with --on-change send: those who changed since get another record."""
        self.judge.excuse(self.judge.changes_to_send(self._listed()))
        self.night("--on-change", "send")

    def compact(self) -> None:
        """Make the results file smaller."""
        self.command("compact", RESULTS)

    # The results file is lost

    def lose_results(self) -> None:
        """Delete the results file, or put back an older one: the next run must stop."""
        path = self.world.folder / RESULTS
        shown = {one.made for one in self._last if one.file == "success"}
        older = [
            content
            for content, known in self._backups
            if shown - {*itertools.islice(self.crm.records, known)}
        ]
        now = path.read_bytes()
        if older and self.chance.random() < 0.6:
            self.tell("the results file is an old backup")
            path.write_bytes(self.chance.choice(older))
        else:
            self.tell("the results file is deleted")
            path.unlink()
        run = self._run_without_memory()
        goes_on = run.exit_code != 7 or self.chance.random() < 0.3
        if not goes_on:
            self.tell("the results file is put back")
            path.write_bytes(now)
            self.night()
            return
        everybody = {entry.who for entry in (*self.register.entries, *self.register.gone)}
        self.judge.excuse(everybody)
        self.judge.excused += len(everybody)
        self.judge.forget()
        if run.exit_code == 7:
            self.night("--new-import")

    def _run_without_memory(self) -> Run:
        rows = self._listed()
        arguments = self._write(rows)
        self.crm.forget_answered()
        self.tell("run", *arguments)
        run = self.world.run(*arguments)
        self.tell("  ended with", run.exit_code, run.counts if run.exit_code != 2 else run.stderr)
        if run.exit_code != 7 or run.requests:
            self.judge.fault(
                "memory", f"the lost memory is not noticed: {run.exit_code}, {run.requests} sent"
            )
        return run

    # The end

    def come_to_rest(self) -> None:
        """Decide all that is open: then everybody has a record, and nothing is sent any more."""
        self.edits.make_readable()
        for _ in range(3):
            self.night()
            self.decide()
            self.acknowledge()
        run = self.night()
        if run.requests:
            self.judge.fault("untrue", f"sends each time: {run.told()}")
        self.judge.nobody_lost(self._last)
        left = json.loads(self.command("status", RESULTS, "--json"))["left"]
        if left:
            self.judge.fault("untrue", f"status has {left} rows left")
