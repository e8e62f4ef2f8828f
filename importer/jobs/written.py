"""The table `[job]` of a new job file, as `map --job` writes it."""

from __future__ import annotations

import json
import os
from pathlib import Path

from importer.addresses import is_remote, is_secret, shown

__all__ = ["job_table"]

_TABLE = """
[job]                           # vorel-import run --job {name}
sources = {sources}{note}
api_key = {{ env = "VOREL_API_KEY" }}  # or {{ file = "key" }}, {{ credential = "vorel" }}
# output = "runs"               # keep the files of each run there, in a folder by date; or s3://…
# max_shrink = "20%"            # stop if the list has lost more rows than this since the last run
# max_new = "10%"               # stop if more rows look new; without it, judged by earlier growth
"""


_NOTE = "  # without its user, password or query: add them, and let nobody else read this file"


def job_table(source: str, output: Path) -> str:
    """
    Return a table for the list `source`, to be added to the mapping file `output`.

    It has nothing of an address that could be a secret.

    >>> print(job_table("lists/people.csv", Path("lists/clinic.toml")).splitlines()[2])
    sources = ["people.csv"]
    """
    if is_remote(source):
        path = shown(source)
    else:
        path = source if source == "-" else os.path.relpath(source, output.parent)
    return _TABLE.format(
        name=output.name,
        sources=json.dumps([path], ensure_ascii=False),
        note=_NOTE if is_remote(source) and is_secret(source) else "",
    )
