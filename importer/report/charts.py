"""The geometry of a report's charts: bars over time, in the units of an SVG of fixed size."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from importer.report.timeline import Bin, Timeline

WIDTH, HEIGHT = 720, 190
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 708, 22, 164
_GAP = 0.18
_FAR = 4
"""A limit so many times higher than all bars would make them flat: it is not drawn."""


@dataclass(frozen=True, slots=True)
class Part:
    """A rectangle of a bar, with the name of its colour."""

    kind: str
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar: where it stands, what it is made of, and the minutes that it is for."""

    x: float
    width: float
    parts: Sequence[Part]
    of: Bin


@dataclass(frozen=True, slots=True)
class Chart:
    """
    Bars over time.

    `steps` are the values with a line across and where it is, `limit` is where the
    limit is, and `labels` are the bars that have their time below them.
    """

    bars: Sequence[Bar]
    steps: Sequence[tuple[int, float]]
    labels: Sequence[tuple[float, str, Bin]]
    limit: float | None = None
    left: float = _LEFT
    right: float = _RIGHT
    top: float = _TOP
    bottom: float = _BOTTOM


def pace_chart(times: Timeline) -> Chart:
    """Return the most requests a minute, with the limit and the pauses."""
    highest = times.peak if times.rate > _FAR * times.peak else max(times.peak, times.rate)
    return _chart(
        times,
        [[("paused", 0), ("sent", one.peak)] for one in times.bins],
        highest,
        limit=times.rate if highest >= times.rate else None,
    )


def outcome_chart(times: Timeline) -> Chart:
    """Return the rows that had an outcome, stacked by what it was."""
    rows = [
        [("created", one.created), ("other", one.other), ("refused", one.refused)]
        for one in times.bins
    ]
    return _chart(times, rows, max((one.rows for one in times.bins), default=0), limit=None)


def _chart(
    times: Timeline,
    rows: Sequence[Sequence[tuple[str, int]]],
    highest: int,
    *,
    limit: int | None,
) -> Chart:
    step = _step(highest)
    top = step * max(1, math.ceil(highest / step))
    scale = (_BOTTOM - _TOP) / top
    each = (_RIGHT - _LEFT) / max(len(rows), 12)
    bars = []
    for at, (one, values) in enumerate(zip(times.bins, rows, strict=True)):
        bars.append(
            Bar(
                x=round(_LEFT + (at + _GAP / 2) * each, 1),
                width=round((1 - _GAP) * each, 1),
                parts=list(_stacked(values, one, scale)),
                of=one,
            )
        )
    return Chart(
        bars=bars,
        steps=[(value, _y(value, scale)) for value in range(0, top + 1, step)],
        labels=_labels(bars),
        limit=None if limit is None else _y(limit, scale),
    )


def _stacked(values: Sequence[tuple[str, int]], one: Bin, scale: float) -> list[Part]:
    parts, below = [], 0
    for kind, value in values:
        if kind == "paused" and one.paused:
            parts.append(Part(kind, _TOP, _BOTTOM - _TOP))
        elif value:
            y = _y(below + value, scale)
            parts.append(Part(kind, y, round(_y(below, scale) - y, 1)))
            below += value
    return parts


def _labels(bars: Sequence[Bar]) -> list[tuple[float, str, Bin]]:
    """Return (x, where the text is anchored, bin) of the first, the middle and the last bar."""
    if not bars:
        return []
    last = len(bars) - 1
    found = {0: "start"} if last < 8 else {0: "start", last // 2: "middle", last: "end"}
    anchors = {"start": 0.0, "middle": 0.5, "end": 1.0}
    return [
        (round(bars[at].x + anchors[anchor] * bars[at].width, 1), anchor, bars[at].of)
        for at, anchor in found.items()
    ]


def _step(highest: int) -> int:
    """Return a round distance between lines, so that there are two to five of them."""
    if highest <= 4:
        return 1
    power = int(10 ** int(math.log10(highest)))
    for part in (0.2, 0.5, 1, 2):
        step = max(1, int(power * part))
        if highest / step <= 5:
            return step
    return power * 5


def _y(value: float, scale: float) -> float:
    return round(_BOTTOM - value * scale, 1)
