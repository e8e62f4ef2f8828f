"""What one stage's tests stand on: fake clients, rows to match, a plain way to check."""
