"""What a person sees of a list that is spoiled in many ways, on a terminal of 80 by 50."""

from __future__ import annotations

import os
import pty
import struct
import subprocess
import sys
import termios
from fcntl import ioctl
from pathlib import Path

from commands.process import environment

from benchmarks.checking import MAPPING, write_spoiled_list

# One of each kind that `write_spoiled_list` makes, as it is shown.
SAID = [
    "email: 'not known'",
    "after the @-sign contains invalid characters",
    "holds more than one address",
    "is not a valid number for AE",
    "is not a phone number: it has letters",
    "was rounded by a spreadsheet",
    "holds more than one number",
    "has an extension",
    "'Untied Arab Emirates'",
    "created_at:",
    "is not among the mapping's values",
    "cells expected, as in the header, and",
]


def on_a_terminal(arguments: list[str], *, columns: int, rows: int) -> list[str]:
    """Run the command as in a terminal. Returns the lines it prints."""
    ours, theirs = pty.openpty()
    ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    with subprocess.Popen(
        [sys.executable, "-m", "importer", *arguments],
        stdout=theirs,
        stdin=subprocess.DEVNULL,
        env=environment(COLUMNS=""),
    ):
        os.close(theirs)
        shown = b""
        while chunk := _read(ours):
            shown += chunk
    os.close(ours)
    return shown.decode().splitlines()


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 1 << 16)
    except OSError:  # how Linux says that the other end is closed
        return b""


def test_every_problem_and_what_to_do_about_it_are_on_one_screen(tmp_path: Path) -> None:
    write_spoiled_list(tmp_path / "list.csv", 3000, share=0.05)
    (tmp_path / "list.toml").write_text(MAPPING, encoding="utf-8")
    files = [str(tmp_path / "list.csv"), "--mapping", str(tmp_path / "list.toml")]

    lines = on_a_terminal(["check", *files], columns=80, rows=50)

    problems = lines[lines.index("Problems") + 1 :]
    assert " ".join(problems[problems.index("") + 1 :]).startswith("2,"), "the verdict comes last"
    text = " ".join(" ".join(problems).split())
    assert len(problems) <= 48  # with the heading and the prompt, a screen of 50 rows
    assert max(map(len, problems)) <= 80
    assert [said for said in SAID if said not in text] == []
    assert text.count(" → ") == len(SAID)
