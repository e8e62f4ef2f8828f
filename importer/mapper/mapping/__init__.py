"""The mapping file: its model, its reader, and mappings by headers only."""
