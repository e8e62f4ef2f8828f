"""Compares the list of a run with those of earlier runs, before the first request."""
