"""Matching: who on the list is who on record."""
