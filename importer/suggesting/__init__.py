"""What `map` and the page look at before a mapping is suggested."""
