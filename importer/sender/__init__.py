"""Sends records, each exactly once, at the pace the service allows."""

from __future__ import annotations

from importer.sender.breaker import Breaker
from importer.sender.client import Client, redact, shared_ssl_context
from importer.sender.deliver import Deliverer
from importer.sender.pacing import Gate

__all__ = ["Breaker", "Client", "Deliverer", "Gate", "redact", "shared_ssl_context"]
