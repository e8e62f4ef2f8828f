"""Reads whole chunks with polars: what the columnar readers of CSV and JSON Lines share."""
