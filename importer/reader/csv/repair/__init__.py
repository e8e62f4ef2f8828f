"""Reads rows that are not regular, where only one reading is possible."""
