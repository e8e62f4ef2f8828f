"""
Sends records, each exactly once, at the pace the service allows.

The client is not among the names: it needs httpx, and is loaded when there is something to send.
"""

from __future__ import annotations

from importer.sender.answer import Answer, Destination, Meaning
from importer.sender.delivery.breaker import CircuitBreaker
from importer.sender.delivery.crew import Crew
from importer.sender.delivery.journal import RequestJournal
from importer.sender.delivery.queue import SendQueue
from importer.sender.delivery.retry import RetryBudget
from importer.sender.delivery.worker import DeliveryWorker, Settle
from importer.sender.pacing.host_limiter import HostLimiter, open_host_limiter
from importer.sender.pacing.limiter import RateLimiter
from importer.sender.vorel.texts import redact
from importer.sender.vorel.tls import shared_ssl_context

__all__ = [
    "Answer",
    "CircuitBreaker",
    "Crew",
    "DeliveryWorker",
    "Destination",
    "HostLimiter",
    "Meaning",
    "RateLimiter",
    "RequestJournal",
    "RetryBudget",
    "SendQueue",
    "Settle",
    "open_host_limiter",
    "redact",
    "shared_ssl_context",
]
