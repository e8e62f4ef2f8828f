"""The languages that people read reports and pages in: their texts, numbers and dates."""
