"""Writes figures of runs for Prometheus: a file of each for node_exporter, or all in one text."""

from __future__ import annotations

import platform
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from importer.core.records import Status, Summary
from importer.core.shared import DEALT_WITH
from importer.core.systems.contents import whole_file
from importer.jobs.monitoring.figures import Figures

_PREFIX = "vorel_import_"
_SAMPLE = re.compile(rf"{_PREFIX}(\w+)\{{(.*)\}} ([0-9.e+-]+)\Z", re.ASCII)
_LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')

_Labels = Mapping[str, str]
Samples = Mapping[str, list[tuple[_Labels, float]]]
"""The values of each figure, with the labels that it has besides those of its run."""
_HELP = dict(
    line.split("\t")
    for line in Path(__file__).with_name("metrics.tsv").read_text(encoding="utf-8").splitlines()
)
"""What each figure is, in the order in which they are written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierMetrics:
    """
    What an earlier run has left in its file; 0, "" and None stand for what is not in it.

    Times are in seconds since 1970. `list` has the rows of the whole list by what holds for them.
    """

    job: str = ""
    object: str = ""
    exit_code: int | None = None
    ended: float = 0.0
    last_success: float | None = None
    list: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Metrics(EarlierMetrics):
    """
    The figures of one run.

    `list` is as the run before has left it: a run that is stopped before its first request changes
    nothing of it.
    """

    exit_code: int
    duration: float
    summary: Summary | None = None


def read_metrics(path: Path) -> EarlierMetrics:
    """Return what is in the file of an earlier run. Raises `OSError` if it cannot be read."""
    found: dict[str, float] = {}
    states: dict[str, int] = {}
    labels: dict[str, str] = {}
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        if (sample := _SAMPLE.match(line)) is not None:
            labels |= {name: _unescaped(value) for name, value in _LABEL.findall(sample[2])}
            with suppress(ValueError):
                value = float(sample[3])
                found.setdefault(sample[1], value)
                if sample[1] == "list_rows":
                    states[labels.get("state", "")] = int(value)
    code = found.get("exit_code")
    return EarlierMetrics(
        ended=found.get("last_run_timestamp_seconds", 0.0),
        exit_code=None if code is None else int(code),
        last_success=found.get("last_success_timestamp_seconds"),
        object=labels.get("object", ""),
        job=labels.get("job", ""),
        list=states,
    )


def write_metrics(path: Path, metrics: Metrics) -> str | None:
    """
    Replace the file atomically, so that nobody reads half of it.

    Returns None, or why it cannot be written. A file that no run has written is not replaced.
    """
    try:
        if _is_foreign(path):
            return f"{path} is not a file that a run has written: it is left as it is"
        labels = {"job": metrics.job, "object": metrics.object}
        text = _text([(labels, _of_end(metrics))])
        # node_exporter is another user
        with whole_file(path, prefix=f".{path.name}.", is_synced=False, mode=0o644) as stream:
            stream.write(text.encode())
    except OSError as error:
        return f"{path} cannot be written ({error.strerror})"
    return None


def metrics_text(
    running: Mapping[str, Figures],
    ended: Iterable[Metrics],
    hindered: Mapping[str, str] | None = None,
    more: Samples | None = None,
) -> str:
    """
    Return the figures of many jobs, by job: of those that are running, and of the last ends.

    Of a job that is in both, its last end only adds what is not known of a running job. `hindered`
    has the kind of error of each job that this host cannot run. `more` has figures of other kinds,
    which take the place of those of the same name.

        >>> text = metrics_text({"clinic": Figures(rows=3, before=2)}, [])
        >>> 'vorel_import_left{job="clinic"} 1' in text.splitlines()
        True
    """
    of_runs = {job: _of_run(figures) for job, figures in running.items()}
    parts: list[tuple[_Labels, Samples]] = [
        ({"job": job}, samples) for job, samples in of_runs.items()
    ]
    for one in ended:
        newer = of_runs.get(one.job, {})
        samples = {name: found for name, found in _of_end(one).items() if name not in newer}
        parts.append(({"job": one.job}, samples))
    host = platform.node()
    for job, reason in sorted((hindered or {}).items()):
        labels = {"host": host, "reason": reason}
        parts.append(({"job": job}, {"hindered": [(labels, 1)]}))
    if more:
        parts = [
            (labels, {name: found for name, found in samples.items() if name not in more})
            for labels, samples in parts
        ]
        parts.append(({}, more))
    return _text(parts)


def _is_foreign(path: Path) -> bool:
    begin = f"# HELP {_PREFIX}".encode()
    try:
        with path.open("rb") as stream:
            return stream.read(len(begin)) not in {b"", begin}
    except FileNotFoundError:
        return False


def _text(parts: Iterable[tuple[_Labels, Samples]]) -> str:
    """Return samples in Prometheus' text format, which has all samples of a name together."""
    return "".join(f"{line}\n" for line in _lines([*parts]))


def _lines(parts: list[tuple[_Labels, Samples]]) -> Iterator[str]:
    for name, text in _HELP.items():
        lines = [
            f"{_PREFIX}{name}{_labelled({**labels, **more})} {value}"
            for labels, samples in parts
            for more, value in samples.get(name, ())
        ]
        if lines:
            yield f"# HELP {_PREFIX}{name} {text}"
            yield f"# TYPE {_PREFIX}{name} gauge"
            yield from lines


def _of_run(figures: Figures) -> Samples:
    """Return the figures of a run at work."""
    left, pace = figures.left, figures.pace
    return {
        "running": [({}, 1)],
        "requests": [({}, figures.requests)],
        "requests_per_minute": [] if pace is None else [({}, pace)],
        **_of_rows(figures.before, figures.counts),
        "left": [] if left is None else [({}, left)],
    }


def _of_end(metrics: Metrics) -> Samples:
    """Return the figures of a run that has ended; those that are not known have no values."""
    summary = metrics.summary
    before, counts = (summary.before, summary.counts) if summary else (0, {})
    state = (summary.list if summary else None) or metrics.list
    success = metrics.last_success
    return {
        "exit_code": [({}, metrics.exit_code)],
        "last_run_timestamp_seconds": [({}, round(metrics.ended, 3))],
        "last_success_timestamp_seconds": [] if success is None else [({}, round(success, 3))],
        "duration_seconds": [({}, round(metrics.duration, 3))],
        "requests": [({}, summary.requests if summary else 0)],
        **_of_rows(before, counts, unsent=summary.unsent if summary else 0),
        "list_rows": [
            ({"state": str(name)}, state[name]) for name in (*Status, DEALT_WITH) if name in state
        ],
        "left": [({}, state["left"])] if "left" in state else [],
    }


def _of_rows(before: int, counts: Mapping[str, int], **more: int) -> Samples:
    """Return rows by what became of them, and how many were refused."""
    rows = {status.value: counts.get(status, 0) for status in Status}
    outcomes = {"created_before": before, **rows, **more}
    return {
        "refusals": [({}, rows[Status.INVALID] + rows[Status.FAILED])],
        "rows": [({"outcome": name}, count) for name, count in outcomes.items()],
    }


def _labelled(labels: _Labels) -> str:
    listed = ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items())
    return f"{{{listed}}}" if labels else ""


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _unescaped(value: str) -> str:
    return re.sub(r"\\(.)", lambda found: "\n" if found[1] == "n" else found[1], value)
