"""The lines of the results file: one class for each kind of line, to JSON and back."""
