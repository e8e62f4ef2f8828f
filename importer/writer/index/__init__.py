"""Loads and searches results files of millions of lines."""
