"""Connections to the database of a fleet, and its tables."""
