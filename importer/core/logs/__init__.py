"""Logs the events of a run: ids, counts and codes, and never a value of a list."""

from __future__ import annotations

from importer.core.logs.event_log import EventLog, known_word, log_event, log_failure, log_notice
from importer.core.logs.handlers import LogFormat, logged

__all__ = [
    "EventLog",
    "LogFormat",
    "known_word",
    "log_event",
    "log_failure",
    "log_notice",
    "logged",
]
