"""Runs the real command inside this process: Python and the libraries are loaded once for all."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from unittest import mock

from commands.process import environment
from importer.cli import ending, main

__all__ = ["vorel_import"]


def vorel_import(
    *arguments: str | Path,
    cwd: Path,
    env: Mapping[str, str] | None = None,
    stdin: str | None = None,
) -> subprocess.CompletedProcess[str]:
    """
    Run the command as `commands.process.vorel_import` does, and return the same.

    It takes a tenth of the time. What is about the process itself (its end, signals, a terminal,
    closed streams) needs one of its own.
    """
    words = ["vorel-import", *map(str, arguments)]
    codes: list[int] = []
    out, err = _stream(), _stream()
    with (
        _terminal(words, cwd, environment(**(env or {})), _stream(stdin or "")),
        redirect_stdout(out),
        redirect_stderr(err),
        # Ending the process would end the test's, and is all that is left to do by then.
        mock.patch.object(ending, "end", codes.append),
    ):
        main()
    return subprocess.CompletedProcess(words, codes[0], _text_of(out), _text_of(err))


@contextmanager
def _terminal(
    words: list[str], folder: Path, variables: Mapping[str, str], stdin: io.TextIOWrapper
) -> Iterator[None]:
    """Give the command what a process has: arguments, folder, environment and input."""
    came_from = Path.cwd()
    os.chdir(folder)
    try:
        with (
            mock.patch.object(sys, "argv", words),
            mock.patch.object(sys, "stdin", stdin),
            mock.patch.dict(os.environ, variables, clear=True),
        ):
            yield
    finally:
        os.chdir(came_from)


def _stream(text: str = "") -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(text.encode()), encoding="utf-8", write_through=True)


def _text_of(stream: io.TextIOWrapper) -> str:
    stream.seek(0)
    return stream.read()
