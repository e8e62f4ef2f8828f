"""Decides which encoding a file is in."""
