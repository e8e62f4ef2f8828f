"""Reads JSON Lines and JSON: exactly, and column by column where that gives the same rows."""
