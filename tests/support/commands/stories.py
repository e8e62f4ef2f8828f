"""Plays random stories through the command line, each from one seed, and prints those that fail."""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from simulation.mutants import MUTANTS, mutated
from stories import Ended, kind_of, play

from importer.run.guards import preparation

_PROGRESS_EVERY = 200
_SORTS = {
    "twice": "persons twice",
    "lost": "persons lost untold",
    "exit 0": "exit 0 untrue",
    "untrue": "files, counts or codes untrue",
    "memory": "lost memory unnoticed",
}
_FIGURES = ("runs", "kills", "people", "records", "rows", "excused")


def main() -> int:
    """Play the stories that the arguments name. Returns 1 where one of them fails."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stories", type=int, default=200, help="how many")
    parser.add_argument("--start", type=int, default=0, help="the first one")
    parser.add_argument("--jobs", type=int, default=2, help="in so many processes")
    parser.add_argument("--kind", help="only stories of this kind; see stories.kinds")
    parser.add_argument("--brief", action="store_true", help="of stories that fail only the fault")
    parser.add_argument("--mutant", choices=sorted(MUTANTS), help="break the importer first")
    options = parser.parse_args()
    preparation.STILL_SECONDS = 0.0  # nobody writes to the lists of a story while it runs
    seeds = [
        seed
        for seed in range(options.start, options.start + options.stories)
        if options.kind in {None, kind_of(seed)}
    ]
    if options.mutant:
        print(_first_fault(seeds, options.mutant))  # noqa: T201
        return 0
    return _play_all(seeds, options.jobs, is_brief=options.brief)


def _first_fault(seeds: Sequence[int], mutant: str) -> Ended | None:
    with mutated(mutant):
        return next((ended for ended in map(_without_kills, seeds) if ended.fault), None)


def _without_kills(seed: int) -> Ended:
    """Play a story inside this process, the only one that is broken."""
    return play(seed, kills=False)


def _play_all(seeds: Sequence[int], jobs: int, *, is_brief: bool) -> int:
    summary = _Summary()
    for ended in _ended(seeds, jobs):
        summary.add(ended)
        if ended.fault:
            alone = f"make stories STORIES=1 START={ended.seed}"
            shown = str(ended).partition("\n")[0] if is_brief else str(ended)
            print(f"{shown}\n    this story alone: {alone}", flush=True)  # noqa: T201
        if summary.stories % _PROGRESS_EVERY == 0:
            print(summary.line(), flush=True)  # noqa: T201
    print(summary.text(), flush=True)  # noqa: T201
    return int(summary.failed > 0)


def _ended(seeds: Sequence[int], jobs: int) -> Iterator[Ended]:
    if jobs == 1:
        yield from map(play, seeds)
        return
    with multiprocessing.get_context("fork").Pool(jobs) as pool:
        yield from pool.imap_unordered(play, seeds)


@dataclass
class _Summary:
    """What all stories so far have come to."""

    began: float = field(default_factory=time.monotonic)
    stories: int = 0
    failed: int = 0
    sorts: Counter[str] = field(default_factory=Counter)
    counts: Counter[str] = field(default_factory=Counter)
    kinds: dict[str, Counter[str]] = field(default_factory=dict)
    needless: Counter[str] = field(default_factory=Counter)
    played: Counter[str] = field(default_factory=Counter)

    def add(self, ended: Ended) -> None:
        """Add what has come of a story."""
        self.stories += 1
        self.failed += bool(ended.faults)
        self.sorts.update(sort for sort, _ in ended.faults)
        self.counts.update(ended.counts)
        self.needless.update(ended.needless)
        self.played.update(ended.played)
        kind = self.kinds.setdefault(ended.kind, Counter())
        kind.update(ended.counts)
        kind.update(stories=1, failed=bool(ended.faults), held=ended.needless.total())

    def line(self) -> str:
        """Return how far the stories are."""
        pace = self.stories / (time.monotonic() - self.began)
        figures = ", ".join(f"{self.counts[name]:,} {name}" for name in _FIGURES)
        return f"{self.stories} stories, {self.failed} failed, {pace:.1f} a second: {figures}"

    def text(self) -> str:
        """Return all figures: faults by sort, kinds of stories, needless holding back."""
        lines = [self.line(), *(f"{self.sorts[sort]:8,}  {name}" for sort, name in _SORTS.items())]
        lines += ["", "kind of story   stories  failed  row-days  held needlessly"]
        for name, kind in sorted(self.kinds.items()):
            share = _percent(kind["held"], kind["rows"])
            lines.append(
                f"{name:14} {kind['stories']:8,} {kind['failed']:7,} {kind['rows']:9,} "
                f"{kind['held']:9,} {share}"
            )
        rows = sum(kind["rows"] for name, kind in self.kinds.items() if name != "anything")
        lines += ["", "held back needlessly: versions of rows, each once, by what was done to them"]
        lines += [f"{'held':>7} {'of':>7}           of all row-days"]
        for label, held in self.needless.most_common():
            shares = f"{_percent(held, self.played[label])} {_percent(held, rows)}"
            lines.append(f"{held:7,} {self.played[label]:7,} {shares}  {label}")
        total = self.needless.total()
        shares = f"{_percent(total, self.played.total())} {_percent(total, rows)}"
        return "\n".join([*lines, f"{total:7,} {self.played.total():7,} {shares}  all"])


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:6.2f} %" if whole else "     - %"


if __name__ == "__main__":
    sys.exit(main())
