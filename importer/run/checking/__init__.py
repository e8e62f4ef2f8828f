"""The dry run of a whole list: says what `run` would do with every row, and sends nothing."""
