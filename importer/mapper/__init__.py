"""Maps rows to records in canonical fields."""
