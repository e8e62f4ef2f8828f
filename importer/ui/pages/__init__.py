"""The pages, one module for each step of an import."""
