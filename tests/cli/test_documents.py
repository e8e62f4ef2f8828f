"""What README and docs say of commands, flags and the library is true."""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import click
import pytest
from commands.help_pages import PAGE, render
from commands.process import environment, vorel_import

import importer
from importer.cli import cli
from importer.core import errors
from importer.sandbox import Sandbox

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def test_the_commands_page_is_the_commands_own_help() -> None:
    """`make help-pages` writes it again."""
    assert PAGE.read_text(encoding="utf-8") == render()


def command_of(words: list[str]) -> tuple[click.Command, list[str]]:
    """Return the command that words of a command line begin with, and the other words."""
    found: click.Command = cli
    while isinstance(found, click.Group) and words and re.fullmatch(r"[a-z]+", words[0]):
        inner = found.get_command(click.Context(found), words[0])
        assert inner is not None, words
        found, words = inner, words[1:]
    return found, words


def test_every_command_and_flag_that_a_document_names_exists() -> None:
    text = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
    for line in re.findall(r"vorel-import ([a-z][^`\n|&;#]*)", text):
        command, rest = command_of(line.split())
        flags = {flag for parameter in command.params for flag in parameter.opts}
        flags |= {flag for parameter in command.params for flag in parameter.secondary_opts}
        assert {word for word in rest if word.startswith("--")} <= flags | {"--help"}, line
    assert set(re.findall(r"`(?:(?:run|check|map) )?(--[a-z-]+)", text)) <= everywhere(cli)


def everywhere(command: click.Command) -> set[str]:
    """Return all flags of a command and of those inside it."""
    flags = {one for part in command.params for one in (*part.opts, *part.secondary_opts)}
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            assert inner is not None
            flags |= everywhere(inner)
    return flags | {"--help"}


def test_every_file_the_readme_links_to_exists() -> None:
    links = re.findall(r"\]\((?!http)([^)#]+)", README)

    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_the_mapping_and_the_program_about_the_library_work(
    tmp_path: Path, sandbox: Sandbox
) -> None:
    page = (ROOT / "docs" / "library.md").read_text(encoding="utf-8")
    mapping = re.search(r"```toml\n(.*?)```", page, re.DOTALL)
    example = re.search(r"```python\n(.*?)```", page, re.DOTALL)
    assert mapping
    assert example
    (tmp_path / "mapping.toml").write_text(mapping[1], encoding="utf-8")
    (tmp_path / "contacts.csv").write_text(
        "First Name,Last Name,E-mail Address,E-mail 2 Address,Mobile Phone\n"
        "Huda,Karam,,huda@example.com,050-555 0100\n",
        encoding="utf-8",
    )
    program = example[1].replace("http://localhost:3000", sandbox.url)
    program = program.replace("vapk_test_...", sandbox.api_key)

    ended = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.stderr == ""
    (record,) = sandbox.records()
    assert ended.stdout.splitlines()[0] == f"1 created {record['external_id']}"
    assert record["fields"]["email"] == "huda@example.com"
    assert record["fields"]["source"] == "outlook-2019"


def test_the_program_with_rows_of_a_database_works(tmp_path: Path, sandbox: Sandbox) -> None:
    page = (ROOT / "docs" / "library.md").read_text(encoding="utf-8")
    example = re.findall(r"```python\n(.*?)```", page, re.DOTALL)[1]
    with closing(sqlite3.connect(tmp_path / "clinic.db")) as database:
        database.execute("CREATE TABLE patients (name, email)")
        database.execute("INSERT INTO patients VALUES ('Omar', 'omar@example.com')")
        database.commit()
    program = example.replace("http://localhost:3000", sandbox.url)
    program = program.replace("vapk_test_...", sandbox.api_key)

    for created in (1, 0):
        ended = subprocess.run(
            [sys.executable, "-c", program],
            cwd=tmp_path, env=environment(), capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert (ended.stderr, ended.stdout) == ("", f"0 {created}\n")
    (record,) = sandbox.records()
    assert record["fields"] == {"name": "Omar", "email": "omar@example.com"}


def test_the_program_with_a_folder_of_jobs_works(tmp_path: Path, sandbox: Sandbox) -> None:
    page = (ROOT / "docs" / "library.md").read_text(encoding="utf-8")
    example = re.findall(r"```python\n(.*?)```", page, re.DOTALL)[2]
    (tmp_path / "jobs").mkdir()
    job = 'object = "contact"\n[fields]\nname = "Name"\n[job]\nsources = "people.csv"\n'
    (tmp_path / "jobs" / "clinic.toml").write_text(job, encoding="utf-8")
    (tmp_path / "jobs" / "people.csv").write_text("Name\nOmar\n", encoding="utf-8")
    (tmp_path / "jobs" / "salon.toml").write_text("[job]\n", encoding="utf-8")

    ended = subprocess.run(
        [sys.executable, "-c", example],
        cwd=tmp_path,
        env=environment(VOREL_BASE_URL=sandbox.url, VOREL_API_KEY=sandbox.api_key),
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert ended.stderr == ""
    broken, clinic, *ends = ended.stdout.splitlines()
    assert broken.startswith(f"{Path('jobs', 'salon.toml')} ")
    assert clinic == "clinic ('people.csv',) {}"
    assert ends[0].startswith("clinic 0 1 person is in the CRM: with a name, ")
    assert ends[1].startswith("salon 2 ")
    (record,) = sandbox.records()
    assert record["fields"] == {"name": "Omar"}


def test_the_reference_has_every_exit_code_and_every_variable() -> None:
    page = (ROOT / "docs" / "reference.md").read_text(encoding="utf-8")
    documented = {int(code) for row in re.findall(r"^\| ([\d, ]+) \|", page, re.MULTILINE)
                  for code in row.split(",")}  # fmt: skip
    code = "".join(path.read_text("utf-8") for path in (ROOT / "importer").rglob("*.py"))

    assert documented == {*range(9), 130, 143}
    assert {error.exit_code for error in errors_of_the_importer()} <= documented
    variables = {*re.findall(r"\bVOREL_[A-Z_]+\b", code)}
    assert variables == {*re.findall(r"`(VOREL_[A-Z_]+)`", page)}


def errors_of_the_importer() -> list[type[errors.ImporterError]]:
    defined = (item for item in vars(errors).values() if isinstance(item, type))
    return [item for item in defined if item.__module__ == errors.__name__]


def test_the_errors_module_draws_the_tree_of_every_error() -> None:
    classes = errors_of_the_importer()

    assert all(issubclass(item, errors.ImporterError) for item in classes)
    tree = errors.__doc__ or ""
    assert all(item.__name__ in tree for item in classes)
    assert all(item.__doc__ for item in classes)


def test_help_needs_none_of_the_heavy_libraries(tmp_path: Path) -> None:
    program = (
        "import sys\n"
        "from importer.cli import cli\n"
        "cli.main(['--help'], standalone_mode=False)\n"
        "heavy = {'polars', 'httpx', 'pydantic', 'anyio', 'tqdm', 'starlette', 'uvicorn'}\n"
        "heavy |= {'stdnum', 'importer.mapper.headers.words', 'psycopg', 'importer.fleet'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )

    ended = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True
    )

    assert ended.stdout.splitlines()[-1] == "[]"


def test_the_version_is_told(tmp_path: Path) -> None:
    assert importer.__version__ in vorel_import("--version", cwd=tmp_path).stdout
