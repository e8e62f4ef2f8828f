"""Notices about a list, its mapping and its results file, which may all be right."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import groupby, pairwise

from importer.core.clock import instant
from importer.core.locale.message import Message
from importer.mapper.mapping.model import FieldMap, FieldMapping
from importer.run.guards.earlier_lists import EarlierLists
from importer.run.job import Job
from importer.run.journal import api_key_digest
from importer.writer.lines.run_line import RunLine
from importer.writer.results import LineStore, torn_line_kept
from importer.writer.state.history import History

_FEW_DAYS = 3
_LONGER = 2
"""
A notice says that a list has been the same for `_FEW_DAYS` days; if that is usual, it comes after
`_LONGER` times the longest time so far.
"""
_WEEK = 7
_SHOWN = 6
_SLACK = timedelta(minutes=1)


def list_news(
    job: Job, earlier: EarlierLists | None, history: History, now: datetime
) -> Iterator[Message]:
    """
    Yield what is unusual about the list and the mapping of a run, compared with `earlier` ones.

    There is one notice if the list has been the same for days, one if it is an old list, and one
    about changes of the mapping. They name fields and columns, and no values.
    """
    if earlier is not None:
        if earlier.last.sha256 == job.survey.sha256:
            yield from _unchanged(job, earlier, now)
        else:
            yield from _old(job, earlier)
    yield from _mapping(job, history)


def _unchanged(job: Job, earlier: EarlierLists, now: datetime) -> Iterator[Message]:
    stretches = [[*of_list] for _, of_list in groupby(earlier.lists, key=lambda one: one.sha256)]
    before = (_days(one[0].at, then[0].at) for one, then in pairwise(stretches))
    since = stretches[-1][0].at
    longest = max(_FEW_DAYS, _LONGER * max(before, default=0) + 1)
    days, told = _days(since, now.isoformat()), _days(since, earlier.last.at)
    if days >= longest and (told < longest or told // _WEEK < days // _WEEK):
        written = _written(job)
        when: str = ""
        if written is not None:
            when = Message("; its file was last written on %(at)s", at=f"{written:%Y-%m-%d}")
        yield Message(
            "the list is the same for %(count)s days (since %(since)s)%(when)s: is it still "
            "exported?",
            count=days,
            since=since[:10],
            when=when,
        )


def _old(job: Job, earlier: EarlierLists) -> Iterator[Message]:
    again = [one for one in earlier.lists if one.sha256 == job.survey.sha256]
    written, last = _written(job), instant(earlier.last.at)
    if again:
        yield Message(
            "the list is that of %(at)s again; the last one, of %(at_2)s, was another: is it "
            "an old export?",
            at=again[-1].at[:10],
            at_2=earlier.last.at[:10],
        )
    elif written is not None and last is not None and written < last - _SLACK:
        yield Message(
            "the list was written on %(at)s, and a run of %(at_2)s has read another one "
            "since: is it an old export?",
            at=f"{written:%Y-%m-%d}",
            at_2=earlier.last.at[:10],
        )


def _written(job: Job) -> datetime | None:
    """Return when the newest file of a list was written, or None if it has no local files."""
    try:
        times = [file.path.stat().st_mtime for file, _ in job.survey.files]
    except OSError:
        return None
    return datetime.fromtimestamp(max(times), UTC) if times else None


def _days(begin: str, end: str) -> int:
    first, last = instant(begin), instant(end)
    return 0 if first is None or last is None else round((last - first) / timedelta(days=1))


def _mapping(job: Job, history: History) -> Iterator[Message]:
    last = history.last_run
    if last is None or last.mapping_sha256 == job.mapping_sha256:
        return
    on_record = (FieldMap.on_record(line.mapping) for line in reversed(history.mappings))
    before = next((one for one in on_record if one and one.sha256 == last.mapping_sha256), None)
    changes = [] if before is None else [*_differences(before, job.mapper.mapping)]
    parts = changes[:_SHOWN]
    if len(changes) > _SHOWN:
        parts.append(Message("and %(count)s other fields", count=len(changes) - _SHOWN))
    named = Message(": %(parts)s", parts=parts) if parts else ""
    yield Message(
        "the mapping has changed since the last run%(named)s; rows that were created before are "
        "not sent again",
        named=named,
    )


def _differences(before: FieldMap, now: FieldMap) -> Iterator[Message]:
    then, today = ({one.field: one for one in mapping.fields} for mapping in (before, now))
    for name in dict.fromkeys((*today, *then)):
        was, is_ = then.get(name), today.get(name)
        if was is None and is_ is not None:
            yield Message("%(name)s is new (%(now)s)", name=name, now=_source(is_))
        elif is_ is None and was is not None:
            yield Message(
                "%(name)s is no longer sent (it was %(then)s)", name=name, then=_source(was)
            )
        elif was is not None and is_ is not None and was != is_:
            one, other = _source(was), _source(is_)
            yield (
                Message("%(name)s is %(what)s (it was %(then)s)", name=name, what=other, then=one)
                if one != other
                else Message("%(name)s is read otherwise", name=name)
            )


def _source(one: FieldMapping) -> Message:
    """Return where a field comes from."""
    if one.template:
        return Message("made from %(text)s", text=one.template)
    if one.columns:
        return Message("from %(names)s", names=[*one.columns])
    return Message("a constant") if one.const is not None else Message("made otherwise")


def compare(job: Job, results: LineStore, history: History) -> Iterator[Message]:
    """Yield notices about the results file, and about a new list or API key."""
    yield from torn_line_kept(results.path, results.torn)
    if history.damaged:
        yield Message(
            "%(path)s: skipped %(count)s damaged lines, the first is line %(line)s; a row "
            "without an outcome is sent again with the same key",
            path=results.path,
            count=len(history.damaged),
            line=history.damaged[0],
        )
    if (last := history.last_run) is not None:
        yield from _changed_sources(job, last)


def _changed_sources(job: Job, last: RunLine) -> Iterator[Message]:
    if last.api_key_sha256_8 != api_key_digest(job.config):
        yield Message("another API key than last time; it must belong to the same Vorel account")
    is_other = last.source is not None and last.source.sha256 != job.survey.sha256
    if is_other and job.config.job is None:  # the list of a job differs on most nights
        name = ", ".join(job.config.called) or job.survey.name
        before = last.list_name or "unknown"
        if name == before:
            yield Message("%(name)s has changed since the last run", name=name)
        else:
            yield Message(
                "this list is %(name)s, and that of the last run was %(name_2)s; rows are "
                "recognised by their content",
                name=name,
                name_2=before,
            )
