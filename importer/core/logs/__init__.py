"""Logs the events of a run: ids, counts and codes, and never a value of a list."""
