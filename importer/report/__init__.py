"""The report of an import: one HTML file to hand on, and the state that it and `status` tell."""
