"""The real command in a process of its own, and the long checks that `make` runs."""
