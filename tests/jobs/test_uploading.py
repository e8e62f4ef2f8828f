"""Files of a run are copied to an address: over those of the last run, and never over others."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from referee import World
from served import SECRET, serving
from sftp import PASSWORD, SftpServer, sftp_server

pytestmark = pytest.mark.slow

MAPPING = """
    object = "contact"
    [fields]
    first_name = "Name"
    email = {{ column = "Mail", type = "email" }}
    [job]
    sources = "{list}"
    output = "{output}"
"""
GOOD = "Name,Mail\nAda,ada@example.com\nBo,bo@example.com\n"
BAD = GOOD + "Cy,nowhere\n"
OURS = {"clinic.success.csv", "clinic.files.json"}
FAILED = {"clinic.failed.csv"}


@pytest.fixture
def there(tmp_path: Path) -> Iterator[SftpServer]:
    (tmp_path / "there").mkdir()
    with sftp_server(tmp_path / "there") as server:
        yield server


@pytest.fixture
def clinic(there: SftpServer, world: World) -> World:
    """Return a folder with a job whose files go to the server."""
    world.write("people.csv", BAD)
    world.write("clinic.toml", MAPPING.format(list="people.csv", output=there.url("/out/")))
    return world


def _notes(world: World, *words: str) -> str:
    """Run the job. Returns what was said of its files, which is in `--json` too."""
    run = world.run("--job", "clinic.toml", *words)
    notes = [one for one in run.report["notices"] if "sftp://" in one]
    assert all(f"note: {one}" in run.stderr for one in notes)
    assert PASSWORD not in run.told()
    return "\n".join(notes)


def test_files_replace_those_of_the_last_run(there: SftpServer, clinic: World) -> None:
    clinic.reports = True
    clinic.run("--job", "clinic.toml").ended(1, created=2, invalid=1)
    assert there.names() == OURS | FAILED | {"clinic.report.html"}
    for name in there.names() - {"clinic.files.json"}:
        assert (there.folder / "out" / name).read_bytes() == (clinic.folder / name).read_bytes()
    clinic.write("people.csv", GOOD.replace("Bo,bo@", "Di,di@") + "Cy,cy@example.com\n")
    assert not _notes(clinic)
    assert there.names() == OURS | {"clinic.report.html", "clinic.vanished.csv"}
    for name in there.names() - {"clinic.files.json"}:
        assert (there.folder / "out" / name).read_bytes() == (clinic.folder / name).read_bytes()


def test_no_secret_of_the_address_is_told(there: SftpServer, clinic: World) -> None:
    assert PASSWORD == SECRET
    run = clinic.run("--job", "clinic.toml", "--limit", "1")
    assert there.names()
    _, status, told = clinic.command("status", "clinic.results.jsonl")
    shown = run.told() + status + told + clinic.read("clinic.results.jsonl")
    assert PASSWORD not in shown
    assert "sftp://ann" not in shown
    assert "--output" not in run.report["next"]  # it is in the job file
    words = ("--mapping", "clinic.toml", "--output", there.url("/out"), "--limit", "0")
    other = clinic.run("people.csv", "--results", "r.jsonl", "--new-import", *words)
    assert "--output ADDRESS" in other.report["next"]
    assert PASSWORD not in other.told() + clinic.read("r.jsonl")


def test_a_file_of_somebody_else_stays(there: SftpServer, clinic: World) -> None:
    (there.folder / "out").mkdir()
    own = there.folder / "out" / "clinic.success.csv"
    own.write_text("mine", encoding="utf-8")
    (there.folder / "out" / "other.csv").write_text("mine", encoding="utf-8")
    said = _notes(clinic)
    assert f"{there.url('/out/clinic.success.csv', '')} is not as the importer has left it" in said
    assert "Today's is clinic.success.csv; " in said
    assert own.read_text(encoding="utf-8") == "mine"
    assert there.names() == OURS | FAILED | {"other.csv"}
    own.unlink()
    assert not _notes(clinic)
    assert own.read_bytes() == (clinic.folder / "clinic.success.csv").read_bytes()


def test_a_failed_file_that_is_being_corrected_there_stays(
    there: SftpServer, clinic: World
) -> None:
    assert not _notes(clinic)
    failed = there.folder / "out" / "clinic.failed.csv"
    corrected = failed.read_text(encoding="utf-8").replace("nowhere", "cy@example.com")
    failed.write_text(corrected, encoding="utf-8")
    clinic.write("people.csv", BAD + "Di,nowhere either\n")
    assert "clinic.failed.csv is not as the importer has left it" in _notes(clinic)
    assert failed.read_text(encoding="utf-8") == corrected
    clinic.write("people.csv", GOOD)
    assert "clinic.failed.csv is not as the importer has left it, and stays" in _notes(clinic)
    assert failed.read_text(encoding="utf-8") == corrected
    assert not _notes(clinic)  # said once: it is nobody's but the person's


def test_a_record_of_something_else_stays(there: SftpServer, clinic: World) -> None:
    (there.folder / "out").mkdir()
    record = there.folder / "out" / "clinic.files.json"
    record.write_text('{"files": []}', encoding="utf-8")
    assert "clinic.files.json is not a record of the importer" in _notes(clinic)
    assert record.read_text(encoding="utf-8") == '{"files": []}'
    assert there.names() == {"clinic.files.json"}


def test_a_copy_that_fails_changes_nothing_of_the_import(there: SftpServer, clinic: World) -> None:
    there.broken.add("write")
    run = clinic.run("--job", "clinic.toml").ended(1, created=2, invalid=1)
    assert f"{there.url('/out/', '')}: the files cannot be copied there" in run.stderr
    assert "its files are here. The next run copies them." in run.stderr
    assert clinic.has("clinic.success.csv")
    assert clinic.has("clinic.failed.csv")
    there.broken.clear()
    assert not _notes(clinic)  # nothing new was done, and they are copied all the same
    assert there.names() == OURS | FAILED


def test_a_copy_that_cannot_be_renamed_is_not_left_there(there: SftpServer, clinic: World) -> None:
    there.broken.add("rename")
    assert "the files cannot be copied there" in _notes(clinic)
    assert not [*(there.folder / "out").iterdir()]
    there.broken.clear()
    assert not _notes(clinic)
    assert there.names() == OURS | FAILED


def test_a_copy_that_was_cut_off_is_replaced(there: SftpServer, clinic: World) -> None:
    assert not _notes(clinic)
    (there.folder / "out" / ".clinic.success.csv.part").write_text("Name,M", encoding="utf-8")
    (there.folder / "out" / "clinic.success.csv").unlink()
    assert not _notes(clinic)
    assert there.names() == OURS | FAILED


def test_a_list_of_which_nothing_is_left_leaves_nothing(there: SftpServer, clinic: World) -> None:
    assert not _notes(clinic)
    assert there.names() == OURS | FAILED
    for path in clinic.folder.glob("clinic.results.jsonl*"):
        path.unlink()
    clinic.write("people.csv", "Name,Mail\n")
    for name in ("clinic.success.csv", "clinic.failed.csv"):
        (clinic.folder / name).unlink()
    assert not _notes(clinic, "--accept-list")
    assert not there.names()


def test_a_corrected_file_leaves_the_files_of_the_list(there: SftpServer, clinic: World) -> None:
    assert not _notes(clinic)
    clinic.edit("clinic.failed.csv", ("nowhere", "cy@example.com"))
    assert clinic.run("clinic.failed.csv", "--job", "clinic.toml").exit_code == 0
    assert there.names() == OURS
    assert b"Cy" in (there.folder / "out" / "clinic.success.csv").read_bytes()


@pytest.mark.parametrize(
    ("output", "said"),
    [
        (f"https://ann:{SECRET}@example.com/out/", "nothing can be written to a web server"),
        (f"http://127.0.0.1/out/?sig={SECRET}", "nothing can be written to a web server"),
        ("file:///srv/out", "a folder of this computer is named by its path"),
        (f"ftp://ann:{SECRET}@example.com/out", "use sftp"),
        (f"zip://out::sftp://ann:{SECRET}@example.com/a.zip", "a chain of addresses"),
        (f"nosuch://ann:{SECRET}@example.com/out", "no program is known for such an address"),
        (f"s3://{SECRET}@bucket/out", "s3fs"),
        (f"sftp://ann:{SECRET}/out", "no program is known for such an address"),
    ],
)
def test_what_cannot_be_written_to_is_refused_first(
    world: World, monkeypatch: pytest.MonkeyPatch, output: str, said: str
) -> None:
    monkeypatch.setitem(sys.modules, "s3fs", None)
    world.write("people.csv", GOOD)
    world.write("clinic.toml", MAPPING.format(list="people.csv", output=output))
    for words in (
        ("--job", "clinic.toml"),
        ("people.csv", "--mapping", "clinic.toml", "--output", output),
    ):
        run = world.run(*words).refused(said)
        assert SECRET not in run.told()
    code, _, told = world.command("run", "--job", ".", "--no-input")
    assert (code, said in told, world.crm.requests) == (2, True, []), told


@pytest.mark.parametrize(
    ("path", "user", "said"),
    [
        ("/out/", "ann:wrong@", "AuthenticationException"),
        ("/no/such/folder/", f"ann:{PASSWORD}@", "there is no such file"),
    ],
)
def test_what_somebody_has_to_repair_is_refused_first(
    there: SftpServer, clinic: World, path: str, user: str, said: str
) -> None:
    address = there.url(path, user)
    run = clinic.run("--job", "clinic.toml", "--output", address).refused(said, "Nothing was sent")
    assert there.url(path, "") in run.stderr
    assert PASSWORD not in run.told()


def test_without_a_connection_the_import_goes_on(clinic: World) -> None:
    nobody = f"sftp://ann:{SECRET}@127.0.0.1:1/out/"
    run = clinic.run("--job", "clinic.toml", "--output", nobody).ended(1, created=2, invalid=1)
    assert "It is tried again when the run has ended" in run.stderr
    assert "sftp://127.0.0.1:1/out/: the files cannot be copied there" in run.stderr
    assert SECRET not in run.told()


def test_what_is_no_sftp_server_is_told_in_one_line(clinic: World) -> None:
    with serving() as web:
        address = web.url("/out/").replace("http://", f"sftp://ann:{SECRET}@")
        run = clinic.run("--job", "clinic.toml", "--output", address, process=True)
    assert "files cannot be copied there (SSHException)" in run.stderr
    assert "paramiko" not in run.stderr


def test_jobs_of_a_folder_share_an_address(there: SftpServer, world: World) -> None:
    for name in ("one", "two"):
        world.write(f"clients/{name}.csv", GOOD.replace("example", name))
        output = there.url("/out")
        text = MAPPING.format(list=f"{name}.csv", output=output)
        world.write(f"clients/{name}.toml", text)
    words = ("run", "--job", "clients", "--no-input", "--no-report", "--json", "--rate", "100000")
    for _ in range(2):
        code, out, told = world.command(*words)
        assert code == 0, told
        assert PASSWORD not in out + told
        assert there.names() == {
            f"{name}.{kind}" for name in ("one", "two") for kind in ("success.csv", "files.json")
        }
    there.broken.add("write")
    world.write("clients/one.csv", GOOD + "Cy,cy@example.com\n")
    code, out, told = world.command(*words)
    assert code == 0, told
    (notice,) = [one for one in json.loads(out)["jobs"]["one"]["notices"] if "sftp://" in one]
    assert "the files cannot be copied there" in notice


@pytest.mark.parametrize(("path", "folder"), [("", "home"), ("/", ".")])
def test_an_address_without_a_folder_is_one_place(
    there: SftpServer, clinic: World, path: str, folder: str
) -> None:
    there.home = "home"
    (there.folder / "home").mkdir()
    own = there.folder / folder / "clinic.success.csv"
    own.write_text("mine", encoding="utf-8")
    assert "is not as the importer has left it" in _notes(clinic, "--output", there.url(path))
    assert own.read_text(encoding="utf-8") == "mine"
    assert there.names(folder) - {"home"} == OURS | FAILED
    assert len(list(there.folder.rglob("clinic.success.csv"))) == 1
    assert "is not as the importer has left it" in _notes(clinic, "--output", there.url(path))


def test_what_stores_objects_gets_them_whole_at_once(world: World) -> None:
    fsspec = pytest.importorskip("fsspec")
    memory = fsspec.filesystem("memory")
    world.write("people.csv", BAD)
    world.write("clinic.toml", MAPPING.format(list="people.csv", output="memory://bucket/out/"))
    try:
        for _ in range(2):
            assert world.run("--job", "clinic.toml").exit_code == 1
            names = {path.rpartition("/")[2] for path in memory.ls("/bucket/out", detail=False)}
            assert names == OURS | FAILED
    finally:
        memory.store.clear()
        memory.pseudo_dirs[:] = [""]
