"""Notices about a list, its mapping and its results file, which may all be right."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import groupby, pairwise
from typing import Any

from importer.core.errors import MappingError
from importer.mapper import FieldMap
from importer.run.guards.earlier_lists import EarlierLists, earlier_lists
from importer.run.job import Job
from importer.run.journal import api_key_digest
from importer.writer import History, LineStore, RunLine, torn_line_kept

_FEW_DAYS = 3
_LONGER = 2
"""
A notice says that a list has been the same for `_FEW_DAYS` days; if that is usual, it comes after
`_LONGER` times the longest time so far.
"""
_WEEK = 7
_SHOWN = 6
_SLACK = timedelta(minutes=1)
_Fields = Mapping[str, Mapping[str, Any]]


def list_news(job: Job, history: History, now: datetime) -> Iterator[str]:
    """
    Yield what is unusual about the list and the mapping of a run, compared with earlier runs.

    There is one notice if the list has been the same for days, one if it is an old list, and one
    about changes of the mapping. They name fields and columns, and no values.
    """
    survey, config = job.survey, job.config
    earlier = None if survey.is_derived else earlier_lists(history, config.sources, config.job)
    if earlier is not None:
        if earlier.last.sha256 == survey.sha256:
            yield from _unchanged(job, earlier, now)
        else:
            yield from _old(job, earlier)
    yield from _mapping(job, history)


def _unchanged(job: Job, earlier: EarlierLists, now: datetime) -> Iterator[str]:
    stretches = [[*of_list] for _, of_list in groupby(earlier.lists, key=lambda one: one.sha256)]
    before = (_days(one[0].at, then[0].at) for one, then in pairwise(stretches))
    since = stretches[-1][0].at
    longest = max(_FEW_DAYS, _LONGER * max(before, default=0) + 1)
    days, told = _days(since, now.isoformat()), _days(since, earlier.last.at)
    if days >= longest and (told < longest or told // _WEEK < days // _WEEK):
        written = _written(job)
        when = "" if written is None else f"; its file was last written on {written:%Y-%m-%d}"
        yield (
            f"the list is the same for {days} days (since {since[:10]}){when}: is it still "
            "exported?"
        )


def _old(job: Job, earlier: EarlierLists) -> Iterator[str]:
    again = [one for one in earlier.lists if one.sha256 == job.survey.sha256]
    written, last = _written(job), _time(earlier.last.at)
    if again:
        yield (
            f"the list is that of {again[-1].at[:10]} again; the last one, of "
            f"{earlier.last.at[:10]}, was another: is it an old export?"
        )
    elif written is not None and last is not None and written < last - _SLACK:
        yield (
            f"the list was written on {written:%Y-%m-%d}, and a run of {earlier.last.at[:10]} has "
            "read another one since: is it an old export?"
        )


def _written(job: Job) -> datetime | None:
    """Return when the newest file of a list was written, or None if it has no local files."""
    try:
        times = [file.path.stat().st_mtime for file, _ in job.survey.files]
    except OSError:
        return None
    return datetime.fromtimestamp(max(times), UTC) if times else None


def _days(begin: str, end: str) -> int:
    first, last = _time(begin), _time(end)
    return 0 if first is None or last is None else round((last - first) / timedelta(days=1))


def _time(at: str) -> datetime | None:
    try:
        return datetime.fromisoformat(at)
    except ValueError:
        return None


def _mapping(job: Job, history: History) -> Iterator[str]:
    last = history.last_run
    if last is None or last.mapping_sha256 == job.mapping_sha256:
        return
    changes = list(_differences(_fields_of_last(history), _fields(job.mapper.mapping)))
    named = f": {'; '.join(changes[:_SHOWN])}" if changes else ""
    more = f"; and {len(changes) - _SHOWN} other fields" if len(changes) > _SHOWN else ""
    yield (
        f"the mapping has changed since the last run{named}{more}; rows that were created before "
        "are not sent again"
    )


def _fields_of_last(history: History) -> _Fields | None:
    last = history.last_run
    for line in reversed(history.mappings):
        try:
            mapping = FieldMap.from_json(line.mapping)
        except (MappingError, TypeError, KeyError, ValueError):
            continue
        if last is not None and mapping.sha256 == last.mapping_sha256:
            return _fields(mapping)
    return None


def _fields(mapping: FieldMap) -> _Fields:
    fields: Any = mapping.to_json().get("fields")
    return {str(one["field"]): {**one} for one in fields}


def _differences(before: _Fields | None, now: _Fields) -> Iterator[str]:
    if before is None:
        return
    for name in dict.fromkeys((*now, *before)):
        was, is_ = before.get(name), now.get(name)
        if was is None and is_ is not None:
            yield f"{name} is new ({_source(is_)})"
        elif is_ is None and was is not None:
            yield f"{name} is no longer sent (it was {_source(was)})"
        elif was is not None and is_ is not None and was != is_:
            one, other = _source(was), _source(is_)
            yield (
                f"{name} is {other} (it was {one})" if one != other else f"{name} is read otherwise"
            )


def _source(one: Mapping[str, Any]) -> str:
    """Return where a field comes from."""
    if one.get("template"):
        return f"made from {one['template']}"
    if one.get("columns"):
        return f"from {', '.join(map(str, one['columns']))}"
    return "a constant" if "const" in one else "made otherwise"


def compare(job: Job, results: LineStore, history: History) -> Iterator[str]:
    """Yield notices about the results file, and about a new list or API key."""
    yield from torn_line_kept(results.path, results.torn)
    if history.damaged:
        yield (
            f"{results.path}: skipped {len(history.damaged)} damaged lines, the first is line "
            f"{history.damaged[0]}; a row without an outcome is sent again with the same key"
        )
    if (last := history.last_run) is not None:
        yield from _changed_sources(job, last)


def _changed_sources(job: Job, last: RunLine) -> Iterator[str]:
    if last.api_key_sha256_8 != api_key_digest(job.config):
        yield "another API key than last time; it must belong to the same Vorel account"
    is_other = last.source is not None and last.source.sha256 != job.survey.sha256
    if is_other and job.config.job is None:  # the list of a job differs on most nights
        yield (
            f"the source ({_called(job)}) differs from the last run's ({_last_called(last)}); "
            "rows are recognised by their content"
        )


def _called(job: Job) -> str:
    """Return the name of the list for people: its address, if the file is a copy."""
    return ", ".join(job.config.called) or job.survey.name


def _last_called(last: RunLine) -> str:
    called = last.settings.get("called")
    name = (last.source.name if last.source is not None else None) or "unknown"
    return ", ".join(map(str, called)) if isinstance(called, list) and called else name
