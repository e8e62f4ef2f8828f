"""Job files: what is imported every night, where the key is, and with which settings."""
