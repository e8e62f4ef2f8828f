"""The referee's folder, CRM and command line."""

from __future__ import annotations

from referee.fixtures import serve, short_waits, world

__all__ = ["serve", "short_waits", "world"]
