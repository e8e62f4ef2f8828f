"""Runs one import, from its settings to its summary."""
