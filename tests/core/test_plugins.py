"""Packages that add a source or a notifier: installed for real, and used by address."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from commands.process import vorel_import

from importer.sandbox import Sandbox

pytestmark = pytest.mark.slow

EXAMPLE = Path(__file__).parents[2] / "examples" / "sqlite_query"
ADDRESS = "sqlite-query://{}?SELECT name AS Name, email AS Email FROM patients"
RUN = ("--object", "contact", "--results", "people.results.jsonl")
Install = Callable[..., None]


@pytest.fixture
def env(tmp_path: Path, sandbox: Sandbox) -> dict[str, str]:
    path = f"{tmp_path / 'site'}:{Path(__file__).parents[2]}"
    return {
        "VOREL_API_KEY": sandbox.api_key,
        "VOREL_BASE_URL": sandbox.url,
        "PYTHONPATH": path.replace(":", ";" if sys.platform == "win32" else ":"),
    }


@pytest.fixture
def install(tmp_path: Path) -> Install:
    """Install a package of one module, as an installer leaves it."""

    def write(package: str, code: str, **entry_points: str) -> None:
        site = tmp_path / "site"
        module = package.replace("-", "_")
        folder = site / f"{module}-1.0.dist-info"
        folder.mkdir(parents=True)
        (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
        lines = [f"[importer.{group}]\n{point}\n" for group, point in entry_points.items()]
        (folder / "entry_points.txt").write_text("".join(lines))
        (site / f"{module}.py").write_text(code)

    return write


@pytest.fixture
def example(tmp_path: Path) -> None:
    """Build the wheel of the example, and unpack it where Python looks for packages."""
    source = shutil.copytree(EXAMPLE, tmp_path / "source")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=source, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("vorel_sqlite_query-*.whl")
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(tmp_path / "site")


@pytest.fixture
def clinic(tmp_path: Path) -> Path:
    path = tmp_path / "clinic.db"
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("CREATE TABLE patients (name TEXT, email TEXT, photo BLOB)")
        people = [("Omar", "omar@example.com", b"\0"), ("Lina", None, None)]
        database.executemany("INSERT INTO patients VALUES (?, ?, ?)", people)
    return path


@pytest.mark.usefixtures("example")
def test_a_query_is_a_list_to_every_command(
    clinic: Path, env: dict[str, str], sandbox: Sandbox, tmp_path: Path
) -> None:
    address = ADDRESS.format(clinic)

    mapped = vorel_import("map", address, "--object", "contact", cwd=tmp_path, env=env)
    checked = vorel_import("check", address, *RUN, cwd=tmp_path, env=env)
    first, again = (vorel_import("run", address, *RUN, cwd=tmp_path, env=env) for _ in range(2))

    assert (mapped.returncode, checked.returncode) == (0, 0), mapped.stderr + checked.stderr
    assert "2 rows" in checked.stdout
    assert (first.returncode, again.returncode) == (0, 0), first.stderr + again.stderr
    assert [one["fields"] for one in sandbox.records()] == [
        {"name": "Omar", "email": "omar@example.com"},
        {"name": "Lina"},
    ]
    assert sandbox.requests == 2
    told = first.stderr + (tmp_path / "people.results.jsonl").read_text()
    assert "SELECT" not in told, "a query may hold a secret"


@pytest.mark.usefixtures("example")
@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("?SELECT * FROM nobody", "no such table: nobody"),
        ("", "the address has no query"),
        ("?SELECT name, photo FROM patients", "row 1, photo: a bytes is no value that can be sent"),
    ],
)
def test_errors_name_the_plugin(
    query: str, said: str, clinic: Path, env: dict[str, str], sandbox: Sandbox, tmp_path: Path
) -> None:
    ended = vorel_import("run", f"sqlite-query://{clinic}{query}", *RUN, cwd=tmp_path, env=env)

    assert ended.returncode == 2
    assert "the plugin sqlite-query of vorel-sqlite-query: " in ended.stderr
    assert said in ended.stderr
    assert sandbox.requests == 0


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("import nothing_here\n", "the plugin crm of my-lists cannot be loaded (ModuleNotFound"),
        ("rows = 7\n", "the plugin crm of my-lists is no function (my_lists:rows is a int)"),
        ("rows = lambda _: None\n", "plugin crm of my-lists: a NoneType is given in place of rows"),
        ("rows = lambda at: [][7]\n", "crm://host/x: the plugin crm of my-lists has failed (Index"),
        ("rows = lambda at: ['Omar']\n", "plugin crm of my-lists: row 1 is a str and no mapping"),
    ],
)
def test_a_source_that_is_broken_is_named(
    code: str, said: str, install: Install, env: dict[str, str], tmp_path: Path
) -> None:
    install("my-lists", code, sources="crm = my_lists:rows")

    ended = vorel_import("run", "crm://ann:secret@host/x", *RUN, cwd=tmp_path, env=env)

    assert ended.returncode == 2
    assert said in ended.stderr
    assert "secret" not in ended.stderr


def test_two_plugins_for_one_kind_of_address_are_refused(
    install: Install, env: dict[str, str], tmp_path: Path
) -> None:
    install("my-lists", "", sources="crm = my_lists:rows")
    install("your-lists", "", sources="crm = your_lists:rows")

    ended = vorel_import("run", "crm://host/x", *RUN, cwd=tmp_path, env=env)

    assert ended.returncode == 2
    assert "crm://: my-lists and your-lists each have a plugin for such addresses" in ended.stderr


NOTIFIER = """\
from pathlib import Path

def notify(address, text, *, job, exit_code):
    Path("told.txt").write_text(f"{address} {job} {exit_code} {text}")
"""


def test_a_notifier_gets_the_message(install: Install, env: dict[str, str], tmp_path: Path) -> None:
    install("my-pager", NOTIFIER, notifiers="pager = my_pager:notify")
    (tmp_path / "people.csv").write_text("name,email\nOmar,nobody\nLina,lina@example.com\n")

    ended = vorel_import(
        *("run", "people.csv", *RUN, "--notify", "pager://night-shift"), cwd=tmp_path, env=env
    )

    assert ended.returncode == 1
    told = (tmp_path / "told.txt").read_text()
    assert told.startswith("pager://night-shift people 1 people: rows need a look (exit code 1)")
    assert "night-shift" not in (tmp_path / "people.results.jsonl").read_text()


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("def notify(address, text, **more): raise OSError(address)", "has failed (OSError)"),
        ("", "cannot be loaded (AttributeError: module 'my_pager' has no attribute 'notify')"),
    ],
)
def test_a_notifier_that_fails_is_named_and_changes_no_exit_code(
    code: str, said: str, install: Install, env: dict[str, str], tmp_path: Path
) -> None:
    install("my-pager", code, notifiers="pager = my_pager:notify")
    (tmp_path / "people.csv").write_text("name,email\nOmar,nobody\nLina,lina@example.com\n")

    ended = vorel_import(
        *("run", "people.csv", *RUN, "--notify", "pager://night-shift"), cwd=tmp_path, env=env
    )

    assert ended.returncode == 1
    assert f"note: --notify: the plugin pager of my-pager {said}" in ended.stderr
    assert "night-shift" not in ended.stderr


def test_a_notifier_that_is_not_installed_is_refused(env: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text("name,email\nOmar,omar@example.com\n")

    ended = vorel_import(
        *("run", "people.csv", *RUN, "--notify", "pager://night-shift"), cwd=tmp_path, env=env
    )

    assert ended.returncode == 2
    assert "it is not an address such as https://hooks.example.com/" in ended.stderr
