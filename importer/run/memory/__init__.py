"""Notices that a results file was lost, or is an older copy; `recovery` builds it again."""
