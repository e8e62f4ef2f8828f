"""The mapping file: its model, how it is read, and mappings made from headers alone."""
