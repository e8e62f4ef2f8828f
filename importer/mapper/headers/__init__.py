"""The words of column headers and what they mean."""
