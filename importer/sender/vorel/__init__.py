"""Speaks to the Vorel endpoint: requests, answers and what they mean."""
