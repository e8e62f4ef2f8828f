"""A signal ends a command with its sentence and its JSON, at whatever Python is when it arrives."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

import pytest
from commands.process import environment

_PROGRAM = """
import signal, sys, threading
from importer.cli import main
import importer.cli.commands.schema as schema

class Gone:
    def __del__(self):
        signal.raise_signal({number})

def callback(**_):
    gone = Gone()
    del gone
    threading.Event().wait(20)

schema.schema.callback = callback
sys.argv = ["vorel-import", "schema", "contact", "--json"]
main()
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows sends no signals to a process")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_in_a_destructor_ends_the_command_as_any_other(number: signal.Signals) -> None:
    program = _PROGRAM.format(number=int(number))
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 128 + number, done.stderr
    assert json.loads(done.stdout)["exit_code"] == 128 + number
    assert "Exception" not in done.stderr
    assert "nothing was sent" in done.stderr
