"""Runs every benchmark: `python -m benchmarks`."""

from __future__ import annotations

import importlib
import sys

NAMES = (
    *("reading", "checking", "mapping", "heuristics", "odd_headers"),
    *("resuming", "growth", "sending"),
)


def main() -> None:
    """Run all of them, one after the other, with their defaults."""
    arguments, sys.argv = sys.argv[1:], sys.argv[:1]
    for name in arguments or NAMES:
        print(f"== {name}")
        importlib.import_module(f"benchmarks.{name}").main()


if __name__ == "__main__":
    main()
