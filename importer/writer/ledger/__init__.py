"""Decides what to do with each row, from what is on record."""
