"""Sends records, each exactly once, at the pace the service allows."""

from __future__ import annotations

from importer.sender.delivery.breaker import Breaker
from importer.sender.delivery.queue import Line
from importer.sender.delivery.retry import RetryBudget
from importer.sender.delivery.worker import Deliverer
from importer.sender.pacing.host_limiter import SharedPace, open_shared
from importer.sender.pacing.limiter import Gate
from importer.sender.vorel.client import Client, redact, shared_ssl_context

__all__ = [
    "Breaker",
    "Client",
    "Deliverer",
    "Gate",
    "Line",
    "RetryBudget",
    "SharedPace",
    "open_shared",
    "redact",
    "shared_ssl_context",
]
