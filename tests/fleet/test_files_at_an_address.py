"""The files of a fleet's job are copied to an address once, when it has ended."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fleets import ROWS, Client
from sftp import PASSWORD, SftpServer, sftp_server
from slicing import joined


@pytest.fixture
def there(tmp_path: Path) -> Iterator[SftpServer]:
    (tmp_path / "there").mkdir()
    with sftp_server(tmp_path / "there") as server:
        yield server


async def test_files_are_copied_when_nothing_is_left(there: SftpServer, client: Client) -> None:
    client.do("fleet", "add", "clinic.toml")
    job = client.folder / "clinic.toml"
    text = job.read_text(encoding="utf-8")
    job.write_text(f'{text}output = "{there.url("/out/")}"\n', encoding="utf-8")
    with joined(client, "a") as here:
        assert await here.slice()
        assert not there.names()  # the folder alone was made, to see whether it can be
        assert not await here.slice(60)
        assert [one.exit_code for one in here.ends] == [0]
        assert not [one for one in here.told if PASSWORD in one]
    assert len(client.made()) == ROWS
    assert {"clinic.success.csv", "clinic.files.json"} <= there.names()
