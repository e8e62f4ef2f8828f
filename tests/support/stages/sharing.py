"""Runs on one host that share a key's rate through a file."""

from __future__ import annotations

from typing import Literal

from pydantic import SecretStr

from importer.core.clock import NANOSECONDS
from importer.sender.pacing.host_limiter import HostLimiter, open_host_limiter

KEY = "vapk_test_" + "0a" * 24
S = NANOSECONDS
Pacing = Literal["spread", "burst"]


def join(
    notices: list[str], rate: int = 200, pace: Pacing = "spread", key: str = KEY
) -> HostLimiter:
    shared = open_host_limiter(SecretStr(key), rate, pace, on_trouble=notices.append)
    assert shared is not None
    return shared
