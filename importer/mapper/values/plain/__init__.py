"""Reads many plainly written values at once: whole columns, with polars."""
