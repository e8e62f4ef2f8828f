"""What the columnar fast paths of CSV and JSON Lines share."""
