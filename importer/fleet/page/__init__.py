"""The page of a fleet: all jobs with a search, and one with all its causes. It changes nothing."""
