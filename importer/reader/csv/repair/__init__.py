"""Repairs irregular rows, where they can be read in one way alone."""
