"""Repairs irregular rows, if there is only one way to read them."""
