"""Turns one field's mapping into functions that read and convert its value."""
