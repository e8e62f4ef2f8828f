"""Opens sources: files, folders, archives, spreadsheets and standard input."""
