"""What was answered is in the database, whatever happens to the process."""

from __future__ import annotations

import concurrent.futures
import hashlib
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from importer.core.errors import ConfigError
from importer.sandbox import SandboxConfig, running
from importer.sandbox.crm import write
from importer.sandbox.payloads import CreateRequest
from importer.sandbox.record_store import RecordStore

if TYPE_CHECKING:
    from tests.sandbox.conftest import Clock, Start

KEY = "vapk_test_" + "a" * 48


def test_a_file_keeps_records_keys_and_answers(tmp_path: Path, start: Start) -> None:
    path = tmp_path / "vorel.db"
    first = start(db=path, api_key=KEY)
    answer = first.create(key="same").json()
    again = start(db=path, api_key=KEY)
    assert again.sandbox.db == path
    assert again.create(key="same").json() == answer
    assert len(again.sandbox.records()) == 1


def test_two_sandboxes_on_one_file_create_no_record_twice(tmp_path: Path, clock: Clock) -> None:
    stores = [RecordStore(tmp_path / "vorel.db", clock=clock) for _ in range(2)]
    stores[0].add_key(KEY, tenant="t", name="n", scopes=["crm:write"])
    api_key = stores[1].find_key(KEY)
    assert api_key is not None
    requests = [CreateRequest("contact", {"name": "x"}, f"k{n % 10}", "d") for n in range(40)]

    def create(number: int) -> str:
        request = requests[number]
        outcome, _ = stores[number % 2].answer(
            api_key, request, lambda n: write("hubspot", request, n), key_ttl=60
        )
        return outcome

    with concurrent.futures.ThreadPoolExecutor(4) as threads:
        outcomes = list(threads.map(create, range(40)))
    assert outcomes.count("decided") == stores[0].count_records() == 10
    assert len({record["external_id"] for record in stores[1].records()}) == 10
    for store in stores:
        store.close()


def test_an_api_key_is_nowhere_in_the_file(tmp_path: Path, start: Start) -> None:
    caller = start(db=tmp_path / "vorel.db", api_key=KEY)
    caller.create()
    caller.create(api_key="vapk_test_" + "b" * 48)
    caller.sandbox.new_key(["read"])
    content = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"vapk_" not in content.replace("vapk_…".encode(), b"")
    assert hashlib.sha256(KEY.encode()).hexdigest().encode() in content


def test_a_ready_key_that_was_revoked_is_ready_again(tmp_path: Path, start: Start) -> None:
    start(db=tmp_path / "vorel.db", api_key=KEY).sandbox.revoke(KEY)
    assert start(db=tmp_path / "vorel.db", api_key=KEY).create().status_code == 200


@pytest.mark.parametrize("content", [b"no database at all, only text" * 50, None])
def test_a_file_of_something_else_is_refused(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "other.db"
    if content is None:
        other = sqlite3.connect(path)
        other.execute("CREATE TABLE invoices (id)")
        other.close()
    else:
        path.write_bytes(content)
    before = path.read_bytes()
    with pytest.raises(ConfigError, match="cannot be used"), running(SandboxConfig(db=path)):
        pass
    assert path.read_bytes() == before


def test_a_folder_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    config = SandboxConfig(db=tmp_path / "missing" / "vorel.db")
    with pytest.raises(ConfigError, match="unable to open"), running(config):
        pass


def test_a_closed_store_says_so(clock: Clock) -> None:
    store = RecordStore(None, clock=clock)
    store.close()
    store.close()
    with pytest.raises(RuntimeError, match="closed"):
        store.records()


def test_the_last_thousand_refusals_are_kept(clock: Clock) -> None:
    store = RecordStore(None, clock=clock)
    for number in range(1_010):
        store.log_refusal(400, "bad_request", f"number {number}")
    kept = store.refusals(limit=5_000)
    store.close()
    assert len(kept) == 1_000
    assert kept[0]["message"] == "number 1009"
