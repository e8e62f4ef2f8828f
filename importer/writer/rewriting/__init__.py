"""Writes a results file anew: smaller, or without the values that messages quote."""
