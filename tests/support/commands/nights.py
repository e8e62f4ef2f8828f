"""Runs a year of nightly imports with accidents, and draws how files and run time grow."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from nights import Night, Year
from referee import Crm, World, serving

from importer.cli.text import say

_WIDTH, _HEIGHT, _EDGE = 640, 150, 44


def main() -> int:
    """Run the nights, print the figures, and return 1 if anything was not as it must be."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--nights", type=int, default=365)
    options.add_argument("--rows", type=int, default=10_000)
    options.add_argument("--accidents", type=int, default=40)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--draw", type=Path, help="write a picture (SVG) there")
    given = options.parse_args()
    crm = Crm()
    with serving(crm) as url, tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder), url, crm)
        year = Year.of(
            world, seed=given.seed, rows=given.rows, days=given.nights, accidents=given.accidents
        )
        for night in year.run(given.nights):
            if night.accident or night.day % 30 == 0 or night.exit_code not in {0, 6}:
                say(_line(night))
    for failure in year.failures:
        say(f"FAILED {failure}")
    last = year.nights[-1]
    say(
        f"{len(year.nights)} runs, {len(year.planted)} accidents, {year.false_stops} false stops, "
        f"{len(crm.records):,} records of {len(year.clinic.told):,} people, "
        f"{last.size / 1e6:.1f} MB, {last.seconds:.1f} s in the last night, "
        f"{len(year.failures)} failures"
    )
    if given.draw is not None:
        given.draw.write_text(_picture(year.nights[1:]), encoding="utf-8")
    return 1 if year.failures or year.false_stops > 1 else 0


def _line(night: Night) -> str:
    what = f", {night.accident}" if night.accident else ""
    return (
        f"night {night.day}: exit code {night.exit_code}, {night.created:,} created, "
        f"{night.seconds:.1f} s, {night.size / 1e6:.2f} MB{what}"
    )


def _picture(nights: Sequence[Night]) -> str:
    """Return two charts: the size of the results file, and the seconds of each run."""
    days = [night.day for night in nights]
    charts = [
        ("Size of the results file in MB", [night.size / 1e6 for night in nights]),
        ("Seconds of each run", [night.seconds for night in nights]),
    ]
    parts = [_chart(title, days, values, place) for place, (title, values) in enumerate(charts)]
    height = len(charts) * (_HEIGHT + 2 * _EDGE)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH + 2 * _EDGE} {height}" '
        f'font-family="sans-serif" font-size="12">\n{"".join(parts)}</svg>\n'
    )


def _chart(title: str, days: Sequence[int], values: Sequence[float], place: int) -> str:
    top = place * (_HEIGHT + 2 * _EDGE) + _EDGE
    most = max(values) * 1.1 or 1.0
    points = " ".join(
        f"{_EDGE + _WIDTH * day / max(days):.1f},{top + _HEIGHT * (1 - value / most):.1f}"
        for day, value in zip(days, values, strict=True)
    )
    return (
        f'<text x="{_EDGE}" y="{top - 12}" font-weight="bold">{title}</text>\n'
        f'<text x="4" y="{top + 10}">{most:.1f}</text><text x="4" y="{top + _HEIGHT}">0</text>\n'
        f'<text x="{_EDGE + _WIDTH}" y="{top + _HEIGHT + 16}" text-anchor="end">'
        f"night {max(days)}</text>\n"
        f'<path d="M{_EDGE} {top}v{_HEIGHT}h{_WIDTH}" fill="none" stroke="#888"/>\n'
        f'<polyline points="{points}" fill="none" stroke="#0a6" stroke-width="1.5"/>\n'
    )


if __name__ == "__main__":
    sys.exit(main())
