"""Reads what several kinds of values share: texts, numbers, dates, names of countries."""
