"""Starts the command line: `vorel-import`, or `python -m importer`."""

from __future__ import annotations

import gc
import os
import signal
import sys
from types import FrameType
from typing import Never

_OBJECTS = 200_000
"""
The garbage collector looks for cycles after so many new objects. With its default of 700 it takes
a tenth of the time in which a small list is imported again.
"""


def main() -> None:
    """
    Run the command line and end the process with one of the documented exit codes.

    Signal handlers are installed before anything else is imported: the imports take half a
    second, and a signal during that time would end in a traceback.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _no_work_yet)
    gc.set_threshold(_OBJECTS)
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # it looks into every package
    from importer.cli import main as run_command

    run_command()


def _no_work_yet(number: int, frame: FrameType | None) -> None:
    del frame
    end_at_once(number, prints="--json" in sys.argv)


def end_at_once(number: int, *, prints: bool) -> Never:
    """End the process with the exit code of a signal; first print an object for `--json`."""
    if prints:
        why = '"stopped": "stopped before anything was sent", "hint": null'
        os.write(1, f'{{"exit_code": {128 + number}, {why}}}\n'.encode())
    os._exit(128 + number)


if __name__ == "__main__":
    main()
