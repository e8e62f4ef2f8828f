"""What one stage's tests stand on: fake clients, a ledger's rows, a plain way to check."""
