"""Commands other than `run` take lists and exports from addresses, and tell no secret of them."""

from __future__ import annotations

import json
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from referee import World
from served import SECRET, Server, serving

MAPPING = 'object = "contact"\n[fields]\nfirst_name = "Name"\nemail = "Mail"\n'


@pytest.fixture
def web() -> Iterator[Server]:
    with serving() as server:
        yield server


@pytest.fixture(autouse=True)
def _no_copy_is_left(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    folder = tmp_path_factory.mktemp("temporary")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tempfile, "tempdir", str(folder))
        yield
    assert not [*folder.iterdir()]


def _all_texts(world: World) -> str:
    return "".join(
        path.read_text(encoding="utf-8") for path in world.folder.rglob("*") if path.is_file()
    )


@pytest.mark.parametrize("user", ["", f"ann:{SECRET}@"])
def test_a_mapping_is_suggested_for_a_list_at_an_address(
    web: Server, world: World, user: str
) -> None:
    secret = f"?sig={SECRET}" if user else ""
    address = web.url(f"/people.csv{secret}", user)
    words = ("map", address, "--object", "contact", "-o", "m.toml", "--as-job")
    code, out, told = world.command(*words)
    assert code == 0, told
    by_mapping = "vorel-import check ADDRESS --results people.results.jsonl --mapping m.toml"
    assert (by_mapping if user else "vorel-import check --job m.toml") in told
    written = world.read("m.toml")
    assert tomllib.loads(written)["job"]["sources"] == [web.url("/people.csv")]
    assert ("without its user, password or query" in written) == bool(user)
    code, shown, again = world.command("map", address, "--object", "contact", "--json")
    assert json.loads(shown)["rows_read"] == 2
    assert f"{SECRET}" not in out + told + shown + again + _all_texts(world)


def test_a_job_that_map_has_written_is_imported(web: Server, world: World) -> None:
    address = web.url("/people.csv")
    code, _, told = world.command("map", address, "--object", "contact", "-o", "m.toml", "--as-job")
    assert code == 0, told
    world.run("--job", "m.toml").ended(0, created=2)


def test_the_way_to_an_earlier_mapping_names_no_copy(web: Server, world: World) -> None:
    world.write("earlier/m.toml", MAPPING)
    words = ("map", web.url("/people.csv"), "--object", "contact", "--mappings", "earlier")
    _, _, told = world.command(*words)
    said = f"check {web.url('/people.csv')} --results people.results.jsonl --mapping earlier/m.toml"
    assert said in told


def test_what_cannot_be_fetched_ends_the_command(web: Server, world: World) -> None:
    address = web.url(f"/none.csv?sig={SECRET}", f"ann:{SECRET}@")
    world.write("r.jsonl", "")
    for words in (
        ("map", address, "--object", "contact"),
        ("reconcile", "r.jsonl", address),
        ("export", "r.jsonl", address),
    ):
        code, out, told = world.command(*words)
        assert (code, "HTTP status 404" in told) == (2, True), told
        assert SECRET not in out + told


def test_the_export_of_the_crm_and_the_list_are_at_addresses(web: Server, world: World) -> None:
    world.write("m.toml", MAPPING)
    address = web.url(f"/people.csv?sig={SECRET}")
    world.run(address, "--mapping", "m.toml", "--results", "r.jsonl").ended(0, created=2)
    records = [(line["external_id"], line["row"]) for line in world.outcomes("r.jsonl").values()]
    rows = "".join(f"{id_},{'Ada' if row == 1 else 'Bo'}\n" for id_, row in records[:1])
    web.files["/crm.csv"] = f"Id,First Name\n{rows}".encode()
    export = web.url(f"/crm.csv?sig={SECRET}", f"ann:{SECRET}@")
    words = ("reconcile", "r.jsonl", export, "--source", address, "--json")
    _, out, told = world.command(*words)
    found = json.loads(out)
    assert (found["export"], found["records"]) == (web.url("/crm.csv"), 1), told
    assert found["is_list_there"]
    assert SECRET not in out + told + _all_texts(world)


def test_derived_files_are_written_again_for_a_list_at_an_address(
    web: Server, world: World
) -> None:
    world.write("m.toml", MAPPING)
    address = web.url(f"/people.csv?sig={SECRET}")
    world.run(address, "--mapping", "m.toml", "--results", "r.jsonl").ended(0, created=2)
    Path(world.folder / "r.success.csv").unlink()
    code, out, told = world.command("export", "r.jsonl", address)
    assert code == 0, told
    assert len(world.rows("r.success.csv")) == 2
    assert "another list" not in told
    assert "not the list of the last run" not in told
    assert SECRET not in out + told + _all_texts(world)


def test_no_log_has_the_query_of_an_address(web: Server, world: World) -> None:
    address = web.url(f"/people.csv?sig={SECRET}.csv")
    done = world.run(address, "--log-format", "json", "--log-file", "log")
    assert done.exit_code == 2
    assert '"job": "people"' in world.read("log")
    assert SECRET not in done.stdout + done.stderr + world.read("log")


@pytest.mark.parametrize("how", ["argument", "job", "command"])
def test_status_and_report_show_where_the_list_was(web: Server, world: World, how: str) -> None:
    address = web.url(f"/people.csv?sig={SECRET}", f"ann:{SECRET}@")
    command = [sys.executable, "-c", "print('Name,Mail'); print('Ada,ada@example.com')"]
    list_ = f"command = {json.dumps(command)}" if how == "command" else f'sources = "{address}"'
    made = 1 if how == "command" else 2
    shown = "list.csv" if how == "command" else web.url("/people.csv")
    world.write("m.toml", f'{MAPPING}[job]\nresults = "r.jsonl"\n{list_}\n')
    if how == "argument":
        world.run(address, "--mapping", "m.toml", "--results", "r.jsonl").ended(0, created=2)
    else:
        world.run("--job", "m.toml").ended(0, created=made)
    _, out, _ = world.command("status", "r.jsonl")
    world.command("report", "r.jsonl")
    assert f"Source   {shown}, " in out
    report = world.read("r.report.html")
    assert f"<title>Import of {shown.rpartition('/')[2]}</title>" in report
    assert shown in report
    kept = "".join(world.read(name) for name in ("r.jsonl", "r.report.html"))
    assert SECRET not in out + kept
