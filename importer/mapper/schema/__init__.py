"""The canonical fields of each object, and fields that a user adds."""
