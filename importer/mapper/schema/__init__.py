"""The canonical fields of each object, and fields of the user's own."""
