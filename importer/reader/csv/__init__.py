"""Reads CSV: exactly, and column by column where that gives the same rows."""
