"""The Vorel endpoint: requests, answers and what they mean."""
