"""TAB completes commands, flags and files in the shells that people use."""

from __future__ import annotations

import os
import pty
import select
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from commands.process import environment


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a list, and the command on the PATH as an installation puts it there."""
    programs = tmp_path / "bin"
    programs.mkdir()
    command = programs / "vorel-import"
    program = "from importer.__main__ import main\nmain()\n"
    command.write_text(f"#!{sys.executable}\n{program}", encoding="utf-8")
    command.chmod(0o755)
    (tmp_path / "people.csv").write_text("Name\nOmar\n", encoding="utf-8")
    return tmp_path


def of_shell(folder: Path, *words: str) -> str:
    """Return what a shell prints that has the command on its PATH."""
    if shutil.which(words[0]) is None:
        pytest.skip(f"{words[0]} is not installed")
    ended = subprocess.run(
        words,
        cwd=folder,
        env=with_command(folder),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    return ended.stdout


def with_command(folder: Path) -> dict[str, str]:
    path = f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}"
    return environment(PATH=path, HOME=str(folder), TERM="dumb")


# `compopt` works on TAB only: it says that bash is to complete the names of files.
BASH = """
compopt() { echo "$@"; }
eval "$(vorel-import completion bash)"
COMP_WORDS=(%s); COMP_CWORD=%d
_vorel_import_completion vorel-import
printf '%%s\\n' "${COMPREPLY[@]}"
"""
FISH = "vorel-import completion fish | source; complete -C '%s'"
CASES = pytest.mark.parametrize(
    ("typed", "offered", "not_offered"),
    [
        ("vorel-import re", "reconcile", "run"),
        ("vorel-import run --on-", "--on-duplicate", "--namespace"),
        ("vorel-import run --pace ", "spread", "people.csv"),
        ("vorel-import fleet st", "status", "run"),
    ],
)


@CASES
def test_bash(folder: Path, typed: str, offered: str, not_offered: str) -> None:
    words = typed.split(" ")
    quoted = " ".join(f"'{word}'" for word in words)
    printed = of_shell(folder, "bash", "-c", BASH % (quoted, len(words) - 1)).split()

    assert offered in printed
    assert not_offered not in printed


@CASES
def test_fish(folder: Path, typed: str, offered: str, not_offered: str) -> None:
    printed = of_shell(folder, "fish", "-N", "-c", FISH % typed).split()

    assert offered in printed
    assert not_offered not in printed


@CASES
def test_zsh_on_a_terminal(folder: Path, typed: str, offered: str, not_offered: str) -> None:
    del not_offered  # the terminal has all that was typed, too
    if shutil.which("zsh") is None:
        pytest.skip("zsh is not installed")
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        ["zsh", "-f", "-i"],  # noqa: S607 - the one that people have
        cwd=folder,
        env=with_command(folder),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    try:
        setup = f"autoload -Uz compinit; compinit -u -d {folder}/dump; "
        os.write(ours, f'{setup}eval "$(vorel-import completion zsh)"; echo is"-"ready\n'.encode())
        read_until(ours, "is-ready")
        os.write(ours, f"{typed}\t\t".encode())
        read_until(ours, offered)
    finally:
        process.kill()
        process.wait()
        os.close(ours)
        os.close(theirs)


def read_until(terminal: int, expected: str) -> None:
    """Read what a terminal shows until a text is in it."""
    shown = ""
    while expected not in shown:
        ready, _, _ = select.select([terminal], [], [], 30)
        assert ready, f"{expected!r} is not shown: {shown!r}"
        shown += os.read(terminal, 4096).decode(errors="replace")


def test_files_are_offered_for_lists(folder: Path) -> None:
    of_fish = of_shell(folder, "fish", "-N", "-c", FISH % "vorel-import check peo")
    of_bash = of_shell(folder, "bash", "-c", BASH % ("vorel-import check peo", 2))

    assert "people.csv" in of_fish.split()
    assert "-o default" in of_bash
