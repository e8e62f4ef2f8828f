"""Suggests a mapping from headers and values."""
