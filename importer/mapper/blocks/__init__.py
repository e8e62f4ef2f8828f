"""Maps many rows at once, column by column."""
