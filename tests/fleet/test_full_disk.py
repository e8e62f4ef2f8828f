"""A disk that is full where a job runs: others go on with it, and its end is no false alarm."""

from __future__ import annotations

import errno
from typing import Any

import pytest
from fleets import ROWS, Client, lines_of
from slicing import joined

from importer.core.errors import JournalError
from importer.fleet.database.connecting import Connection
from importer.fleet.journal import store
from importer.run import pipeline

pytestmark = pytest.mark.slow


def full(*_: Any, **__: Any) -> Any:
    raise OSError(errno.ENOSPC, "No space left on device")


async def test_a_copy_that_cannot_be_written_leaves_the_job_to_others(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.do("fleet", "add", "clinic.toml")
    with joined(client, "a") as here:
        with monkeypatch.context() as patched:
            patched.setattr(store, "_bring_up_to_date", full)
            for _ in range(2):
                assert await here.slice(60)
        (told,) = here.told
        assert told == "a job cannot go on here (clinic: the disk is full); it is tried again"
        assert not here.ends
        assert not await here.slice(60)
    assert len(client.made()) == ROWS


async def test_files_that_cannot_be_written_are_no_end_and_no_news(
    client: Client, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.do("fleet", "add", "clinic.toml")
    news = client.folder / "news"

    async def fails(*_: Any, **__: Any) -> None:
        raise JournalError("the success, failed and unsent files cannot be written: it is full")

    with joined(client, "a", notify_command=f"tee {news}") as here:
        with monkeypatch.context() as patched:
            patched.setattr(pipeline, "update_exports", fails)
            for _ in range(2):
                assert await here.slice(60)
        (told,) = here.told
        assert "files cannot be written" in told
        assert b'"kind":"end"' not in lines_of(connection)
        assert not await here.slice(60)
        assert [one.exit_code for one in here.ends] == [0]
    assert not news.exists()
    assert len(client.made()) == ROWS
    assert len([*client.folder.rglob("*.success.csv")]) == 1
