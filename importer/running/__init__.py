"""One import from its settings to its summary: prepared, run, recorded, counted, written out."""
