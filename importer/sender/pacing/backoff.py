"""How long to wait before a request is tried again."""

from __future__ import annotations

_WAIT_INITIAL = 1.0
_WAIT_MAX = 30.0


def backoff(attempt: int, chance: float) -> float:
    """
    Return the seconds to wait after failed attempt `attempt` (from 1).

    Equal jitter: half of min(30, 2^(attempt-1)) s is fixed, half drawn by `chance` in [0, 1).
    With full jitter a third of the rows were lost against a per-minute window, in simulation.
    """
    whole = min(_WAIT_MAX, _WAIT_INITIAL * 2.0 ** min(attempt - 1, 16))
    return whole / 2 + whole / 2 * chance
