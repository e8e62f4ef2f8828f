"""Compares the list of a run with those of earlier runs, before the first request."""

from importer.guards.approved import check_approved, plan_id
from importer.guards.guard import Guard
from importer.guards.list_news import list_news
from importer.guards.notices import compare
from importer.guards.preparing import prepare_for_run, prepare_guarded

__all__ = [
    "Guard",
    "check_approved",
    "compare",
    "list_news",
    "plan_id",
    "prepare_for_run",
    "prepare_guarded",
]
