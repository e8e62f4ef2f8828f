"""How much a property test tries: what the suite has time for, or ten times that each night."""

from __future__ import annotations

import os

__all__ = ["PROFILE", "examples"]

PROFILE = os.environ.get("HYPOTHESIS_PROFILE", "suite")
_NIGHTLY = 10


def examples(count: int) -> int:
    """Return how many examples to try where the suite has time for `count`."""
    return count * _NIGHTLY if PROFILE == "nightly" else count
