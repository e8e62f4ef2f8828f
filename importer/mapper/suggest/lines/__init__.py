"""Makes lines of a mapping, each tried on the rows with the ways to read its values."""
