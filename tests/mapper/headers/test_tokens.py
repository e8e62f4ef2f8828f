"""Headers as words."""

from __future__ import annotations

from importer.mapper.headers.tokens import tokenize


def test_of_an_endless_header_the_beginning_is_looked_at() -> None:
    assert tokenize("E-mail " + "x" * 900_000)[:2] == ("e", "mail")
    assert len(tokenize("ab cd " * 200_000)) < 400
