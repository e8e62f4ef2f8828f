"""Limits the requests of each minute, in fixed or sliding windows."""

from __future__ import annotations

import math
from collections import Counter, deque
from datetime import datetime, timedelta
from email.utils import format_datetime

from simulation.plan import Plan

__all__ = ["Quota"]


class Quota:
    """The service's limit. Times are virtual seconds since `began`."""

    def __init__(self, plan: Plan, began: datetime) -> None:
        self._plan = plan
        self._began = began
        self._windows: Counter[int] = Counter()
        self._recent: deque[float] = deque()

    def take(self, now: float) -> dict[str, str] | None:
        """Count a request. Returns a refusal's headers where the minute's requests are used."""
        plan = self._plan
        if plan.window == "fixed":
            window, elapsed = divmod(now + plan.phase, 60)
            self._windows[int(window)] += 1
            used = self._windows[int(window)] + int(plan.others * elapsed / 60)
            left = 60 - elapsed
        else:
            while self._recent and self._recent[0] <= now - 60:
                self._recent.popleft()
            used = len(self._recent) + 1 + plan.others
            left = self._recent[0] + 60 - now if self._recent else 60
            if used <= plan.rate or plan.counts_refused:
                self._recent.append(now)
        if used <= plan.rate:
            return None
        return self._retry_after(now, left) | (
            {"x-ratelimit-remaining": "0"} if plan.headers else {}
        )

    def _retry_after(self, now: float, seconds: float) -> dict[str, str]:
        here = self._began + timedelta(seconds=now)
        headers = {"date": format_datetime(here, usegmt=True)}
        there = here + timedelta(seconds=math.ceil(seconds) + 1)
        if self._plan.retry_after == "seconds":
            headers["retry-after"] = str(max(1, math.ceil(seconds)))
        elif self._plan.retry_after == "date":
            headers["retry-after"] = format_datetime(there, usegmt=True)
        elif self._plan.retry_after == "reset":
            headers["x-ratelimit-reset"] = str(int(there.timestamp()))
        return headers

    def told(self, now: float) -> dict[str, str]:
        """Return the headers of an answer that went well, where the service sends any."""
        if not self._plan.headers:
            return {}
        window, elapsed = divmod(now + self._plan.phase, 60)
        used = self._windows[int(window)] + int(self._plan.others * elapsed / 60)
        if self._plan.window == "sliding":
            used = len(self._recent) + self._plan.others
        reset = self._began + timedelta(seconds=now + 60 - elapsed)
        return {
            "date": format_datetime(self._began + timedelta(seconds=now), usegmt=True),
            "x-ratelimit-limit": str(self._plan.rate),
            "x-ratelimit-remaining": str(max(0, self._plan.rate - used)),
            "x-ratelimit-reset": str(math.ceil(reset.timestamp())),
        }
