"""Cuts a file into lines and chunks within bounded memory."""
