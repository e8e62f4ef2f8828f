"""What is around the list of a night: its mapping, its results file, the disk, the key, the CRM."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from threading import Thread
from typing import Any

from referee import World

from importer.run.guards import preparation
from importer.writer.results import ResultsFile
from nights.clinic import MAPPING

__all__ = ["Surroundings"]

_JOB = """
[job]
sources = "people.csv"
results = "people.results.jsonl"
rate = 1000000
pace = "burst"
max_outage = "2s"
report = false
notify_command = "tee told.txt"
"""
_RUN = ("run", "--job", "clinic.toml", "--no-input", "--json")
_SPARE = 64
_PARTS = 6
_COMPLETE_SECONDS = 3.0


class Surroundings:
    """
    Runs the nights of a `world` through the command line, in a process of its own where it must be.

    A night with a kind of trouble is run as `run(kind)`.
    """

    def __init__(self, world: World, earlier: bytes = b"") -> None:
        self.world = world
        self.results = world.folder / "people.results.jsonl"
        self.list = world.folder / "people.csv"
        self.earlier = earlier
        self._mapping(MAPPING)

    def save(self, content: bytes) -> None:
        """Save the list of a night, complete: as it was some seconds ago."""
        self.list.write_bytes(content)
        done = time.time() - _COMPLETE_SECONDS
        os.utime(self.list, (done, done))

    def run(self, trouble: str | None = None, *flags: str) -> dict[str, Any]:
        """Import the list. Returns the report, with `told`: what somebody on call was told."""
        told = self.world.folder / "told.txt"
        told.unlink(missing_ok=True)
        before = self.results.read_bytes() if trouble is None and self.results.exists() else None
        if trouble == "disk":
            report = self._on_a_full_disk()
        else:
            with self._troubled(trouble):
                code, out, _ = self.world.command(*_RUN, *flags)
            report = json.loads(out)
            assert report["exit_code"] == code, report
        if before is not None and report["counts"]["created"]:
            self.earlier = before
        return {**report, "told": told.read_text("utf-8") if told.exists() else ""}

    def _mapping(self, text: str) -> None:
        self.world.write("clinic.toml", text + _JOB)

    @contextmanager
    def _troubled(self, trouble: str | None) -> Iterator[None]:
        ways: dict[str, Callable[[], Iterator[None]]] = {
            "overlap": self._overlap,
            "key": self._without_account,
            "no key": self._without_key,
            "service": self._without_service,
            "mapping": self._with_names_swapped,
            "mapping cut": self._with_half_a_mapping,
            "no file": self._without_list,
            "growing": self._growing,
            "results lost": self._without_results,
            "results old": self._with_old_results,
        }
        if trouble in ways:
            yield from ways[trouble]()
        else:
            yield

    def _overlap(self) -> Iterator[None]:
        with closing(ResultsFile(self.results)):
            yield

    def _without_account(self) -> Iterator[None]:
        account = self.world.crm.accounts.pop(self.world.api_key)
        yield
        self.world.crm.accounts[self.world.api_key] = account

    def _without_key(self) -> Iterator[None]:
        key, self.world.api_key = self.world.api_key, ""
        yield
        self.world.api_key = key

    def _without_service(self) -> Iterator[None]:
        self.world.crm.is_away = True
        yield
        self.world.crm.is_away = False

    def _with_names_swapped(self) -> Iterator[None]:
        swapped = MAPPING.replace('"First Name"', '"?"').replace('"Last Name"', '"First Name"')
        self._mapping(swapped.replace('"?"', '"Last Name"'))
        yield
        self._mapping(MAPPING)

    def _with_half_a_mapping(self) -> Iterator[None]:
        self._mapping(MAPPING.replace('email = "E-mail"', 'email = "E-mail'))
        yield
        self._mapping(MAPPING)

    def _without_list(self) -> Iterator[None]:
        self.list.unlink()
        yield

    def _growing(self) -> Iterator[None]:
        content = self.list.read_bytes()
        step = -(-len(content) // _PARTS)
        gap = max(preparation.STILL_SECONDS, 0.2) / 4

        def write() -> None:
            for part in range(1, _PARTS):
                time.sleep(gap)
                with self.list.open("ab") as stream:
                    stream.write(content[part * step : (part + 1) * step])

        self.list.write_bytes(content[:step])
        writer = Thread(target=write)
        writer.start()
        yield
        writer.join()

    def _without_results(self) -> Iterator[None]:
        kept = self.results.read_bytes()
        self.results.unlink()
        yield
        self.results.write_bytes(kept)

    def _with_old_results(self) -> Iterator[None]:
        kept = self.results.read_bytes()
        self.results.write_bytes(self.earlier)
        yield
        self.results.write_bytes(kept)

    def _on_a_full_disk(self) -> dict[str, Any]:
        """Run in a process that can make the results file no larger than it is, nor smaller."""
        limit = self.results.stat().st_size + _SPARE

        def fill() -> None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

        done = subprocess.run(
            [sys.executable, "-m", "importer", *_RUN, "--no-compact"],
            cwd=self.world.folder,
            env={
                **self.world.environment,
                "PATH": os.environ["PATH"],
                "PYTHONPATH": ":".join(sys.path),
            },
            capture_output=True,
            text=True,
            check=False,
            preexec_fn=fill,
        )
        report: dict[str, Any] = json.loads(done.stdout)
        return report
