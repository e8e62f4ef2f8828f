"""What a results file says, taken together: keys, records, rows, and what people decided."""
