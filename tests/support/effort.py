"""How much is tried: what the suite has time for, and more each night."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")

__all__ = ["NIGHTLY", "PROFILE", "examples", "some"]

PROFILE = os.environ.get("HYPOTHESIS_PROFILE", "suite")
NIGHTLY = PROFILE == "nightly"
_TIMES = 10
_PART = 4
_FEW = 10


def examples(count: int) -> int:
    """Return how many examples to try: ten times `count` each night, else a few of these."""
    return count * _TIMES if NIGHTLY else max(count // _PART, min(count, _FEW))


def some(cases: Sequence[T], count: int) -> Sequence[T]:
    """Return the first `count` cases, or all of them each night."""
    return cases if NIGHTLY else cases[:count]
