"""Draws from a seed what a simulation goes through: settings, faults, and the runs' ends."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from typing import Any, Literal

__all__ = ["HOUR", "Latency", "Plan", "RunPlan", "plan_of"]

HOUR = 3600.0
Window = Literal["fixed", "sliding"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency:
    """The quickest way there or back in seconds, and the share of ways that are much slower."""

    base: float
    tail: float

    def draw(self, chance: random.Random) -> float:
        """Return the seconds of one way; at most 4.5, since a request counts within 5 s."""
        seconds = self.base * (1 + chance.expovariate(1.0))
        if chance.random() < self.tail:
            seconds += 3 * chance.random()
        return min(seconds, 4.5)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPlan:
    """
    One run: how it may end before its time, and what happens before it.

    `mapping` is the name of its mapping; `reworded` means that only the text of it differs. A run
    dies at an await (`die_at_step`) or in a disk operation (`die_at_operation`), or meets a disk
    that is full from an operation on; with a power cut what was not synced may be lost. The wall
    clock steps by `skew` seconds after `skew_after`.
    """

    gap: float = 0.0
    edit: bool = False
    mapping: str = "full"
    reworded: bool = False
    die_at_step: int | None = None
    die_at_operation: int | None = None
    power_cut: bool = False
    disk_full_at: int | None = None
    stop_after: float | None = None
    skew: float = 0.0
    skew_after: float = 0.0
    settings: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One seed's world. `others` is what the other clients on the key use of each minute."""

    seed: int
    rows: int
    rate: int
    window: Window
    phase: float
    others: int
    counts_refused: bool
    latency: Latency
    fault_share: float
    outages: tuple[tuple[float, float, str], ...]
    key_lifetime: float
    stores_refusals: bool
    stores_passing: bool
    headers: bool
    retry_after: str
    runs: tuple[RunPlan, ...]
    settings: dict[str, Any]


def plan_of(seed: int) -> Plan:
    """Return the plan of a seed; the same one for ever, as long as this module stays as it is."""
    chance = random.Random(f"plan {seed}")
    rows = chance.randint(8, 32)
    rate = chance.choice((200, 200, 60, 20, 10))
    clients = chance.choice((0, 0, 1, 2, 3))
    forgets = chance.random() < 0.2
    return Plan(
        seed=seed,
        rows=rows,
        rate=rate,
        window=chance.choice(("fixed", "sliding")),
        phase=chance.uniform(0, 60),
        others=sum(int(rate * chance.uniform(0.05, 0.2)) for _ in range(clients)),
        counts_refused=chance.random() < 0.5,
        latency=Latency(
            base=chance.choice((0.01, 0.05, 0.3)), tail=chance.choice((0.0, 0.02, 0.2))
        ),
        fault_share=chance.choice((0.0, 0.05, 0.2, 0.5)),
        outages=_outages(chance),
        key_lifetime=chance.choice((0.25, 1.0)) * HOUR if forgets else math.inf,
        stores_refusals=chance.random() < 0.7,
        stores_passing=chance.random() < 0.5,
        headers=chance.random() < 0.5,
        retry_after=chance.choice(("seconds", "date", "reset", "absent")),
        runs=_runs(chance, rows, forgets=forgets),
        settings={
            "rate": rate,
            "pace": chance.choice(("spread", "burst")),
            "concurrency": chance.choice((1, 2, 4, 8)),
            "request_timeout": chance.choice((5.0, 30.0)),
            "key_lifetime": _believed_lifetime(seed, forgets=forgets),
        },
    )


def _believed_lifetime(seed: int, *, forgets: bool) -> float:
    """Draw the setting `key_lifetime`: what is true, more, less, or the default."""
    chance = random.Random(f"believed lifetime {seed}")
    if forgets:
        return chance.choice((0.1, 0.25, 1.0, 24.0)) * HOUR
    return chance.choice((24.0, 0.02)) * HOUR


def _outages(chance: random.Random) -> tuple[tuple[float, float, str], ...]:
    """Draw (start, end, kind) of outages, some longer than any run waits."""
    if chance.random() < 0.6:
        return ()
    begin = chance.uniform(0, 120)
    length = chance.choice((5.0, 60.0, 300.0, 2000.0))
    return ((begin, begin + length, chance.choice(("unreachable", "error_503", "hang"))),)


_MAPPINGS = {
    "full": 6, "by id": 3, "with a constant": 2, "with notes": 2, "no ids": 2, "level as text": 1,
    "level as decimal": 1, "level as integer": 1, "names alone": 1, "by family": 1,
    "first names alone": 1,
}  # fmt: skip
"""The mappings in `simulation.people`, and how often each is chosen."""


def _runs(chance: random.Random, rows: int, *, forgets: bool) -> tuple[RunPlan, ...]:
    """Draw the runs with faults. In two seeds of three, mapping and settings change as well."""
    changes = chance.random() < 0.67
    mapping, decides = _mapping(chance), _decides(chance)
    runs = []
    for _ in range(chance.randint(1, 4)):
        if changes and chance.random() < 0.5:
            mapping = _mapping(chance)
        if changes and chance.random() < 0.3:
            decides = _decides(chance)
        runs.append(_run(chance, rows, mapping, decides, forgets=forgets))
    return tuple(runs)


def _mapping(chance: random.Random) -> str:
    return chance.choices(tuple(_MAPPINGS), tuple(_MAPPINGS.values()))[0]


def _decides(chance: random.Random) -> dict[str, Any]:
    """Draw the settings that decide which rows are the same record."""
    return {
        "on_duplicate": chance.choices(("skip", "send"), (3, 1))[0],
        "on_change": chance.choices(("report", "send"), (4, 1))[0],
        "namespace": chance.choices(("", "spring"), (9, 1))[0],
    }


def _run(
    chance: random.Random, rows: int, mapping: str, decides: dict[str, Any], *, forgets: bool
) -> RunPlan:
    end = chance.random()
    settings = {**decides}
    if chance.random() < 0.1:
        settings["limit"] = chance.randint(0, rows)
    if chance.random() < 0.1:
        settings["time_limit"] = chance.uniform(0.5, 60)
    if chance.random() < 0.2:
        settings["max_outage"] = chance.choice((0.0, 30.0, 120.0))
    if chance.random() < 0.1:
        settings["max_errors"] = {"count": chance.randint(0, 3)}
    return RunPlan(
        gap=chance.choice((0.0, 1.0, 30.0, 300.0, 2 * HOUR if forgets else 40.0)),
        edit=chance.random() < 0.4,
        mapping=mapping,
        reworded=chance.random() < 0.2,
        die_at_step=_early(chance, rows * 30) if end < 0.4 else None,
        die_at_operation=_early(chance, rows * 4) if 0.4 <= end < 0.8 else None,
        power_cut=chance.random() < 0.6,
        disk_full_at=_early(chance, rows * 4) if end > 0.93 else None,
        stop_after=chance.expovariate(1 / 10) if chance.random() < 0.1 else None,
        skew=chance.choice((0.0, 0.0, -5.0, 3.0, -90_000.0)),
        skew_after=chance.choice((0.0, 5.0)),
        settings=settings,
    )


def _early(chance: random.Random, most: int) -> int:
    """Draw a number from 1 to `most`; half of the time a small one, where runs begin."""
    if chance.random() < 0.5:
        return int(math.exp(chance.uniform(0, math.log(most))))
    return chance.randint(1, most)
