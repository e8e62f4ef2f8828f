"""Searches results files of millions of lines."""
