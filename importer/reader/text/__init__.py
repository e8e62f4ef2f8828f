"""Cuts a file into lines and regions within bounded memory."""
