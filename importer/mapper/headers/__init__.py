"""Column headers: their words, and what these mean."""
