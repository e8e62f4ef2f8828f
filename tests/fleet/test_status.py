"""`fleet status`: how far each job is, how quickly it goes on, and when it will be done."""

from __future__ import annotations

import json
from typing import Any

from fleets import Client, lease_of, noted, store_of, wait_for

from importer.core.events import RowsBefore, RunStarted
from importer.fleet.database.connecting import Connection
from importer.fleet.journal.appender import Appender
from importer.fleet.journal.blocks import add_job
from importer.fleet.leases.lease import hand_back
from importer.fleet.showing.job_meters import JobMeters
from importer.fleet.showing.overview import JobState, job_states


def state_of(database: str) -> JobState:
    (found,) = job_states(database, ["clinic"])
    return found


def test_how_far_a_running_job_is_and_when_it_will_be_done(
    client: Client, connection: Connection
) -> None:
    lease = lease_of(connection)
    noted(connection, lease)
    state = json.loads(client.do("fleet", "status", "--json").stdout)["jobs"]["clinic"]
    assert (state["state"], state["done"], state["left"], state["pace"]) == (
        "running",
        400,
        600,
        120,
    )
    assert state["counts"] == {"created": 395, "failed": 5, "left": 600}
    assert state["causes"] == {"validation_error": 5}
    assert state["finishes_at"].endswith("Z")
    said = client.do("fleet", "status").stdout
    assert "395 created, 5 failed, 600 left, 120 requests a minute, done in 5 min (" in said
    assert said.endswith("UTC) [5 x validation_error]\n")


def test_a_job_at_rest_has_no_pace(database: str, connection: Connection) -> None:
    lease = lease_of(connection)
    noted(connection, lease)
    hand_back(connection, lease)
    state = state_of(database)
    assert (state.running_on, state.pace, state.finishes_at) == (None, None, None)
    assert (state.done, state.left) == (400, 600)  # it was cut off, and this was its state


def test_a_pace_that_is_old_is_not_shown(database: str, connection: Connection) -> None:
    noted(connection, lease_of(connection), seconds=100)
    state = state_of(database)
    assert (state.state, state.left, state.pace) == ("running", 600, None)


def test_what_an_owner_before_has_noted_is_not_shown(database: str, connection: Connection) -> None:
    first = lease_of(connection, key="k")
    noted(connection, first)
    hand_back(connection, first)
    lease_of(connection, key="k")
    state = state_of(database)
    assert (state.state, state.counts(), state.pace) == ("running", {}, None)


def test_a_job_with_a_new_key_is_there_once(database: str, connection: Connection) -> None:
    hand_back(connection, lease_of(connection))
    noted(connection, lease_of(connection))
    assert state_of(database).state == "running"


def test_a_job_that_makes_no_requests_has_no_end(database: str, connection: Connection) -> None:
    noted(connection, lease_of(connection), pace=0.0)
    assert state_of(database).finishes_at is None


def test_a_process_notes_what_its_jobs_do(
    database: str, connection: Connection, appender: Appender, tmp_path: Any
) -> None:
    lease = lease_of(connection)
    store_of(tmp_path, database, appender, lease).close()
    with JobMeters(database, every=0.01) as meters, meters.shown("clinic", lease, 200) as meter:
        meter(RunStarted(run="r", total=7))
        wait_for(lambda: state_of(database).left == 7)
        meter(RowsBefore(count=5))
        wait_for(lambda: state_of(database).done == 5)
        assert meters.figures()["clinic"].left == 2
    assert not meters.figures()


def test_a_table_that_is_away_disturbs_nobody(database: str, connection: Connection) -> None:
    lease = lease_of(connection)
    connection.execute("ALTER TABLE vorel_fleet.progress RENAME TO away")
    asked = 0

    class Counted(JobMeters):
        def _note(self, shown: Any) -> None:
            nonlocal asked
            asked += 1
            super()._note(shown)

    try:
        with Counted(database, every=0.01) as meters, meters.shown("clinic", lease, 200):
            wait_for(lambda: asked > 2)
    finally:
        connection.execute("ALTER TABLE vorel_fleet.away RENAME TO progress")


def test_thousands_of_jobs_are_one_question(database: str, connection: Connection) -> None:
    with connection.transaction():
        for n in range(3000):
            add_job(connection, f"tenant-{n:04}")
    found = job_states(database, [])
    assert [one.state for one in found] == ["new"] * 3000
