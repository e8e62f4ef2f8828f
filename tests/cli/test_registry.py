"""The commands: each is one module, is documented, and is called by a test."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest
from commands.help_pages import PAGE

import importer.cli
from importer.cli import cli

CONTEXT = click.Context(cli)
COMMANDS = cli.list_commands(CONTEXT)
MODULES = Path(importer.cli.__file__).parent / "commands"
TESTS = Path(__file__).parents[1]


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_is_in_the_module_of_its_name(name: str) -> None:
    command = cli.get_command(CONTEXT, name)
    assert command is not None
    assert command.name == name
    assert command.help


def test_each_module_with_a_command_is_listed() -> None:
    decorated = re.compile(
        r"^@click\.(?:command|group)(?:\(.*?\))?\n(?:[@ )].*\n)*def (\w+)\(", re.MULTILINE
    )
    found = [
        name
        for path in MODULES.glob("*.py")
        for name in decorated.findall(path.read_text(encoding="utf-8"))
    ]
    assert sorted(found) == sorted(COMMANDS)


def test_the_page_of_commands_has_each_one() -> None:
    headings = re.findall(r"^## (\w+)$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert headings == list(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_is_called_by_a_test(name: str) -> None:
    calls = re.compile(rf'"{name}"|import (?:main|{name})\b')
    tests = [path for path in TESTS.rglob("test_*.py") if path != Path(__file__)]
    assert any(calls.search(path.read_text(encoding="utf-8")) for path in tests)
