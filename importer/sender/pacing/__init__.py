"""Decides when the next request may leave."""
