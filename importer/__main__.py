"""Starts the command line: `vorel-import`, or `python -m importer`."""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType

__all__ = ["main"]


def main() -> None:
    """
    Run the command line and end the process with one of the documented exit codes.

    Signal handlers are installed before anything else is imported: the imports take half a
    second, and a signal during that time would end in a traceback.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _end_at_once)
    from importer.cli import main as run_command

    run_command()


def _end_at_once(number: int, frame: FrameType | None) -> None:
    """End the process at once: no work has started yet."""
    del frame
    if "--json" in sys.argv:
        text = f'{{"exit_code": {128 + number}, "stopped": "stopped before anything was sent"}}\n'
        os.write(1, text.encode())
    os._exit(128 + number)


if __name__ == "__main__":
    main()
