"""Each command has a manual page: what its help says, and nothing that a formatter warns of."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from commands import man_pages
from commands.man_pages import FOLDER

from importer.cli import cli

PAGES = sorted(FOLDER.glob("*"))
FORMATTERS = {
    "groff": ("-man", "-Kutf8", "-Tutf8", "-ww"),
    "mandoc": ("-T", "lint", "-W", "error"),
}


def commands() -> Iterator[str]:
    context = click.Context(cli)
    yield "vorel-import"
    for name in cli.list_commands(context):
        yield f"vorel-import-{name}"
        command = cli.get_command(context, name)
        below = command.commands if isinstance(command, click.Group) else ()
        yield from (f"vorel-import-{name}-{one}" for one in below)


def test_each_command_has_a_page() -> None:
    assert {path.name for path in PAGES} == {f"{name}.1" for name in commands()}


def test_the_pages_are_what_the_commands_say_of_themselves(tmp_path: Path) -> None:
    """`make help-pages` writes them again."""
    command = [sys.executable, "-m", "commands.man_pages", str(tmp_path)]
    subprocess.run(command, cwd=Path(str(man_pages.__file__)).parents[1], check=True)

    assert {path.name: path.read_text("utf-8") for path in PAGES} == {
        path.name: path.read_text("utf-8") for path in tmp_path.iterdir()
    }


@pytest.mark.parametrize("formatter", FORMATTERS)
def test_they_are_formatted_without_a_warning(formatter: str) -> None:
    if shutil.which(formatter) is None:
        pytest.skip(f"{formatter} is not installed")
    for path in PAGES:
        shown = subprocess.run(
            [formatter, *FORMATTERS[formatter], str(path)], capture_output=True, check=False
        )
        assert (path.name, shown.returncode, shown.stderr) == (path.name, 0, b"")
        if formatter == "groff":
            assert b"EXAMPLES" in shown.stdout


def test_a_page_has_what_the_help_has() -> None:
    page = (FOLDER / "vorel-import-run.1").read_text("utf-8")

    for words in ("SOURCE is a file", "\\-\\-on\\-duplicate [skip|send]", "\\-\\-max\\-ratio",
                  "vorel\\-import run people.xlsx \\-\\-mapping mapping.toml\n"):  # fmt: skip
        assert words in page


def test_they_are_installed_where_man_looks() -> None:
    project = tomllib.loads((FOLDER.parent / "pyproject.toml").read_text("utf-8"))
    build = project["tool"]["hatch"]["build"]["targets"]

    assert build["wheel"]["shared-data"] == {FOLDER.name: "share/man/man1"}
    assert FOLDER.name in build["sdist"]["include"]
