"""Lists at addresses: fetched as a whole, for one run, and no secret of an address is told."""

from __future__ import annotations

import base64
import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from referee import World
from served import LIST, SECRET, Server, serving

from importer.core.addresses import is_remote, name_of
from importer.core.errors import ConfigError, SourceError
from importer.jobs.lists import ListSource
from importer.jobs.remote import fetched, reason_of


@pytest.fixture
def web() -> Iterator[Server]:
    with serving() as server:
        yield server


@contextmanager
def memory(**files: bytes) -> Iterator[Any]:
    """Return fsspec's files in memory, of which there are some."""
    fsspec = pytest.importorskip("fsspec")
    there = fsspec.filesystem("memory")
    for name, content in files.items():
        there.pipe(f"/{name}.csv", content)
    try:
        yield there
    finally:
        there.store.clear()


@pytest.mark.parametrize(
    ("source", "is_one"),
    [
        ("https://x/a.csv", True), ("s3://bucket/a.csv", True), ("gs://b/a", True),
        ("a.csv", False), ("-", False), ("/srv/a://b.csv", False), ("C://a.csv", False),
    ],
)  # fmt: skip
def test_what_is_an_address(source: str, *, is_one: bool) -> None:
    assert is_remote(source) == is_one


def test_a_copy_is_there_for_its_owner_and_for_a_while(web: Server, tmp_path: Path) -> None:
    here = str(tmp_path / "here.csv")
    user = f"ann:{SECRET}%21@"
    with fetched([web.url("/people.csv?sig=x", user), here, web.url("/people.csv")]) as files:
        first, second, third = map(Path, files)
        assert (first.name, first.read_bytes()) == ("people.csv", LIST)
        assert first.stat().st_mode & 0o777 == 0o600
        assert first.parent.stat().st_mode & 0o777 == 0o700
        assert (str(second), third.read_bytes()) == (here, LIST)
    assert not first.exists()
    said = base64.b64encode(f"ann:{SECRET}!".encode()).decode()
    assert web.asked == [("/people.csv?sig=x", f"Basic {said}"), ("/people.csv", None)]


def test_what_fsspec_knows() -> None:
    with memory(people=LIST), fetched(["memory://people.csv"]) as files:
        assert Path(files[0]).read_bytes() == LIST


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/none.csv", "HTTP status 404"),
        ("/cut/people.csv", "it is cut"),
        ("/elsewhere", "http would show the list"),
        ("/ftp", "ftp would show the list"),
        ("/part", "HTTP status 206"),
    ],
)
def test_what_cannot_be_fetched_as_a_whole_is_refused(web: Server, path: str, said: str) -> None:
    address = web.url(f"{path}?sig={SECRET}", f"ann:{SECRET}@")
    with pytest.raises((SourceError, ConfigError), match=said) as raised, fetched([address]):
        pass
    assert SECRET not in f"{raised.value} {raised.value.hint}"


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("memory://none.csv", "there is no such file"),
        (f"nosuch://ann:{SECRET}@x/a.csv", "no program is known"),
        (f"http://ann:{SECRET}@example.com/a.csv", "to everyone on the way"),
        (f"http://127.0.0.1:1/a.csv?sig={SECRET}", "refused"),
        (f"http://127.0.0.1:port/a.csv?sig={SECRET}", "InvalidURL"),
        (f"https://ann:{SECRET}/x@127.0.0.1:1/a.csv", "https://…: "),
        (f"https://ann:x/{SECRET}@127.0.0.1:1/a.csv", "https://…: "),
        (f"https://ann:{SECRET}?x@127.0.0.1:1/a.csv", "https://…: "),
        (f"https://ann:x@y/{SECRET}@127.0.0.1:1/a.csv", "https://…: "),
        (f"https://ann:{SECRET}\u2100@127.0.0.1:1/a.csv", "https://127.0.0.1:1/a.csv: "),
        (f"https://[::1/a.csv?sig={SECRET}", "ValueError"),
        (f" http://ann:{SECRET}@127.0.0.1:1/a.csv", "refused"),
        (f"nosuch::https://ann:{SECRET}@127.0.0.1:1/a.csv", "nosuch::https://127.0.0.1:1/a.csv: "),
        (f"nosuch://a::https://ann:{SECRET}@127.0.0.1:1/a", "nosuch://a::https://127.0.0.1:1/a: "),
    ],
)
def test_no_secret_of_an_address_is_told(address: str, said: str) -> None:
    refused = pytest.raises((SourceError, ConfigError), match=said)
    with memory(), refused as raised, fetched([address]):
        pass
    assert SECRET not in f"{raised.value} {raised.value.hint}"


def test_what_a_server_said_is_not_told() -> None:
    said = reason_of(OSError(errno.EIO, f"no key {SECRET}"))
    assert said == os.strerror(errno.EIO)
    assert reason_of(PermissionError(f"no key {SECRET}")) == "access is refused"
    assert reason_of(OSError(404, "HTTP status 404")) == "HTTP status 404"


def test_the_name_of_a_list_within_another_file() -> None:
    assert name_of(f"zip://people.csv::https://ann:{SECRET}@x/all.zip") == "people.csv"
    assert name_of("zip://here/people.csv::memory://all.zip") == "people.csv"
    assert name_of("simplecache::s3://lists/people.csv") == "people.csv"
    assert name_of("http://[::1]:80/people.csv") == "people.csv"
    assert name_of("https://example.com") == "list"


def test_the_name_of_a_list_leads_nowhere_else() -> None:
    assert name_of("https://example.com/lists%5C..%5C..%5Cpeople.csv") == "people.csv"
    assert name_of("https://example.com/lists%2F..") == "list"
    assert name_of("https://example.com//lists/people.csv") == "people.csv"


def test_what_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "s3fs", None)
    with pytest.raises(ConfigError, match="s3fs"), fetched(["s3://lists/a.csv"]):
        pass
    monkeypatch.setitem(sys.modules, "fsspec", None)
    with pytest.raises(ConfigError, match="one more package"), fetched(["s3://lists/a.csv"]):
        pass


def test_the_day_of_the_run_is_put_into_the_address_of_a_job(web: Server, tmp_path: Path) -> None:
    source = ListSource(sources=(web.url("/%Y-%m-%d/a%20b.csv"),))
    assert source.patterns(tmp_path) == ("a b.csv",)
    with source.found(tmp_path, lambda: datetime(2026, 11, 2)) as files:  # noqa: DTZ001
        assert Path(files[0]).read_bytes() == LIST
    newest = ListSource(sources=(web.url("/people.csv"),), newest=True)
    with pytest.raises(ConfigError, match="not for addresses"), newest.found(tmp_path):
        pass


MAPPING = 'object = "contact"\n[fields]\nfirst_name = "Name"\nemail = "Mail"\n'


def test_a_list_at_an_address_is_imported_once(web: Server, world: World) -> None:
    world.write("m.toml", MAPPING)
    address = web.url(f"/people.csv?sig={SECRET}")
    words = (address, "--mapping", "m.toml")
    unnamed = world.run(*words)
    assert unnamed.exit_code == 2
    assert "the results file must be named" in unnamed.stderr
    world.run(*words, "--results", "r.jsonl").ended(0, created=2)
    again = world.run(*words, "--results", "r.jsonl")
    assert (again.exit_code, again.requests) == (0, 0)
    assert SECRET not in world.read("r.jsonl")


def test_how_to_go_on_names_no_copy_that_is_gone(web: Server, world: World) -> None:
    world.write("m.toml", MAPPING)
    words = (web.url("/people.csv"), "--mapping", "m.toml", "--results", "r.jsonl")
    limited = world.run(*words, "--limit", "1")
    assert limited.report["next"].startswith("vorel-import run ADDRESS --base-url ")
    _, status, _ = world.command("status", "r.jsonl")
    assert "vorel-import run ADDRESS " in status


def test_a_list_that_moved_to_an_address_is_called_by_it(web: Server, world: World) -> None:
    web.files["/more.csv"] = LIST + b"3,Cy,nowhere\n"
    strict = '{ column = "Mail", type = "email" }'
    world.write("map.toml", MAPPING.replace('"Mail"', strict))
    address = web.url(f"/more.csv?sig={SECRET}")
    words = ("--mapping", "map.toml", "--results", "r.jsonl")
    world.run(web.url("/people.csv"), *words).ended(0, created=2)
    run = world.run(address, *words)
    (notice,) = [one for one in run.report["notices"] if "that of the last run was" in one]
    old, new = web.url("/people.csv"), web.url("/more.csv")
    assert notice.startswith(f"this list is {new}, and that of the last run was {old}; ")
    assert run.report["next"].startswith("vorel-import run r.failed.csv ")
    assert "--called" not in run.told()


def test_a_job_has_its_list_at_an_address(web: Server, world: World) -> None:
    job = f'[job]\nsources = "{web.url("/people.csv", f"ann:{SECRET}@")}"\n'
    world.write("clinic.toml", MAPPING + job)
    world.run("--job", "clinic.toml").ended(0, created=2)
    web.files["/people.csv"] = LIST + b"3,Cy,cy@example.com\n"
    again = world.run("--job", "clinic.toml")
    assert (again.exit_code, again.requests) == (0, 1)
    assert SECRET not in world.read("clinic.results.jsonl")
