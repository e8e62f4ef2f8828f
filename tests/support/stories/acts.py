"""What a person does with a list, and what becomes of it: changes, runs and what they told."""

from __future__ import annotations

import json
from collections import Counter
from random import Random

from commands.process import start
from referee import Run, World

from stories.doubts import Doubt, decisions
from stories.files import Table, save_list
from stories.people import TOO_LONG, People, Row
from stories.service import Service, fates
from stories.settings import Settings, changed
from stories.truth import Truth, check_exit_code, check_files, check_run, foresee

__all__ = ["DERIVED", "MAPPING", "RESULTS", "STEM", "Acts"]

STEM = "people"
DERIVED = ("failed", "success", "unsent", "changed")
RESULTS = f"{STEM}.results.jsonl"
MAPPING = "mapping.toml"
_JOB = "job.toml"
_USUAL = ("--no-input", "--json", "--rate", "100000", "--pace", "burst")
_RETRY_SHARE = 0.05


class Acts:
    """A person with a list of people, a mapping and a folder; and what has happened so far."""

    def __init__(self, chance: Random, world: World, crm: Service) -> None:
        self.chance = chance
        self.world = world
        self.crm = crm
        self.people = People(chance)
        self.settings = Settings()
        self.truth = Truth()
        self.told: list[str] = []
        self.runs = self.kills = self.row_days = 0
        self.doubts: list[Doubt] = []
        """The possible duplicates of the last run."""
        self.added: Counter[str] = Counter()
        """Whom rows are about that were added to derived files."""
        self.old_files: list[tuple[str, bytes]] = []
        """The names and contents of derived files as they were after earlier runs."""
        for _ in range(chance.randint(2, 6)):
            self.people.add()

    @property
    def has_results(self) -> bool:
        """Whether a run has begun."""
        return self.world.has(RESULTS)

    def tell(self, *words: object) -> None:
        """Note what happens next."""
        self.told.append(" ".join(map(str, words)).replace(TOO_LONG, "too long"))

    def change(self) -> None:
        """Change something in the list, in its file, in the mapping or in the flags."""
        if self.chance.random() < 0.7:
            name = self.chance.choice([*self.people.edits])
            self.people.edits[name]()
        else:
            needs_numbers = "Mail" in self.people.moved.values()
            name, self.settings = changed(self.settings, self.chance, needs_numbers=needs_numbers)
            self.people.has_numbers &= "Tel" in self.settings.more
        if "Note" in self.settings.more and "Note" not in self.people.columns:
            self.people.columns.append("Note")
        self.tell(f"change: {name}")

    def run(self, *flags: str, is_healthy: bool = False) -> Run:
        """Run the list, with faults unless the service `is_healthy`, and check what came of it."""
        self.crm.be_well()
        may_stop = not is_healthy and self._meet_fates()
        limit = not is_healthy and self.chance.random() < 0.2
        flags = ("--limit", str(self.chance.randint(1, 3)), *flags) if limit else flags
        if not is_healthy and self.chance.random() < _RETRY_SHARE:
            flags = ("--retry", self.chance.choice(["transient", "none"]), *flags)
        arguments = (*self._write(is_split=not is_healthy and self.chance.random() < 0.15), *flags)
        foreseen = foresee(self.world, arguments) if is_healthy else None
        conflicts = self.crm.conflicts
        run = self._import(arguments, self.people.rows)
        rows = None if limit else len(self.people.rows)
        check_run(run, rows, may_stop=may_stop, doubts=self.truth.doubts)
        if not limit:
            check_exit_code(run, self.people.rows, self.crm.people("us"))
        is_foreseeable = self.crm.conflicts == conflicts and "--resend-unknown" not in flags
        if foreseen is not None and is_foreseeable:
            assert run.counts == foreseen, f"check foresaw {foreseen}: {run.told()}"
        if run.exit_code != 3:
            known, self.doubts = check_files(self.world, STEM, self.people, self.added)
            gone = self.truth.doubts - {row.who for row in self.people.rows}
            self.truth.doubts = gone | {doubt.who for doubt in self.doubts}
            self.people.settle(known)
        self._keep_derived()
        return run

    def run_file(self, name: str, rows: list[Row]) -> Run:
        """Run a derived file, whose rows are about these people."""
        self.crm.be_well()
        self._write_mapping()
        return self._import((name, "--mapping", MAPPING, *self.settings.arguments()), rows)

    def run_and_kill(self) -> None:
        """Run the list in a process of its own, and kill that when a request arrives."""
        arguments = self._write(is_split=False)
        self.tell("run and kill", *arguments)
        self.crm.be_well()
        self.crm.forget_answered()
        self.truth.expect(self.people.rows, self.settings)
        self.crm.kills_before = self.chance.random() < 0.3
        self.crm.fuse = self.chance.randint(0, 2)
        process = start(
            "run", *_USUAL, *arguments, cwd=self.world.folder, env=self.world.environment
        )
        self.crm.victim = process
        _, told = process.communicate(timeout=90)
        assert process.returncode in {-9, 0, 1, 6}, told
        self.runs, self.kills = self.runs + 1, self.kills + int(process.returncode == -9)
        self._check_people()

    def decide(self) -> None:
        """Say truthfully of each possible duplicate whether it is somebody new."""
        doubts, self.doubts = self.doubts, []
        may_say_all = self.truth.doubts <= {doubt.who for doubt in doubts}
        there, folder = self.crm.people("us"), self.world.folder
        for flag, refs, decided in decisions(
            doubts, there, folder, self.chance, may_say_all=may_say_all
        ):
            self.tell("acknowledge", flag, refs)
            self.command("acknowledge", RESULTS, flag, refs)
            self.truth.doubts -= decided

    def command(self, *arguments: str, ends_with: tuple[int, ...] = (0, 1, 6)) -> str:
        """Give a command, and return what it printed."""
        code, out, told = self.world.command(*arguments)
        assert "Traceback" not in told, told
        assert "should not have happened" not in told, told
        assert code in ends_with, f"{arguments} ended with {code}: {told}"
        return out

    def check_status(self) -> None:
        """Check that `status` counts the rows of the list."""
        found = json.loads(self.command("status", RESULTS, "--json", ends_with=(0,)))
        counted = sum(found["counts"].values()) + found["left"]
        assert counted == len(self.people.rows), f"status counts {found}"
        assert found["left"] == 0, f"status has rows left: {found}"

    def _import(self, arguments: tuple[str, ...], rows: list[Row]) -> Run:
        self.crm.victim = None  # its last requests have been received by now
        self.crm.forget_answered()
        self.truth.expect(rows, self.settings)
        self.tell("list", [tuple(row.cells.values()) for row in rows])
        self.tell("run", *arguments)
        run = self.world.run(*arguments)
        self.runs, self.row_days = self.runs + 1, self.row_days + len(rows)
        shown = run.counts if run.exit_code != 2 else run.stderr
        self.tell("  ended with", run.exit_code, shown, dict(self.crm.people("us")))
        self._note_held_back(run)
        self._check_people()
        assert run.exit_code not in {2, 7}, f"nothing was sent: {run.stderr}"
        return run

    def _keep_derived(self) -> None:
        """Keep a copy of the derived files that can be imported, as a person does who has them."""
        for kind in DERIVED:
            for suffix in ("jsonl", "csv"):
                path = self.world.folder / f"{STEM}.{kind}.{suffix}"
                if path.exists():
                    kept = (path.name, path.read_bytes())
                    self.old_files += [kept] if kept not in self.old_files else []
                    break  # the CSV beside JSON Lines is only for people to read

    def _check_people(self) -> None:
        self.truth.check_nobody_twice(self.crm.people("us"))

    def _note_held_back(self, run: Run) -> None:
        if not run.counts.get("changed"):
            return
        path = self.world.folder / f"{STEM}.changed.csv"
        told = Table.read(path).rows if path.exists() else ()
        self.truth.told |= {str(row[self.people.headers["First"]]).split()[0] for row in told}

    def _meet_fates(self) -> bool:
        """Choose what becomes of requests. Returns whether one may stop the run."""
        may_stop = False
        for who in self.people.names():
            if self.chance.random() < 0.25:
                names = fates(self.chance)
                self.crm.tell(who, *names)
                self.tell("fates of", who, *names)
                may_stop |= "unauthorized" in names
        return may_stop

    def _write(self, *, is_split: bool) -> tuple[str, ...]:
        """Write the list and the mapping. Returns the arguments of a run."""
        people, rows = self.people, self.people.file_rows(self.people.rows)
        columns = [people.headers[column] for column in people.columns]
        parts = {STEM: rows}
        if is_split and len(rows) > 1:
            at = self.chance.randint(1, len(rows) - 1)
            parts = {"part1": rows[:at], "part2": rows[at:]}
        names = [
            save_list(self.world.folder, stem, people.format, columns, part)
            for stem, part in parts.items()
        ]
        self._write_mapping()
        flags = ("--results", RESULTS, *self.settings.arguments())
        if self.settings.as_job:
            sources = f"[job]\nsources = {json.dumps(names)}\n"
            mapping = self.settings.text(people.headers)
            (self.world.folder / _JOB).write_text(f"{mapping}\n{sources}", encoding="utf-8")
            return ("--job", _JOB, *flags)
        return (*names, "--mapping", MAPPING, *flags)

    def _write_mapping(self) -> None:
        text = self.settings.text(self.people.headers)
        (self.world.folder / MAPPING).write_text(text, encoding="utf-8")
