"""Simulates imports by the thousand, each from one seed, and prints the seeds that fail."""

from __future__ import annotations

import argparse
import gc
import multiprocessing
import sys
import time
from collections import Counter
from collections.abc import Iterator

from simulation.mutants import MUTANTS, mutated
from simulation.report import Failure, Report
from simulation.seeds import try_seed

from importer.run.guards import preparation

_CHUNK = 20
_PROGRESS_EVERY = 1000
_COLLECT_EVERY = 50_000
"""Garbage is collected after so many new objects: Python's 700 cost some 7 % of the time."""


def main() -> int:
    """Simulate the seeds that the arguments name. Returns 1 where one of them fails."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=2000, help="how many")
    parser.add_argument("--start", type=int, default=0, help="the first one")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--mutant", choices=sorted(MUTANTS), help="break the importer first")
    options = parser.parse_args()
    preparation.STILL_SECONDS = 0.0  # nobody writes to the lists of a seed while it runs
    gc.freeze()  # the modules are in use to the end
    gc.set_threshold(_COLLECT_EVERY)
    seeds = range(options.start, options.start + options.seeds)
    if options.mutant:
        print(_first_failure(seeds, options.mutant))  # noqa: T201
        return 0
    return _simulate_all(seeds, options.processes)


def _first_failure(seeds: range, mutant: str) -> Failure | None:
    with mutated(mutant):
        return next((found for found in map(try_seed, seeds) if isinstance(found, Failure)), None)


def _simulate_all(seeds: range, processes: int) -> int:
    began = time.monotonic()
    total: Counter[str] = Counter()
    failed = 0
    for done, outcome in enumerate(_outcomes(seeds, processes), 1):
        if isinstance(outcome, Failure):
            failed += 1
            alone = f"make simulate SEEDS=1 START={outcome.seed}"
            print(f"{outcome}\n    this seed alone: {alone}", flush=True)  # noqa: T201
        else:
            total.update(outcome.counts())
        if done % _PROGRESS_EVERY == 0 or done == len(seeds):
            pace = done / (time.monotonic() - began)
            counts = ", ".join(f"{count:,} {name}" for name, count in total.items())
            print(f"{done} seeds, {failed} failed, {pace:.0f} a second: {counts}", flush=True)  # noqa: T201
    return int(failed > 0)


def _outcomes(seeds: range, processes: int) -> Iterator[Report | Failure]:
    if processes == 1:
        yield from map(try_seed, seeds)
        return
    with multiprocessing.Pool(processes) as pool:
        yield from pool.imap_unordered(try_seed, seeds, chunksize=_CHUNK)


if __name__ == "__main__":
    sys.exit(main())
