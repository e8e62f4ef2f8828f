"""Slices of jobs: each goes on where the one before has stopped, and says whether rows are left."""

from __future__ import annotations

from collections.abc import Collection

import anyio
import anyio.to_thread
import psycopg
import pytest
from fleets import ROWS, Client, expire, lines_of
from receiver import receiving
from slicing import Here, joined, ready

from importer.core.control import StopGroup
from importer.core.errors import ConfigError, Interrupted
from importer.fleet.database.connecting import Connection
from importer.fleet.leases.lease import Lease
from importer.fleet.showing.overview import job_states
from importer.fleet.work import orders, slices, turns
from importer.fleet.work.job_files import JobFiles
from importer.fleet.work.orders import change

pytestmark = pytest.mark.slow


async def test_a_job_goes_on_in_the_next_slice_anywhere(
    client: Client, connection: Connection
) -> None:
    client.do("fleet", "add", "clinic.toml")
    count = 0
    with joined(client, "a") as a, joined(client, "b") as b:
        for here in 20 * (a, b):
            count += 1
            if not await here.slice():
                break
            assert here.state() == "waiting"
        assert not await a.slice()  # it has ended
    assert count > 1
    (end,) = (*a.ends, *b.ends)
    assert end.exit_code == 0
    assert a.state() == "ended"
    assert client.made() == {f"ada{n}@example.com": 1 for n in range(ROWS)}
    assert lines_of(connection).count(b"the slice of time was over") == count - 1
    change(a.database, "retry", ["clinic"])
    with joined(client, "a") as a:
        assert not await a.slice()
        assert [one.exit_code for one in a.ends] == [0]


async def test_a_job_that_is_stopped_waits_until_it_is_resumed(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.do("fleet", "add", "clinic.toml")
    monkeypatch.setattr(slices, "_LOOKS_EVERY_SECONDS", 0.05)
    with joined(client, "a") as here:
        await _stopped_in_a_slice(client, here)
        assert 0 < len(client.made()) < ROWS
        made = len(client.made())
        assert not await here.slice(60)
        assert len(client.made()) == made
        assert not here.ends
        assert client.do("fleet", "resume", "clinic").stdout == "clinic: goes on\n"
        assert not await here.slice(60)
    assert client.made() == {f"ada{n}@example.com": 1 for n in range(ROWS)}


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (psycopg.errors.InsufficientPrivilege(), "fleet init --grant ROLE"),
        (psycopg.errors.ReadOnlySqlTransaction(), "ReadOnlySqlTransaction"),
        (ConfigError("it may lose what it has confirmed"), "it may lose what it has confirmed"),
    ],
)
async def test_orders_that_cannot_be_read_are_told_once_and_asked_for_again(
    client: Client, monkeypatch: pytest.MonkeyPatch, error: Exception, reason: str
) -> None:
    client.do("fleet", "add", "clinic.toml")
    monkeypatch.setattr(slices, "_LOOKS_EVERY_SECONDS", 0.01)
    monkeypatch.setattr(slices, "_SETTLES_SECONDS", 0)
    stopped, asked = orders.stopped, 0

    def fails(opened: Connection, names: Collection[str]) -> set[str]:
        nonlocal asked
        asked += 1
        if asked < 4:
            raise error
        return stopped(opened, names)

    monkeypatch.setattr(orders, "stopped", fails)
    with joined(client, "a") as here:
        await _stopped_in_a_slice(client, here)
        # The end of a run asks, too: if it does so in between, the state is known for a moment.
        assert here.told[1::2] == ["the state of jobs is known again"] * (len(here.told) // 2)
        assert len(here.told) % 2 == 0
        assert all(reason in one for one in here.told[::2])


async def _stopped_in_a_slice(client: Client, here: Here) -> None:
    """Run a slice, and let somebody stop the job meanwhile."""
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(here.sliced.watch_orders)
        tasks.start_soon(_stop_once_it_sends, client)
        assert await here.slice(60)
        tasks.cancel_scope.cancel()
    assert here.state() == "stopped"


async def _stop_once_it_sends(client: Client) -> None:
    while not client.made():  # noqa: ASYNC110 - another process makes them
        await anyio.sleep(0.01)
    assert client.do("fleet", "stop", "clinic").stdout == "clinic: is stopped\n"


@pytest.mark.parametrize("why", ["deadline", "order", "signal"])
async def test_slices_are_no_news(
    client: Client, monkeypatch: pytest.MonkeyPatch, why: str
) -> None:
    client.do("fleet", "add", "clinic.toml")
    monkeypatch.setattr(slices, "_LOOKS_EVERY_SECONDS", 0.05)
    news = client.folder / "news"
    command = f"tee {news}"
    with joined(client, "a", notify_command=command) as here:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(here.sliced.watch_orders)
            if why == "order":
                tasks.start_soon(_stop_once_it_sends, client)
            elif why == "signal":
                tasks.start_soon(_interrupt_once_it_sends, client, here.group)
            assert await here.slice(0 if why == "deadline" else 60)
            tasks.cancel_scope.cancel()
    client.do("fleet", "resume", "clinic")
    with joined(client, "b", notify_command=command) as here:
        assert not await here.slice(60)
        assert [one.exit_code for one in here.ends] == [0]
    assert len(client.made()) == ROWS
    assert not news.exists()


async def test_a_failure_before_slices_is_not_forgotten(client: Client) -> None:
    client.do("fleet", "add", "clinic.toml")
    failed = client.start("run", "clinic.toml", "--time-limit", "1")
    await anyio.to_thread.run_sync(failed.communicate)
    assert failed.returncode == 5
    client.do("fleet", "retry", "clinic")
    news = client.folder / "news"
    with joined(client, "a", at_least=0.3, notify_command=f"tee {news}") as here:
        assert await here.slice()
        assert not news.exists()
        assert not await here.slice(60)
    assert "in order again" in news.read_text(encoding="utf-8")


async def _interrupt_once_it_sends(client: Client, group: StopGroup) -> None:
    while not client.made():  # noqa: ASYNC110 - another process makes them
        await anyio.sleep(0.01)
    group.stop(Interrupted("stopped by SIGTERM"))


@pytest.mark.parametrize("is_folder", [True, False])
async def test_files_are_kept_when_nothing_is_left(client: Client, *, is_folder: bool) -> None:
    client.do("fleet", "add", "clinic.toml")
    job = client.folder / "clinic.toml"
    job.write_text(job.read_text(encoding="utf-8") + 'output = "kept"\n', encoding="utf-8")
    kept = client.folder / "kept"
    if not is_folder:
        kept.write_text("a file", encoding="utf-8")
    with joined(client, "a") as here:
        assert await here.slice()
        assert not kept.is_dir()
        assert not here.ends
        assert not await here.slice(60)
        assert [one.exit_code for one in here.ends] == [0]
        assert [one.count("cannot be written") for one in here.told] == [1] * (not is_folder)
    assert len(client.made()) == ROWS
    assert not is_folder or len([*kept.iterdir()]) == 1


async def test_a_job_pings_when_it_begins_and_not_with_each_slice(client: Client) -> None:
    client.do("fleet", "add", "clinic.toml")
    with receiving() as receiver, joined(client, "a", ping=receiver.url) as here:
        slices_left = 0
        while await here.slice():
            slices_left += 1
        assert slices_left
        assert [one.path for one in receiver.arrived] == ["/start", "/0"]
        change(here.database, "retry", ["clinic"])
        assert not await here.slice()
    assert [one.path for one in receiver.arrived] == ["/start", "/0"] * 2


async def test_between_slices_it_is_known_how_far_a_job_is(client: Client) -> None:
    client.do("fleet", "add", "clinic.toml")
    with joined(client, "a") as here:
        while not client.made():
            assert await here.slice()
    made = len(client.made())  # what was done last is noted when the process ends
    (state,) = job_states(here.database, ["clinic"])
    assert 0 < made < ROWS
    assert (state.state, state.done, state.left) == ("waiting", made, ROWS - made)
    said = client.do("fleet", "status").stdout
    assert said == f"clinic: waiting for a worker, {made} created, {ROWS - made} left\n"


async def test_a_signal_leaves_the_rows_to_others(client: Client) -> None:
    client.do("fleet", "add", "clinic.toml")
    with joined(client, "a") as here:
        here.group.stop(Interrupted("stopped by SIGTERM"))
        assert await here.slice(60)
        assert here.state() == "new"


async def test_a_job_that_cannot_be_run_says_why_until_it_is_tried_again(client: Client) -> None:
    client.do("fleet", "add", "clinic.toml")
    people = client.folder / "people.csv"
    right = people.read_text(encoding="utf-8")
    people.write_text(right.replace("Email", "Mail"), encoding="utf-8")
    with joined(client, "a") as here:
        assert not await here.slice(60)
        assert here.state() == "faulty"
        assert "clinic: cannot be run: " in client.do("fleet", "status").stdout
        assert [one.exit_code for one in here.ends] == [2]
        people.write_text(right, encoding="utf-8")
        assert not await here.slice(60)
        assert not client.made()
        client.do("fleet", "retry", "--all")
        assert not await here.slice(60)
        assert here.state() == "ended"
    assert len(client.made()) == ROWS


@pytest.mark.parametrize("why", ["no file", "key in use", "no database", "broken connection"])
async def test_what_stands_in_the_way_for_now_is_no_end(
    client: Client, connection: Connection, monkeypatch: pytest.MonkeyPatch, why: str
) -> None:
    client.do("fleet", "add", "clinic.toml")
    with joined(client, "a") as here:
        if why == "no file":
            (client.folder / "clinic.toml").unlink()
        elif why == "key in use":
            expire(connection, -60)
        elif why == "broken connection":

            def breaks(*_: object, **__: object) -> None:
                raise psycopg.errors.AdminShutdown

            monkeypatch.setattr(turns, "take", breaks)
        else:
            monkeypatch.setattr(here.sliced, "_database", f"host={client.folder} user=nobody")
        assert await here.slice(60)
        assert ready(connection) == (["clinic"] if why == "no database" else [])
        assert not here.ends
        assert here.state() == "new"


async def test_an_owner_that_was_taken_over_does_not_end_the_job(
    client: Client, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.do("fleet", "add", "clinic.toml")
    end = orders.end

    def late(opened: Connection, lease: Lease, *, succeeded: bool) -> None:
        connection.execute("UPDATE vorel_fleet.lease SET epoch = epoch + 1, owner = 'other'")
        end(opened, lease, succeeded=succeeded)

    monkeypatch.setattr(orders, "end", late)
    with joined(client, "a") as here:
        assert not await here.slice(60)
    state = connection.execute("SELECT state FROM vorel_fleet.work").fetchone()
    assert state == ("wanted",)


def test_job_files_are_read_again_when_they_change(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    from importer.fleet.work import job_files

    monkeypatch.setattr(job_files, "_LOOKS_EVERY_SECONDS", 0.0)
    told: list[str] = []
    files = JobFiles(client.folder, lambda _path, error: told.append(error.message))
    assert files.names() == {"clinic"}
    text = (client.folder / "clinic.toml").read_text(encoding="utf-8")
    (client.folder / "twin.toml").write_text(text.replace("[job]", '[job]\nname = "clinic"'))
    (client.folder / "wrong.toml").write_text(text.replace("sources", "source"))
    (client.folder / "mapping.toml").write_text('object = "contact"\n')
    for _ in range(2):
        assert files.names() == {"clinic"}
    assert ["another job clinic" in one for one in told] == [False, True]
    (client.folder / "clinic.toml").rename(client.folder / "moved")
    assert files.find("clinic") is not None  # the twin: nobody else has the name any more
    (client.folder / "moved").rename(client.folder / "clinic.toml")
    found = files.find("clinic")
    assert found is not None
    assert found.path.name == "clinic.toml"
    assert len(told) == 3  # they are twins again
    (client.folder / "clinic.toml").unlink()
    (client.folder / "twin.toml").write_text(text)
    assert files.find("clinic") is None
    assert files.names() == {"twin"}


async def test_jobs_with_one_key_take_turns_and_one_place(
    client: Client, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slices, "_LOOKS_EVERY_SECONDS", 0.05)
    # It has rows for minutes, and is stopped when the other one has been looked at.
    with (client.folder / "people.csv").open("a", encoding="utf-8") as people:
        people.writelines(f"Cyd {n},cyd{n}@example.com\n" for n in range(5000))
    text = (client.folder / "clinic.toml").read_text(encoding="utf-8")
    (client.folder / "other.toml").write_text(text.replace("people", "others"), encoding="utf-8")
    others = "".join(f"Bob {n},bob{n}@example.com\n" for n in range(ROWS))
    (client.folder / "others.csv").write_text("Name,Email\n" + others, encoding="utf-8")
    client.do("fleet", "add", ".")
    with joined(client, "a") as here:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(here.sliced.watch_orders)
            first = anyio.Event()

            async def run_clinic() -> None:
                await here.slice(600)
                first.set()

            tasks.start_soon(run_clinic)
            while not client.made():  # noqa: ASYNC110 - it is made over HTTP
                await anyio.sleep(0.01)
            assert await here.run_slice("other", anyio.current_time() + 60)
            assert not first.is_set()  # the other one did not wait for the end of its slice
            assert not ready(connection)
            assert not here.told
            change(here.database, "stop", ["clinic"])
            await first.wait()
            tasks.cancel_scope.cancel()
        assert ready(connection) == ["other"]  # and not the one that had its turn
        while "bob0@example.com" not in client.made():
            assert await here.run_slice("other", anyio.current_time())
    made = client.made()
    assert {"ada0@example.com", "bob0@example.com"} <= made.keys()
    assert set(made.values()) == {1}
