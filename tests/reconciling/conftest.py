"""The referee's folder, CRM and command line."""

from __future__ import annotations

from referee.fixtures import begun, serve, short_waits, world

__all__ = ["begun", "serve", "short_waits", "world"]
