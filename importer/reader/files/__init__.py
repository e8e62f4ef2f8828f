"""Opens what a source names: files, folders, archives, spreadsheets, standard input."""
