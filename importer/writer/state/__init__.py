"""The state of an import by its results file: keys, records, rows, and decisions of people."""
