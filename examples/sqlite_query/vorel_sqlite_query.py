"""
Reads a list from a query to an SQLite database, with the database and the query in its address.

    vorel-import run 'sqlite-query:///srv/clinic.db?SELECT name, email FROM patients' …
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import Any
from urllib.parse import unquote

from importer import UsageError


def rows(address: str) -> Iterator[dict[str, Any]]:
    """Yield a mapping from column to value for each row that the query finds."""
    place, _, query = address.removeprefix("sqlite-query://").partition("?")
    if not query:
        raise UsageError("the address has no query", hint="Add ?SELECT … FROM … to it.")
    path = unquote(place)
    try:
        with closing(sqlite3.connect(f"file:{place}?mode=ro", uri=True)) as database:
            database.row_factory = sqlite3.Row
            for row in database.execute(unquote(query)):
                yield dict(row)
    except sqlite3.Error as error:
        raise UsageError(f"{path}: {error}", hint="Check the database and the query.") from error
