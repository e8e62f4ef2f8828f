"""Simulates imports by the thousand, each from one seed, and prints the seeds that fail."""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import time
from collections import Counter
from collections.abc import Iterator

from simulation.mutants import MUTANTS, mutated
from simulation.report import Failure, Report
from simulation.world import simulate

__all__ = ["try_seed"]

_CHUNK = 20
_EVERY = 1000


def try_seed(seed: int) -> Report | Failure:
    """Live through a seed and return what it came to, or what it found broken."""
    try:
        return simulate(seed)
    except Failure as failure:
        return failure


def _outcomes(seeds: range, processes: int) -> Iterator[Report | Failure]:
    if processes == 1:
        yield from map(try_seed, seeds)
        return
    with multiprocessing.Pool(processes) as pool:
        yield from pool.imap_unordered(try_seed, seeds, chunksize=_CHUNK)


def _mutant_seed(seeds: range, name: str) -> Failure | None:
    with mutated(name):
        return next((found for found in map(try_seed, seeds) if isinstance(found, Failure)), None)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=2000, help="how many")
    parser.add_argument("--start", type=int, default=0, help="the first one")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--mutant", choices=sorted(MUTANTS), help="break the importer first")
    options = parser.parse_args()
    seeds = range(options.start, options.start + options.seeds)
    if options.mutant:
        print(_mutant_seed(seeds, options.mutant))  # noqa: T201
        return
    began = time.monotonic()
    total: Counter[str] = Counter()
    failed = 0
    for done, outcome in enumerate(_outcomes(seeds, options.processes), 1):
        if isinstance(outcome, Failure):
            failed += 1
            again = f"python tests/support/simulating.py --seeds 1 --start {outcome.seed}"
            print(f"{outcome}\n    once more: {again}", flush=True)  # noqa: T201
        else:
            total.update(outcome.counts())
        if done % _EVERY == 0 or done == len(seeds):
            pace = done / (time.monotonic() - began)
            print(f"{done} seeds, {failed} failed, {pace:.0f} a second: {_said(total)}", flush=True)  # noqa: T201
    sys.exit(bool(failed))


def _said(total: Counter[str]) -> str:
    return ", ".join(f"{count:,} {name}" for name, count in total.items())


if __name__ == "__main__":
    main()
