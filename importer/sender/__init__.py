"""Sends records, each exactly once, at the pace the service allows."""

from __future__ import annotations

from importer.sender.breaker import Breaker
from importer.sender.client import Client, redact, shared_ssl_context
from importer.sender.deliver import Deliverer
from importer.sender.gate import Gate
from importer.sender.line import Line
from importer.sender.retry import RetryBudget
from importer.sender.sharing import SharedPace, open_shared

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
