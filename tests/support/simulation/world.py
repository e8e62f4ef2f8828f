"""Lives through one seed: runs the importer, kills it, runs it again, and checks its promises."""

from __future__ import annotations

import math
import os
import random
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest import mock

import anyio.to_thread
import trio
import trio.testing
from law.lists import ListMapping
from law.truth import Made
from pydantic import SecretStr

from importer.core.clock import NANOSECONDS, Clock
from importer.core.control import StopControl
from importer.core.errors import ColumnsMissing, ResultsError
from importer.core.records import Summary
from importer.core.settings import ErrorLimit
from importer.run import journal, pipeline
from importer.run.config import ImportConfig
from importer.run.run_environment import RunEnvironment
from importer.sender.vorel import client
from importer.writer import index_file
from importer.writer import results as results_module
from simulation.checks import broken_after_run
from simulation.client import SimulatedClient
from simulation.disk import Died, Disk
from simulation.on_file import created_on_record, open_requests, read_lines, reported_versions
from simulation.people import COLUMNS, MAPPINGS, People
from simulation.plan import Plan, RunPlan, plan_of
from simulation.report import Failure, Report
from simulation.rest import Ran, lines_left_to_people, people_lost, people_made_twice
from simulation.server import Server
from simulation.stand_ins import Steps, export_nothing, run_here, stop

__all__ = ["simulate"]

_BEGAN = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
_MEMORY = Path("/dev/shm")  # noqa: S108 - where there is one, files cost no disk
_CALM_RUNS = 8
_NIGHTS = 3
_RUNS_AFTER_A_LOOK = 4
_MOST_STEPS = 100_000
_ALL_HAS_ARRIVED = 120.0
"""After so many seconds no request is on its way any more."""


def simulate(seed: int) -> Report:
    """Live through a seed. Raises `Failure` where a promise does not hold."""
    plan = plan_of(seed)
    folder = _MEMORY if _MEMORY.is_dir() else None
    with tempfile.TemporaryDirectory(prefix="simulation-", dir=folder) as name:
        world = _World(plan, Path(name))
        with world.patched():
            trio.run(
                world.live,
                clock=trio.testing.MockClock(autojump_threshold=0),
                instruments=[Steps(world.step)],
            )
    if world.broken:
        raise Failure(seed, world.broken)
    return world.summary()


class _World:
    """One seed's disk, server and list, and the process that runs in it."""

    def __init__(self, plan: Plan, folder: Path) -> None:
        self._plan = plan
        self._folder = folder
        self._chance = random.Random(f"world {plan.seed}")
        self._results = folder / "people.results.jsonl"
        self.disk = Disk(random.Random(f"disk {plan.seed}"), self._die)
        self.people = People(plan, folder / "people.csv")
        self.server = Server(
            plan=plan,
            people=self.people,
            began=_BEGAN,
            report=self._report,
            is_on_record=self.disk.sent.__contains__,
            created=self.disk.created,
        )
        self.process = 0
        self.broken: list[str] = []
        self._kept_aside: list[Path] = []
        self._runs: list[Ran] = []
        self._mappings: dict[str, ListMapping] = {}
        self._deaths = 0
        self._lived = 0.0
        self._steps = 0
        self._die_at: int | None = None
        self._scope = trio.CancelScope()

    def summary(self) -> Report:
        server = self.server
        return Report(
            runs=self.process,
            deaths=self._deaths,
            requests=server.requests,
            records=len(server.records),
            excused=sum(record.excused for record in server.records.values()),
            hours=self._lived / 3600,
        )

    # The process

    def step(self) -> None:
        self._steps += 1
        if self._steps == self._die_at:
            self._die()
        elif self._steps == _MOST_STEPS:
            self._report("a run comes to no end")
            self._die()

    def _die(self) -> None:
        self.disk.dead = True
        self._scope.cancel()

    def check_alive(self) -> None:
        if self.disk.dead:
            raise Died

    def _report(self, what: str) -> None:
        self.broken.append(f"run {self.process}: {what}")

    @contextmanager
    def patched(self) -> Iterator[None]:
        """Let the importer run in this world: one thread, one disk, one server, one chance."""
        trio_run = trio._core._run
        changes: list[tuple[Any, str, Any]] = [
            (anyio.to_thread, "run_sync", run_here),
            (client, "Client", self._client),
            (pipeline, "update_exports", export_nothing),
            (results_module, "os", self.disk),
            # Large files are loaded another way: one seed in four takes its own for large.
            (
                index_file,
                "_SMALL_BYTES",
                0 if self._plan.seed % 4 == 0 else index_file._SMALL_BYTES,
            ),
            (journal, "process_identity", lambda: {"pid": 1, "host": "simulated"}),
            (trio_run, "_ALLOW_DETERMINISTIC_SCHEDULING", True),
            (trio_run, "_r", random.Random(f"tasks {self._plan.seed}")),
        ]
        with ExitStack() as stack:
            state = {"XDG_STATE_HOME": str(self._folder / "state")}
            stack.enter_context(mock.patch.dict(os.environ, state))
            for target, name, stand_in in changes:
                stack.enter_context(mock.patch.object(target, name, stand_in))
            yield

    def _client(self, *, request_timeout: float, **_: object) -> SimulatedClient:
        return SimulatedClient(self, request_timeout=request_timeout)

    def _results_file(self, path: Path) -> results_module.ResultsFile:
        # Where nothing is quick enough, every sync lets the other tasks run on meanwhile.
        patience = -1.0 if self._plan.seed % 2 else math.inf
        results = results_module.ResultsFile(path, sync=self.disk.fsync, patience=patience)
        if results.torn is not None:
            self._kept_aside.append(results.torn)
        return results

    # The life

    async def live(self) -> None:
        for run in self._plan.runs:
            if run.edit:
                self.people.edit()
            await self._run(run)
            await trio.sleep(run.gap)
            if self.broken:
                return
        self.server.calm = True
        if self._plan.seed % 5 == 0:
            await self._pass_nights()
        await self._come_to_rest()
        self._lived = trio.current_time()

    async def _pass_nights(self) -> None:
        """Let a few people change each night, until nothing of theirs is as it was at first."""
        for _ in range(_NIGHTS):
            self.people.drift()
            await self._run(self._calm())

    async def _come_to_rest(self) -> None:
        """Do all that is left, in a few runs without faults, and check what has come of it."""
        plan = self._plan
        patience = 600 + 180 * plan.rows / max(1, plan.rate - plan.others)
        await self._repeat(self._calm(), _CALM_RUNS, patience)
        if self.broken or self._has_no_whole_row():
            return
        if lines_left_to_people(self._results, self.people):
            await self._look_up()
        for broken in people_made_twice(self._runs, self.server):
            self._report(broken)
        for broken in people_lost(self._results, self.server, self.people, self._runs[-1]):
            self._report(broken)

    def _has_no_whole_row(self) -> bool:
        """Return whether all rows are cut short: then the header's length is not theirs."""
        return all(line.kind == "malformed" for line in self.people.lines)

    def _calm(self, **settings: Any) -> RunPlan:
        """Return a run without faults, with the mapping and the settings of the last one."""
        last = self._plan.runs[-1]
        decides = {name: last.settings[name] for name in ("on_duplicate", "on_change", "namespace")}
        return RunPlan(
            mapping=last.mapping, settings={"max_errors": {"share": 1.0}, **decides, **settings}
        )

    async def _look_up(self) -> None:
        """
        Do what a person does about rows that are not sent again: look into the CRM for them.

        Those that have a record are taken out of the list, and all others are sent.
        """
        await trio.sleep(_ALL_HAS_ARRIVED)
        self.server.advance(trio.current_time())
        held = {line.who for line in lines_left_to_people(self._results, self.people)}
        made = {record.line.who for record in self.server.records.values()}
        self.people.take_out(held & made)
        # A refusal may still be kept under the key, and what is refused once takes the next run.
        await self._repeat(self._calm(resend_unknown=True), _RUNS_AFTER_A_LOOK)

    async def _repeat(self, run: RunPlan, most: int, patience: float = math.inf) -> None:
        """Repeat a run until it asks for no more than is refused for good, or changes nothing."""
        before: set[str] | None = None
        for _ in range(most):
            asked, records = self.server.asked_with.copy(), len(self.server.records)
            with trio.move_on_after(patience) as hurry:
                await self._run(run)
            if hurry.cancelled_caught:
                self._report(f"no end within {patience:.0f} s although all is well")
            now = self._asked_since(asked)
            is_repeated = now == before and len(self.server.records) == records
            if self.broken or is_repeated or not now:
                return
            before = now

    def _asked_since(self, before: Counter[str]) -> set[str]:
        """Return the keys of requests since the server had counted `before`, but hopeless ones."""
        server = self.server
        hopeless = {line.who for line in self.people.lines if line.kind == "refused"}
        return {
            key for key in server.asked_with - before if server.left[key].line.who not in hopeless
        }

    async def _run(self, run: RunPlan) -> None:
        """Start the importer and let it end, or kill it."""
        self.process += 1
        self._write_mapping(run)
        self._steps, self._die_at = 0, run.die_at_step
        self.disk.start(die_at=run.die_at_operation, full_at=run.disk_full_at)
        self.server.run_began = trio.current_time()
        self.server.key_lifetime = self._oldest_key(run)
        self._scope = trio.CancelScope()
        summary = None
        try:
            with self._scope:
                summary = await self._import(run)
        except Exception as error:  # noqa: BLE001 - whatever it is, the seed is to be told
            self._report(f"the run raised {error!r}")
        except BaseException:
            if not self.disk.dead:
                raise
        self._die_at = None
        if self.disk.dead:
            self._bury(run)
        elif summary is not None:
            self._check(summary, full=run.disk_full_at is not None)

    def _write_mapping(self, run: RunPlan) -> None:
        mapping = self.server.mapping = MAPPINGS[run.mapping]
        text = mapping.text(COLUMNS)
        if run.reworded:
            text = f"# as agreed with the sales team\n{text}".replace(" = ", "  =  ")
        (self._folder / "mapping.toml").write_text(text, encoding="utf-8")
        ran = Ran(
            process=self.process,
            lines=tuple(self.people.lines),
            unclear=self.server.unclear(created_on_record(self._results)),
            begun=open_requests(self._results),
            mapping=mapping,
            settings=run.settings,
            versions=self._versions(),
            read=self._read_by(mapping),
        )
        self._runs.append(ran)
        self.server.sends_all = ran.sends_all

    def _versions(self) -> dict[str, tuple[Made, ...]]:
        """Return the versions of rows on record by id, as the mapping of their run has them."""
        found: dict[str, tuple[Made, ...]] = {}
        for line in reported_versions(self._results):
            mapping = self._mappings.setdefault(line["run"], self._runs[-1].mapping)
            version = Made(self.people.line_of(line["source_hash"]), mapping, "")
            found[line["external_id"]] = (*found.get(line["external_id"], ()), version)
        return found

    def _read_by(self, mapping: ListMapping) -> set[str]:
        """Return the keys of the records whose own rows runs with this mapping have read."""
        found: set[str] = set()
        by: ListMapping | None = None
        for line in read_lines(self._results)[0] if self._results.exists() else ():
            if line["kind"] == "run":
                by = self._mappings.setdefault(line["run"], self._runs[-1].mapping)
            elif line["kind"] == "reading" and by is mapping:
                found.add(line["idempotency_key"])
        return found

    def _oldest_key(self, run: RunPlan) -> float:
        """Return how old a key may be that a run uses again; a clock set back may hide an age."""
        if "resend_unknown" in run.settings or any(one.skew for one in self._plan.runs):
            return math.inf
        return float(self._plan.settings["key_lifetime"])

    def _bury(self, run: RunPlan) -> None:
        self._deaths += 1
        self.server.sever()
        if run.power_cut:
            self.disk.cut_power()
        if not all(path.exists() for path in self._kept_aside):
            self._report("a torn line that was kept aside is gone")

    def _check(self, summary: Summary, *, full: bool) -> None:
        self.server.advance(trio.current_time())
        ended = not (full and summary.exit_code == 3)
        found = broken_after_run(self._results, self.server, self.people, summary, ended=ended)
        for broken in found:
            self._report(broken)
        complete = summary.stopped is None and summary.unsent == 0
        if complete and self.server.calm and summary.read != len(self.people.lines):
            self._report(f"{summary.read} of {len(self.people.lines)} rows were read")

    async def _import(self, run: RunPlan) -> Summary | None:
        settings: dict[str, Any] = {**self._plan.settings, **run.settings}
        config = ImportConfig(
            sources=(str(self._folder / "people.csv"),),
            mapping=self._folder / "mapping.toml",
            results=self._results,
            base_url="http://localhost",
            api_key=SecretStr("vapk_test_" + "0" * 48),
            report=False,
            **{**settings, "max_errors": ErrorLimit(**settings.get("max_errors", {"share": 0.2}))},
        )
        control = StopControl()
        async with trio.open_nursery() as nursery:
            if run.stop_after is not None:
                nursery.start_soon(stop, control, run.stop_after)
            summary = None
            try:
                clock, environment = self._clock(run), RunEnvironment(open_store=self._results_file)
                summary = await pipeline.run_import(
                    config, control=control, clock=clock, environment=environment
                )
            except ResultsError as error:
                if run.disk_full_at is None:
                    self._report(f"the run was refused: {error}")
            except ColumnsMissing:
                if not self._has_no_whole_row():
                    raise
            nursery.cancel_scope.cancel()
        return summary

    def _clock(self, run: RunPlan) -> Clock:
        """Return the run's clock; that of the wall steps, the monotonic one does not."""
        step_at = trio.current_time() + run.skew_after

        def now() -> datetime:
            time = trio.current_time()
            return _BEGAN + timedelta(seconds=time + (run.skew if time >= step_at else 0))

        return Clock(
            monotonic_ns=lambda: round(trio.current_time() * NANOSECONDS),
            now=now,
            random=self._chance.random,
        )
