"""What workers are to do with each job: run it, leave it alone, or nothing more."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast

from importer.core.locale.message import Message
from importer.fleet.database.connecting import Connection
from importer.fleet.database.migrating import connected
from importer.fleet.journal.blocks import refuse_unknown
from importer.fleet.leases.lease import Lease

Change = Literal["stop", "resume", "retry"]
State = Literal["wanted", "stopped", "ended", "new"]
_AT_LEAST_SECONDS = 30.0
"""By then workers that are being started are there."""
_LONG_ENOUGH_SECONDS = 900.0
"""By then each worker has had room for it: a slice of another job takes ten minutes at most."""
ALIVE_SECONDS = 10.0
"""A worker that was not seen for so long has died; its leases run out 10 s later."""
_TRIED_SECONDS = 120.0
"""What was missing on a host longer ago may be there again: its worker tries each minute."""

_FROM: dict[Change, tuple[State, State]] = {
    "stop": ("wanted", "stopped"),
    "resume": ("stopped", "wanted"),
    "retry": ("ended", "wanted"),
}
# `new` is a job that workers were never given: it can be resumed as well as tried.
_CHANGE = """
WITH asked AS (
    SELECT job.id, job.name, coalesce(work.state, 'new') AS state
    FROM vorel_fleet.job LEFT JOIN vorel_fleet.work ON work.job = job.id
    WHERE %(names)s::text[] IS NULL OR job.name = ANY(%(names)s::text[])
), changed AS (
    INSERT INTO vorel_fleet.work AS work (job, state, accepts_list)
    SELECT id, %(to)s, %(accepts)s FROM asked WHERE state IN (%(from)s, 'new')
    ON CONFLICT (job) DO UPDATE
    SET state = excluded.state, problem = NULL, hindered = '{}', not_before = excluded.not_before,
        accepts_list = excluded.accepts_list OR (work.accepts_list AND work.state <> 'ended')
    WHERE work.state = %(from)s
)
SELECT name, state FROM asked ORDER BY name
"""
# A time that no worker has noticed within ten minutes is left out until the next day.
_EACH_DAY = """
INSERT INTO vorel_fleet.night (due)
SELECT due FROM (
    SELECT date_trunc('day', vorel_fleet.clock() - %(at)s::interval, 'UTC') + %(at)s::interval
) AS latest (due)
WHERE due > vorel_fleet.clock() - interval '10 minutes'
ON CONFLICT DO NOTHING RETURNING due
"""
_GIVE = "INSERT INTO vorel_fleet.work (job, state) VALUES (%s, 'wanted') ON CONFLICT DO NOTHING"
# The lease is held by whoever ends the job: so nobody else can have begun it anew.
_END = """
UPDATE vorel_fleet.work SET state = 'ended', problem = NULL, hindered = '{}', accepts_list = false,
    last_success = CASE WHEN %s THEN vorel_fleet.clock() ELSE last_success END
WHERE job = %s AND state = 'wanted' AND EXISTS (
    SELECT FROM vorel_fleet.lease
    WHERE key = %s AND owner = %s AND epoch = %s AND expires_at > vorel_fleet.clock()
)
"""
_END_WITHOUT_LINE = """
UPDATE vorel_fleet.work SET state = 'ended', problem = %s, accepts_list = false
WHERE state = 'wanted' AND job = (SELECT id FROM vorel_fleet.job WHERE name = %s)
    AND NOT EXISTS (
        SELECT FROM vorel_fleet.lease WHERE job = work.job AND expires_at > vorel_fleet.clock()
    )
"""
_HINDERED = """
UPDATE vorel_fleet.work SET
    hindered = work.hindered || jsonb_build_object(%(worker)s::text, jsonb_build_object(
        'problem', %(problem)s::text,
        'first', coalesce(
            work.hindered #> ARRAY[%(worker)s::text, 'first'],
            to_jsonb(extract(epoch FROM vorel_fleet.clock()))
        ),
        'at', extract(epoch FROM vorel_fleet.clock())
    )),
    not_before = vorel_fleet.clock() + %(seconds)s * interval '1 second'
WHERE state = 'wanted' AND job = (SELECT id FROM vorel_fleet.job WHERE name = %(name)s)
RETURNING hindered, extract(epoch FROM vorel_fleet.clock())::float8
"""
_UNHINDERED = """
UPDATE vorel_fleet.work SET hindered = '{}'
WHERE hindered <> '{}' AND job = (SELECT id FROM vorel_fleet.job WHERE name = %s)
"""
# Those that have died since they tried it do not stand for others that are alive.
_UNTRIED = """
SELECT count(*)::integer FROM vorel_fleet.worker
WHERE seen_at > vorel_fleet.clock() - %s * interval '1 second' AND name <> ALL(%s::text[])
"""
_PUT_OFF = """
UPDATE vorel_fleet.work SET not_before = vorel_fleet.clock() + %s * interval '1 second'
WHERE job = (SELECT id FROM vorel_fleet.job WHERE name = %s)
"""
_NOTE_KEY = """
UPDATE vorel_fleet.work SET key = %(key)s WHERE job = %(job)s AND key IS DISTINCT FROM %(key)s
"""
_STEP_BACK = """
UPDATE vorel_fleet.work SET not_before = vorel_fleet.clock() + %(seconds)s * interval '1 second'
WHERE job = %(job)s AND EXISTS (
    SELECT FROM vorel_fleet.work AS other
    WHERE other.key = %(key)s AND other.job <> work.job AND other.state = 'wanted'
)
"""
_ORDER = """
SELECT state = 'wanted', accepts_list,
    extract(epoch FROM vorel_fleet.clock())::float8
        - (hindered #>> ARRAY[%s::text, 'at'])::float8
FROM vorel_fleet.work WHERE job = (SELECT id FROM vorel_fleet.job WHERE name = %s)
"""
_IN_STATE = """
SELECT job.name FROM vorel_fleet.work JOIN vorel_fleet.job ON job.id = work.job
WHERE work.state = %s AND job.name = ANY(%s::text[])
"""


def give(connection: Connection, job: int) -> None:
    """Give a job to the workers, unless they had it before."""
    connection.execute(_GIVE, (job,))


def change(
    database: str, what: Change, names: Sequence[str] | None, *, accepts_list: bool = False
) -> dict[str, State]:
    """
    Stop jobs, let stopped ones go on, or let those that have ended run once more.

    `names` are those of the jobs; None stands for all. Jobs to which it does not apply are left as
    they are. With `accepts_list` their next run takes the list as it is, however much that differs
    from the last one. Returns the state that each was in. Raises `ConfigError` if there is no such
    job.
    """
    with connected(database) as connection:
        found = _changed(connection, what, names, accepts_list=accepts_list)
    refuse_unknown(names or (), found)
    return found


def _changed(
    connection: Connection, what: Change, names: Sequence[str] | None, *, accepts_list: bool = False
) -> dict[str, State]:
    before, after = _FROM[what]
    given = None if names is None else list(names)
    rows = connection.execute(
        _CHANGE, {"names": given, "from": before, "to": after, "accepts": accepts_list}
    )
    return {str(name): cast("State", state) for name, state in rows}


def retry_each_day(connection: Connection, at: str) -> None:
    """Let jobs that have ended run once more, if nobody has since it was `at`, as 02:00 in UTC."""
    with connection.transaction():
        if connection.execute(_EACH_DAY, {"at": at}).fetchone() is not None:
            _changed(connection, "retry", None)


def end(connection: Connection, lease: Lease, *, succeeded: bool) -> None:
    """
    Note that the job of a lease, which is still held, has ended.

    It has `succeeded` if it came to the end of its list.
    """
    connection.execute(_END, (succeeded, lease.job, lease.key, lease.owner, lease.epoch))


def end_without_line(connection: Connection, name: str, problem: Message) -> None:
    """Note why a job cannot be run, which is not in its journal."""
    connection.execute(_END_WITHOUT_LINE, (problem.to_text(), name))


@dataclass(frozen=True, slots=True)
class Hindrance:
    """
    Who could not run a wanted job: workers on these `hosts`, the first of them `since` seconds ago.

    `untried` is how many workers are alive that have not tried it lately.
    """

    hosts: Sequence[str]
    since: float
    untried: int

    @property
    def is_everywhere(self) -> bool:
        """Whether nobody else is left to try, or nobody could run it for long enough."""
        enough = _LONG_ENOUGH_SECONDS if self.untried else _AT_LEAST_SECONDS
        return self.since >= enough


def hinder(
    connection: Connection, name: str, worker: str, problem: Message, *, seconds: float
) -> Hindrance | None:
    """
    Note why a worker cannot run a job, and let others try it in some seconds.

    `worker` is its name as an owner of leases, which begins with its host.
    Returns who cannot so far, or None if the job is not wanted any more.
    """
    values = {"name": name, "worker": worker, "problem": problem.to_text(), "seconds": seconds}
    row = connection.execute(_HINDERED, values).fetchone()
    if row is None:
        return None
    found, now = cast("tuple[dict[str, dict[str, Any]], float]", row)
    tried = [name for name, one in found.items() if now - float(one["at"]) < _TRIED_SECONDS]
    untried = connection.execute(_UNTRIED, (ALIVE_SECONDS, tried)).fetchone()
    return Hindrance(
        hosts=sorted({one.partition("/")[0] for one in found}),
        since=now - min(float(one["first"]) for one in found.values()),
        untried=0 if untried is None else int(str(untried[0])),
    )


def unhinder(connection: Connection, name: str) -> None:
    """Note that a job can be run."""
    connection.execute(_UNHINDERED, (name,))


def put_off(connection: Connection, name: str, seconds: float) -> None:
    """Let no slice of a job begin for some seconds."""
    connection.execute(_PUT_OFF, (seconds, name))


def note_key(connection: Connection, job: int, key: str) -> None:
    """Note which key a job has: no slice of it begins while anybody has the lease of it."""
    connection.execute(_NOTE_KEY, {"job": job, "key": key})


def step_back(connection: Connection, lease: Lease, seconds: float) -> None:
    """Put off the job that had a lease, if another one is to be run with its key."""
    values = {"job": lease.job, "key": lease.key, "seconds": seconds}
    connection.execute(_STEP_BACK, values)


@dataclass(frozen=True, slots=True)
class Order:
    """
    What a worker is to do with a job: whether it `is_wanted`, and `accepts_list` as it is.

    `hindered_since` says how many seconds ago this worker could not run it, or is None if it could.
    """

    is_wanted: bool = False
    accepts_list: bool = False
    hindered_since: float | None = None


def order_of(connection: Connection, name: str, worker: str) -> Order:
    """Return what a worker is to do with a job."""
    row = connection.execute(_ORDER, (worker, name)).fetchone()
    return Order() if row is None else Order(*cast("tuple[bool, bool, float | None]", row))


def stopped(connection: Connection, names: Collection[str]) -> set[str]:
    """Return which of these jobs somebody has stopped."""
    return {str(row[0]) for row in connection.execute(_IN_STATE, ("stopped", list(names)))}
