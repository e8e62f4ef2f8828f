"""Decides from what is on record what becomes of each row."""
