"""What takes longer than a page may: reading, checking and sending a list."""
