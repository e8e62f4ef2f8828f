"""How much is tried: what the suite has time for, and more each night."""

from __future__ import annotations

import os

__all__ = ["NIGHTLY", "PROFILE", "examples"]

PROFILE = os.environ.get("HYPOTHESIS_PROFILE", "suite")
NIGHTLY = PROFILE == "nightly"
_TIMES = 10


def examples(count: int) -> int:
    """Return how many examples to try: `count`, and ten times that each night."""
    return count * _TIMES if NIGHTLY else count
