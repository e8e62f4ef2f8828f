"""Reads and writes the results file, and the files that are derived from it."""
