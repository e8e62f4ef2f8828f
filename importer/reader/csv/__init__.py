"""Reads CSV: record by record, and whole chunks where that gives the same rows."""
