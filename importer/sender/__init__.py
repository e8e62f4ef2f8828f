"""Sends records, each exactly once, at the pace the service allows."""
