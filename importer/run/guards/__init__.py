"""Compares the list of a run with those of earlier runs, before the first request."""

from importer.run.guards.list_guard import ListGuard
from importer.run.guards.list_news import compare, list_news
from importer.run.guards.plan_approval import check_approved, plan_id
from importer.run.guards.preparation import prepare_for_run, prepare_guarded

__all__ = [
    "ListGuard",
    "check_approved",
    "compare",
    "list_news",
    "plan_id",
    "prepare_for_run",
    "prepare_guarded",
]
