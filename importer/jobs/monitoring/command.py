"""Hands a message to a command."""

from __future__ import annotations

import os
import shlex
import subprocess

from importer.core import systems

__all__ = ["run_command"]

_GRACE = 1.0


def run_command(line: str, text: str, *, exit_code: int, job: str, seconds: float) -> str | None:
    """
    Run a command line without a shell, with a text on its standard input.

    What it prints is dropped, and it does not get the API key. After `seconds` it is killed, with
    all that it has started. Returns None if it ended with 0, and otherwise what went wrong.
    """
    variables = {name: value for name, value in os.environ.items() if name != "VOREL_API_KEY"}
    variables |= {"VOREL_EXIT_CODE": str(exit_code), "VOREL_JOB": job}
    try:
        process = subprocess.Popen(  # noqa: S603 - the command is the user's own
            shlex.split(line),
            env=variables,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else type(error).__name__
        return f"the command cannot be started ({reason})"
    try:
        process.communicate(f"{text}\n".encode("utf-8", "backslashreplace"), timeout=seconds)
    except subprocess.TimeoutExpired:
        systems.current.end_process(process)
        if process.stdin is not None:
            process.stdin.close()
        process.wait(_GRACE)
        return f"the command did not end within {seconds:g} s"
    if process.returncode:
        return f"the command ended with exit code {process.returncode}"
    return None
