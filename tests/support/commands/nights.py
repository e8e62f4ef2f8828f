"""Runs a year of nightly imports with accidents, and draws how files and run time grow."""

from __future__ import annotations

import argparse
import math
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from nights import Night, Year
from referee import Crm, World, serving

from importer.cli.terminal_text import say

_WIDTH, _HEIGHT, _EDGE = 640, 150, 44


def main() -> int:
    """Run the nights, print the figures, and return 1 if anything was not as it must be."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--nights", type=int, default=365)
    options.add_argument("--rows", type=int, default=10_000)
    options.add_argument("--accidents", type=int, default=97)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--draw", type=Path, help="write a picture (SVG) there")
    given = options.parse_args()
    crm = Crm()
    with serving(crm) as url, tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder), url, crm, reports=True)
        year = Year.of(
            world, seed=given.seed, rows=given.rows, days=given.nights, accidents=given.accidents
        )
        for night in year.run(given.nights):
            if night.accident or night.day % 30 == 0 or night.exit_code not in {0, 6}:
                say(_line(night))
            if given.draw is not None and night.day % 30 == 29:  # to be looked at meanwhile
                given.draw.write_text(picture(year.nights[1:]), encoding="utf-8")
        waiting = len(world.possible_duplicates())
    for failure in year.failures:
        say(f"FAILED {failure}")
    last = year.nights[-1]
    say(
        f"{year.decided} possible duplicates decided, {waiting} undecided, {len(year.unknowable)} "
        "wrong records of which nobody can know"
    )
    say(
        f"{len(year.nights)} runs, {len(year.planted)} accidents, {year.false_stops} false stops, "
        f"{len(crm.records):,} records of {len(year.clinic.told):,} people, "
        f"{last.size / 1e6:.1f} MB, {last.seconds:.1f} s in the last night, "
        f"{len(year.failures)} failures"
    )
    if given.draw is not None:
        given.draw.write_text(picture(year.nights[1:]), encoding="utf-8")
    return 1 if year.failures or year.false_stops > 1 else 0


def _line(night: Night) -> str:
    what = f", {night.accident}" if night.accident else ""
    return (
        f"night {night.day}: exit code {night.exit_code}, {night.created:,} created, "
        f"{night.seconds:.1f} s, {night.size / 1e6:.2f} MB{what}"
    )


def picture(nights: Sequence[Night]) -> str:
    """Return two charts: the size of the results file, and the seconds of each run."""
    charts = [
        ("Size of the results file, in MB", [night.size / 1e6 for night in nights]),
        ("Time of each run, in seconds", [night.seconds for night in nights]),
    ]
    parts = [_chart(title, nights, values, place) for place, (title, values) in enumerate(charts)]
    height = len(charts) * (_HEIGHT + 2 * _EDGE)
    accidents = sum(night.accident is not None for night in nights)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH + 2 * _EDGE} {height}" '
        f'role="img" font-family="sans-serif" font-size="12" fill="#333">\n'
        f"<title>{len(nights)} runs of one list in {nights[-1].day + 1} nights; dots are the "
        f"{accidents} nights with an accident</title>\n"
        f'<rect width="100%" height="100%" fill="#fff"/>\n{"".join(parts)}</svg>\n'
    )


def _chart(title: str, nights: Sequence[Night], values: Sequence[float], place: int) -> str:
    top = place * (_HEIGHT + 2 * _EDGE) + _EDGE
    last = max(night.day for night in nights) or 1
    step = _step(max(values))
    most = step * (int(max(values) / step) + 1)

    def across(day: int) -> str:
        return f"{_EDGE + _WIDTH * day / last:.0f}"

    def down(value: float) -> str:
        return f"{top + _HEIGHT * (1 - value / most):.1f}"

    lines = [f'<text x="{_EDGE}" y="{top - 14}" font-weight="bold">{title}</text>']
    for number in range(round(most / step) + 1):
        y = down(number * step)
        lines.append(
            f'<path d="M{_EDGE} {y}h{_WIDTH}" stroke="#ddd"/>'
            f'<text x="{_EDGE - 6}" y="{y}" dy="4" text-anchor="end">{number * step:g}</text>'
        )
    lines += [
        f'<text x="{across(day)}" y="{top + _HEIGHT + 18}" text-anchor="middle">'
        f"{f'night {day}' if day else 0}</text>"
        for day in range(0, last + 1, round(_step(last)))
    ]
    found = list(zip(nights, values, strict=True))
    points = " ".join(f"{across(night.day)},{down(value)}" for night, value in found)
    lines.append(f'<polyline points="{points}" fill="none" stroke="#0a6" stroke-width="1.5"/>')
    lines += [
        f'<circle cx="{across(night.day)}" cy="{down(value)}" r="2.5" fill="#c40"/>'
        for night, value in found
        if night.accident is not None
    ]
    return "\n".join([*lines, ""])


def _step(most: float) -> float:
    """Return a round number of which about five reach as far as `most`."""
    tens = 10.0 ** math.floor(math.log10(max(most, 0.1) / 3))
    return next(tens * one for one in (1, 2, 5, 10) if most <= 6 * tens * one)


if __name__ == "__main__":
    sys.exit(main())
