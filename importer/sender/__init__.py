"""
Sends records, each exactly once, at the pace the service allows.

No name here needs httpx: the client is loaded when there is something to send.
"""

from __future__ import annotations

from importer.sender.answer import Answer, Destination, Meaning
from importer.sender.delivery.admission import RequestJournal
from importer.sender.delivery.breaker import CircuitBreaker
from importer.sender.delivery.delivery_worker import DeliveryWorker, RetryBudget, Settle
from importer.sender.delivery.send_queue import SendQueue
from importer.sender.delivery.worker_pool import WorkerPool
from importer.sender.pacing.host_limiter import HostLimiter, open_host_limiter
from importer.sender.pacing.limiter import RateLimiter
from importer.sender.vorel.server_texts import redact
from importer.sender.vorel.tls import shared_ssl_context

__all__ = [
    "Answer",
    "CircuitBreaker",
    "DeliveryWorker",
    "Destination",
    "HostLimiter",
    "Meaning",
    "RateLimiter",
    "RequestJournal",
    "RetryBudget",
    "SendQueue",
    "Settle",
    "WorkerPool",
    "open_host_limiter",
    "redact",
    "shared_ssl_context",
]
