"""Takes each row from the queue to its outcome."""
