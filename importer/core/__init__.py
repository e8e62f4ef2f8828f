"""What every room may use: rows, keys, errors, events, settings, clocks, files, languages."""
