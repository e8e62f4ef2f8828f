"""What the page keeps of each import, in a private folder."""
