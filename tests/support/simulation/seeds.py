"""Simulates one seed after another, and returns failures as values."""

from __future__ import annotations

from simulation.report import Failure, Report
from simulation.world import simulate

__all__ = ["try_seed"]


def try_seed(seed: int) -> Report | Failure:
    """Return what the imports of a seed came to, or the `Failure` that says which promise broke."""
    try:
        return simulate(seed)
    except Failure as failure:
        return failure
