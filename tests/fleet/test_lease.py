"""Leases: what a new owner knows of the last minute, and who renews them."""

from __future__ import annotations

import dataclasses
import threading
import time
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from fleets import LINES, expire, lease_of, store_of, wait_for

from importer.fleet.database.connecting import AWAY, Connection, connect
from importer.fleet.journal import blocks
from importer.fleet.journal.appender import Appender
from importer.fleet.leases.lease import Lease, LeaseRenewer, hand_back, key_digest, renew_all
from importer.fleet.work.running import own_folder

SECOND = 1_000_000_000


def in_seconds(lease: Lease) -> list[float]:
    """Return in how many seconds each earlier request is counted at the latest."""
    return [(at - time.monotonic_ns()) / SECOND for at in lease.sends]


def test_a_key_that_is_new_to_the_fleet_has_used_its_minute(connection: Connection) -> None:
    lease = lease_of(connection)
    assert len(lease.sends) == 200
    assert all(0 < one <= 7 for one in in_seconds(lease))
    assert lease.is_valid()


async def test_a_new_owner_counts_what_the_one_before_has_sent(
    database: str, connection: Connection, appender: Appender, tmp_path: Path
) -> None:
    first = lease_of(connection, key="k")
    connection.execute("UPDATE vorel_fleet.lease SET sends = '{}'")
    with closing(store_of(tmp_path, database, appender, first)) as store:
        await store.append(LINES[1])
        await store.append(LINES[1], LINES[2], LINES[1])
        await store.append(LINES[0])
    connection.execute(
        "UPDATE vorel_fleet.block SET at = at - interval '50 seconds' WHERE first_line = 1"
    )
    hand_back(connection, first)
    second = lease_of(connection, "another job", key="k")
    assert second.epoch == 2
    ages = sorted(in_seconds(second))
    assert ages[0] == pytest.approx(7 - 50, abs=5)
    assert ages[1:] == pytest.approx([7, 7], abs=5)
    expire(connection)  # it has sent nothing, and hands on what there was before
    third = lease_of(connection, "another job", key="k")
    assert len(third.sends) == 3
    connection.execute(
        "UPDATE vorel_fleet.lease SET sends = ARRAY(SELECT at - interval '70 s' "
        "FROM unnest(sends) AS at)"
    )
    expire(connection)
    assert lease_of(connection, "another job", key="k").sends == ()


def test_a_minute_that_is_not_in_the_latest_blocks_counts_as_used(connection: Connection) -> None:
    first = lease_of(connection, key="k")
    connection.execute("UPDATE vorel_fleet.lease SET sends = '{}'")
    head = blocks.EMPTY
    with connection.transaction():
        for _ in range(4096):
            block = head.followed_by([b'{"kind":"row"}\n'])
            blocks.insert(connection, first.job, block)
            head = block.head
    expire(connection)
    assert len(lease_of(connection, key="k").sends) == 200


def test_the_digest_of_a_key_does_not_reveal_it() -> None:
    assert key_digest("a") != key_digest("b")
    assert "secret" not in key_digest("secret")


def test_leases_are_renewed_in_a_thread_until_somebody_has_taken_them(
    database: str, connection: Connection
) -> None:
    leases = [lease_of(connection), lease_of(connection, "other")]
    with (
        LeaseRenewer(database, every=0.02) as renewer,
        renewer.renewing(leases[0]),
        renewer.renewing(leases[1]),
    ):
        for lease in leases:
            lease.valid_until = 0
        wait_for(lambda: all(lease.is_valid() for lease in leases))
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
        )
        leases[0].valid_until = 0
        wait_for(leases[0].is_valid)
        connection.execute(
            "UPDATE vorel_fleet.lease SET epoch = epoch + 1 WHERE key = %s", (leases[0].key,)
        )
        wait_for(lambda: not leases[0].is_valid())
        leases[1].valid_until = 0
        wait_for(leases[1].is_valid)


def test_a_lease_is_renewed_although_who_had_its_key_before_in_this_process_ends(
    database: str, connection: Connection
) -> None:
    before = lease_of(connection, key="k")
    expire(connection)
    after = lease_of(connection, "another job", key="k")
    with LeaseRenewer(database, every=0.02) as renewer, ExitStack() as ended:
        ended.enter_context(renewer.renewing(before))
        with renewer.renewing(after):
            ended.close()
            after.valid_until = 0
            wait_for(after.is_valid)


def test_all_leases_of_a_process_are_renewed_in_one_transaction_but_those_that_are_taken(
    connection: Connection,
) -> None:
    leases = [lease_of(connection, f"job {number}") for number in range(3)]
    lost = leases[1]
    expire(connection)
    for lease in leases:
        lease.valid_until = 0
    connection.execute("UPDATE vorel_fleet.lease SET epoch = epoch + 1 WHERE key = %s", (lost.key,))
    renew_all(connection, leases)
    assert [lease.is_valid() for lease in leases] == [True, False, True]
    query = (
        "SELECT count(*), count(DISTINCT xmin::text) FROM vorel_fleet.lease"
        " WHERE expires_at > vorel_fleet.clock()"
    )
    assert connection.execute(query).fetchone() == (2, 1)


def test_a_lease_that_is_lost_does_not_become_valid_again(connection: Connection) -> None:
    lease = lease_of(connection)
    connection.execute("UPDATE vorel_fleet.lease SET owner = 'another'")
    assert lease.is_valid()
    renew_all(connection, [lease])
    assert not lease.is_valid()


def test_a_lease_that_is_handed_back_while_it_is_renewed_can_be_taken_at_once(
    database: str, connection: Connection
) -> None:
    lease = lease_of(connection, key="k")
    renewing, handed_back = threading.Event(), threading.Event()

    def clock() -> int:
        if threading.current_thread() is not threading.main_thread():
            renewing.set()
            handed_back.wait(60)
        return time.monotonic_ns()

    lease.clock = clock
    with LeaseRenewer(database, every=0.01) as renewer:
        with renewer.renewing(lease):
            assert renewing.wait(60)
        hand_back(connection, lease)
        handed_back.set()
    assert not lease.is_valid()
    assert lease_of(connection, "another job", key="k").epoch == lease.epoch + 1


def test_a_lease_that_the_same_process_has_taken_again_renews_only_the_new_one(
    connection: Connection,
) -> None:
    before = lease_of(connection)
    connection.execute("UPDATE vorel_fleet.lease SET epoch = epoch + 1")
    again = dataclasses.replace(before, epoch=before.epoch + 1)
    renew_all(connection, [before, again])
    assert (before.is_valid(), again.is_valid()) == (False, True)


def test_who_is_paused_within_a_transaction_holds_nobody_up_for_long(
    database: str, connection: Connection
) -> None:
    first = lease_of(connection, key="k")
    expire(connection)
    with closing(connect(database)) as paused:
        query = "SHOW idle_in_transaction_session_timeout"
        assert paused.execute(query).fetchone() == ("10s",)
        paused.execute("SET idle_in_transaction_session_timeout = '100ms'")
        paused.execute("BEGIN")
        paused.execute("SELECT FROM vorel_fleet.lease FOR SHARE")
        assert lease_of(connection, key="k").epoch == first.epoch + 1
        with pytest.raises(AWAY):
            paused.execute("COMMIT")


def test_each_process_has_copies_of_its_own(tmp_path: Path) -> None:
    with own_folder(tmp_path) as first, own_folder(tmp_path) as second:
        assert (first.name, second.name) == ("0", "1")
    with own_folder(tmp_path) as again:
        assert again == first
