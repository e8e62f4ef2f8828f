"""Runs the real command inside this process: Python and the libraries are loaded once for all."""

from __future__ import annotations

import codecs
import io
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from pathlib import Path
from threading import Thread
from unittest import mock

from commands.printed import check_printed
from importer.cli import ending, main

__all__ = ["on_a_terminal", "vorel_import"]


def vorel_import(
    *arguments: str | Path,
    cwd: Path,
    env: Mapping[str, str] | None = None,
    stdin: str | None = None,
) -> subprocess.CompletedProcess[str]:
    """
    Run the command as `commands.process.vorel_import` does, and return the same.

    It takes a tenth of the time, and holds what `--json` prints against its schema. What is about
    the process itself (its end, signals, closed streams) needs one of its own.
    """
    words = ["vorel-import", *map(str, arguments)]
    out, err = _stream(), _stream()
    code = _run(words, cwd, env or {}, _stream(stdin or ""), out, err)
    printed = _text_of(out)
    check_printed(words[1:], printed)
    return subprocess.CompletedProcess(words, code, printed, _text_of(err))


def on_a_terminal(
    *arguments: str, cwd: Path, env: Mapping[str, str], answer: Callable[[str], str | None]
) -> str:
    """
    Run the command on a terminal, and return what it shows.

    `answer` gets what is shown so far, and returns a line to type, or None to wait.
    """
    import pty  # there is none on Windows

    ours, theirs = pty.openpty()
    shown: list[str] = []
    person = Thread(target=_sit, args=(ours, shown, answer))
    person.start()
    with (
        open(theirs, encoding="utf-8", closefd=False) as typed,
        open(theirs, "w", encoding="utf-8", closefd=False, buffering=1) as out,
    ):
        _run(["vorel-import", *arguments], cwd, env, typed, out, out)
    os.close(theirs)
    person.join()
    os.close(ours)
    return "".join(shown).replace("\r\n", "\n")


def _sit(terminal: int, shown: list[str], answer: Callable[[str], str | None]) -> None:
    """Read what a terminal shows until its other end is closed, and type answers."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    with suppress(OSError):  # how Linux says that the other end is closed
        while piece := os.read(terminal, 1 << 16):
            shown.append(decoder.decode(piece))
            if (line := answer("".join(shown))) is not None:
                os.write(terminal, f"{line}\n".encode())


def _run(
    words: list[str],
    folder: Path,
    variables: Mapping[str, str],
    stdin: io.TextIOBase,
    out: io.TextIOBase,
    err: io.TextIOBase,
) -> int:
    codes: list[int] = []
    with (
        _place(words, folder, variables, stdin),
        redirect_stdout(out),
        redirect_stderr(err),
        # Ending the process would end the test's, and is all that is left to do by then.
        mock.patch.object(ending, "end", codes.append),
    ):
        main()
    return codes[0]


@contextmanager
def _place(
    words: list[str], folder: Path, variables: Mapping[str, str], stdin: io.TextIOBase
) -> Iterator[None]:
    """Give the command what a process has: arguments, folder, environment and input."""
    came_from = Path.cwd()
    os.chdir(folder)
    try:
        with (
            mock.patch.object(sys, "argv", words),
            mock.patch.object(sys, "stdin", stdin),
            _variables(variables),
        ):
            yield
    finally:
        os.chdir(came_from)


@contextmanager
def _variables(more: Mapping[str, str]) -> Iterator[None]:
    """Let the environment be as `environment` makes it; what does not change is not touched."""
    names = {*more, "PYTHONUNBUFFERED", *(one for one in os.environ if one.startswith("VOREL_"))}
    before = {name: os.environ.get(name) for name in names}
    _set({**dict.fromkeys(names), "PYTHONUNBUFFERED": "1", **more})
    try:
        yield
    finally:
        _set(before)


def _set(variables: Mapping[str, str | None]) -> None:
    for name, value in variables.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


def _stream(text: str = "") -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(text.encode()), encoding="utf-8", write_through=True)


def _text_of(stream: io.TextIOWrapper) -> str:
    stream.seek(0)
    return stream.read()
