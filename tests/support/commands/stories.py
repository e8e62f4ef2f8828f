"""Plays random stories through the command line, each from one seed, and prints those that fail."""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import time
from collections import Counter
from collections.abc import Iterator

from simulation.mutants import MUTANTS, mutated
from stories import Ended, play

_CHUNK = 5
_PROGRESS_EVERY = 200


def main() -> int:
    """Play the stories that the arguments name. Returns 1 where one of them fails."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stories", type=int, default=200, help="how many")
    parser.add_argument("--start", type=int, default=0, help="the first one")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--mutant", choices=sorted(MUTANTS), help="break the importer first")
    options = parser.parse_args()
    seeds = range(options.start, options.start + options.stories)
    if options.mutant:
        print(_first_fault(seeds, options.mutant))  # noqa: T201
        return 0
    return _play_all(seeds, options.processes)


def _first_fault(seeds: range, mutant: str) -> Ended | None:
    with mutated(mutant):
        return next((ended for ended in map(_without_kills, seeds) if ended.fault), None)


def _without_kills(seed: int) -> Ended:
    """Play a story inside this process, the only one that is broken."""
    return play(seed, kills=False)


def _play_all(seeds: range, processes: int) -> int:
    began = time.monotonic()
    total: Counter[str] = Counter()
    failed = 0
    for done, ended in enumerate(_ended(seeds, processes), 1):
        if ended.fault:
            failed += 1
            alone = f"make stories STORIES=1 START={ended.seed}"
            print(f"{ended}\n    this story alone: {alone}", flush=True)  # noqa: T201
        total.update(ended.counts())
        if done % _PROGRESS_EVERY == 0 or done == len(seeds):
            pace = done / (time.monotonic() - began)
            counts = ", ".join(f"{count:,} {name}" for name, count in total.items())
            print(f"{done} stories, {failed} failed, {pace:.1f} a second: {counts}", flush=True)  # noqa: T201
    return int(failed > 0)


def _ended(seeds: range, processes: int) -> Iterator[Ended]:
    if processes == 1:
        yield from map(play, seeds)
        return
    with multiprocessing.Pool(processes) as pool:
        yield from pool.imap_unordered(play, seeds, chunksize=_CHUNK)


if __name__ == "__main__":
    sys.exit(main())
