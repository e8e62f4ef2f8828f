"""A folder with lists, the real command, and what must be true after each run of it."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import dedent
from typing import Any

import commands.inside
import commands.process

from referee.crm import KEY, Crm

__all__ = ["Run", "World"]

_STATUSES = (
    "created",
    "duplicate",
    "invalid",
    "failed",
    "unknown",
    "changed",
    "possible_duplicate",
)
_KNOWN = ("before", "duplicate", "changed", "possible_duplicate")
_LEFT_TO_A_PERSON = ("changed", "possible_duplicate")
_DEFAULTS = ("--no-input", "--json", "--rate", "100000", "--pace", "burst")


@dataclass(frozen=True)
class Run:
    """What one run of the command showed to whoever called it."""

    exit_code: int
    stdout: str
    stderr: str
    requests: int
    """How many requests reached the CRM."""

    @property
    def report(self) -> dict[str, Any]:
        """What `--json` printed; empty where the command line itself was refused."""
        return dict(json.loads(self.stdout)) if self.stdout.strip() else {}

    @property
    def counts(self) -> dict[str, int]:
        """The rows by what became of them, those created before included; no zeros."""
        report = self.report
        counts = {name: report["counts"].get(name, 0) for name in _STATUSES}
        counts |= {"before": report["before"], "unsent": report.get("unsent", 0)}
        return {name: count for name, count in counts.items() if count}

    def ended(self, exit_code: int, **counts: int) -> Run:
        """Check how the run ended and what became of its rows; statuses left out have none."""
        assert self.exit_code == exit_code, self.told()
        assert self.counts == {name: count for name, count in counts.items() if count}, self.told()
        return self

    def knew(self, rows: int, **others: int) -> Run:
        """
        Check that this many rows were recognised, and exactly these others decided.

        Recognised is: created before, a duplicate, or held back as changed or as what may be a
        duplicate. The last two kinds are to be told by the exit code.
        """
        counts = self.counts
        known = {name: counts.pop(name, 0) for name in _KNOWN}
        assert sum(known.values()) == rows, self.told()
        assert counts == others, self.told()
        bad = others.keys() & {"invalid", "failed", "unknown"}
        is_left = any(known[name] for name in _LEFT_TO_A_PERSON)
        assert self.exit_code == (1 if bad else 6 if is_left else 0), self.told()
        return self

    def left_to_somebody(self) -> Run:
        """Check that a run that sends nothing and has something left to a person tells it."""
        assert self.requests == 0, self.told()
        assert self.exit_code in {1, 6}, self.told()
        return self

    def refused(self, *words: str) -> Run:
        """Check that nothing was sent, with exit code 2 and a message that has these words."""
        assert self.exit_code == 2, self.told()
        assert self.requests == 0, self.told()
        assert not [word for word in words if word not in self.stderr], self.told()
        return self

    def told(self) -> str:
        """Return all that the run said, for whoever reads why a sequence failed."""
        shown = f"exit {self.exit_code}, {self.requests} requests"
        return f"{shown}\n{self.stdout}\n{self.stderr}"


@dataclass
class World:
    """
    A folder, a CRM at an address, and the command that a person runs there.

    Before each run the CRM forgets the keys of all requests: what keeps a person from being made
    twice must be the results file. A sequence that is about lost answers sets `remembers`.

    Writing the report takes as long as the rest of a small run: only where it is looked at,
    `reports` is set.
    """

    folder: Path
    url: str
    crm: Crm = field(default_factory=Crm)
    api_key: str = KEY
    remembers: bool = False
    reports: bool = False
    _last: tuple[str, ...] = ()

    def delete(self, *names: str) -> None:
        """Delete files of the folder."""
        for name in names:
            (self.folder / name).unlink()

    def write(self, name: str, text: str, encoding: str = "utf-8") -> Path:
        """Write a file; indentation is taken off."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(dedent(text).encode(encoding))
        return path

    def edit(self, name: str, *changes: tuple[str, str]) -> None:
        """Replace texts that stand in a file."""
        path = self.folder / name
        text = path.read_text(encoding="utf-8")
        for old, new in changes:
            assert old in text, f"{name} has no {old!r}:\n{text}"
            text = text.replace(old, new)
        path.write_text(text, encoding="utf-8")

    def sort(self, name: str, *, reverse: bool = False) -> None:
        """Sort the rows of a list, below its header."""
        header, *rows = self.read(name).splitlines()
        rows.sort(reverse=reverse)
        (self.folder / name).write_text("\n".join([header, *rows, ""]), encoding="utf-8")

    def read(self, name: str) -> str:
        """Return a file's text."""
        return (self.folder / name).read_text(encoding="utf-8")

    def has(self, name: str) -> bool:
        """Return whether there is such a file."""
        return (self.folder / name).exists()

    def names(self, pattern: str = "*") -> set[str]:
        """Return the names of the files that fit a pattern."""
        return {path.name for path in self.folder.glob(pattern)}

    def rows(self, name: str) -> list[dict[str, str]]:
        """Return the rows of a CSV file."""
        return list(csv.DictReader(io.StringIO(self.read(name))))

    def outcomes(self, results: str) -> dict[int, dict[str, Any]]:
        """Return the last outcome on record for each row number of the last run's list."""
        lines = [json.loads(line) for line in self.read(results).splitlines()]
        return {line["row"]: line for line in lines if line["kind"] == "row"}

    def run(self, *arguments: str, stdin: str | None = None, process: bool = False) -> Run:
        """Run the command with the usual flags, and check what must be true of any run."""
        self._last = arguments
        if not self.remembers:
            self.crm.forget()
        before = len(self.crm.requests)
        report = () if self.reports else ("--no-report",)
        command = ("run", *_DEFAULTS, *report, *arguments)
        code, out, err = self.command(*command, stdin=stdin, process=process)
        run = Run(code, out, err, len(self.crm.requests) - before)
        self._check(run)
        return run

    def again(self) -> Run:
        """Run the same command once more."""
        return self.run(*self._last)

    def command(
        self, *arguments: str, stdin: str | None = None, process: bool = False
    ) -> tuple[int, str, str]:
        """Run any command in the folder. Returns its exit code and what it printed."""
        run = commands.process if process else commands.inside
        done = run.vorel_import(*arguments, cwd=self.folder, env=self.environment, stdin=stdin)
        return done.returncode, done.stdout, done.stderr

    def acknowledge(self, *decisions: str, results: str = "people.results.jsonl") -> None:
        """Say that the changes are dealt with, or what is true of possible duplicates."""
        code, _, told = self.command("acknowledge", results, *decisions)
        assert code == 0, told

    def possible_duplicates(self) -> list[dict[str, str]]:
        """Return the rows that wait for somebody who decides, as the files beside the list say."""
        return [
            row
            for name in sorted(self.names("*.changed.csv"))
            for row in self.rows(name)
            if row.get("vorel_status") == "possible_duplicate"
        ]

    @property
    def environment(self) -> dict[str, str]:
        """Return what a person has set once for all commands."""
        return {"VOREL_API_KEY": self.api_key, "VOREL_BASE_URL": self.url}

    def _check(self, run: Run) -> None:
        assert "Traceback" not in run.stderr, run.told()
        assert self.api_key not in run.stdout + run.stderr, run.told()
        report = run.report
        if not report or run.exit_code == 2:
            return
        assert report["exit_code"] == run.exit_code, run.told()
        if report.get("results") and (self.folder / report["results"]).exists():
            self._check_results(self.read(report["results"]), run)

    def _check_results(self, text: str, run: Run) -> None:
        """Check that the ids on record are records, and that no key left without being there."""
        assert self.api_key not in text
        for line in map(json.loads, text.splitlines()):
            made = line.get("external_id") if line.get("kind") == "row" else None
            assert made is None or made in self.crm.records, run.told()
        if run.requests:
            for request in self.crm.requests[-run.requests :]:
                assert f'"{request.key}"' in text, run.told()

    def holds(self, **people: int) -> None:
        """Check whom the account of the key has, and how often: nobody twice, nobody lost."""
        found = self.crm.people(self.crm.accounts[self.api_key])
        assert dict(found) == people, found

    def settled(self, **people: int) -> None:
        """Check whom the CRM holds; the same command again makes nobody and reports no change."""
        self.holds(**people)
        again = self.again()
        self.holds(**people)
        assert "created" not in again.counts, again.told()
        assert "changed" not in again.counts, again.told()
