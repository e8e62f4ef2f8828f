"""The referee's folder, CRM and command line, and a receiver of messages."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from receiver import Receiver, receiving
from referee.fixtures import serve, short_waits, world

__all__ = ["serve", "short_waits", "world"]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as one:
        yield one
