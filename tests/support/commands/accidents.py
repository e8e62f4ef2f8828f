"""
Plays each accident of a nightly import in one night of its own, and prints what somebody was told.

`make accidents` runs it. For each accident: the exit code, the requests, the wrong records, and the
message of that night, as somebody on call would get it.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from nights import ACCIDENTS, Seen, played

from importer.cli.terminal_text import say


def main() -> int:
    """Play the accidents, and return 1 if anything was not as it must be."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rows", type=int, default=1000)
    options.add_argument("--only", choices=ACCIDENTS, action="append", help="this one, not all")
    given = options.parse_args()
    names = given.only or [*ACCIDENTS]
    failed = wrong = 0
    for name in names:
        with tempfile.TemporaryDirectory() as folder:
            seen = played(Path(folder) / "clinic", name, rows=given.rows)
        found = [*seen.failures]
        failed += bool(found)
        wrong += seen.wrong
        say(_shown(seen))
        for one in found:
            say(f"    FAILED: {one}")
    say(f"{len(names)} accidents, {wrong} wrong records, {failed} not as they must be")
    return 1 if failed else 0


def _shown(seen: Seen) -> str:
    what = "told" if seen.is_news else "printed, no message" if seen.told else "silent"
    head = (
        f"{seen.name}: exit code {seen.exit_code}, {seen.requests} requests, {seen.wrong} wrong "
        f"records, then {seen.after}; {what}"
    )
    return "\n".join([head, *(f"    {line}" for line in seen.told.splitlines())])


if __name__ == "__main__":
    sys.exit(main())
