"""How much of a spoiled list is read right, and how little wrong, by what spoiled it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from effort import PROFILE
from lists.clean import more_tables, tables
from lists.polluted import Polluted, polluted

from importer import Row, read_rows

STEP = 997 if PROFILE == "suite" else 31
"""Of files spoiled in one cell each so many-th is read: all of them take minutes."""

pytestmark = pytest.mark.slow

RIGHT = {
    "quotes nowhere doubled": 0.85,  # inches at the end of a cell, and cells of several lines
    "preamble with delimiters": 0.9,
}
WRONG = {  # where columns are of words alone, nobody can tell these from rows
    "footnote padded": 0.06,
    "footnote padded, no gap": 0.05,
    "another table, same columns": 0.05,
    "another table, same columns, no gap": 0.05,
    "its first rows again, wider": 0.11,  # they are read: they are rows of the list
    "two header rows": 0.01,
    "three header rows": 0.02,
    "preamble with delimiters": 0.01,
    "one quote more, inside": 0.01,  # kept as written in a column of words
}
RIGHT_AT_LEAST, WRONG_AT_MOST = 0.98, 0.005
LISTS = [table for table in (*tables(), *more_tables()) if len(table.rows) >= 5]


@dataclass
class Share:
    """What became of the rows of all files with one pollution."""

    files: int = 0
    true: int = 0
    right: int = 0
    wrong: int = 0


def read(path: Path, file: Polluted, share: Share) -> None:
    """Count a row as right where each cell stands in its column, and as wrong else."""
    path.write_bytes(file.content)
    left = Counter(map(tuple, file.truth))
    rows = list(read_rows(path))
    share.files += 1
    share.true += len(file.truth)
    for row in rows:
        if isinstance(row, Row):
            cells = tuple(map(str, row.values.values()))
            share.right += left[cells] > 0
            share.wrong += left[cells] <= 0
            left[cells] -= 1


def shares_of(path: Path) -> dict[str, Share]:
    """Read the spoiled lists, each from the file at `path`."""
    found: dict[str, Share] = {}
    for table in LISTS:
        for file in polluted(table, step=STEP):
            read(path, file, found.setdefault(file.pollution, Share()))
    return found


def lines_of(shares: dict[str, Share]) -> Iterator[str]:
    for name, share in shares.items():
        right = share.right / share.true if share.true else 1
        wrong = share.wrong / max(share.right + share.wrong, 1)
        yield f"| {name} | {share.files} | {right:.4f} | {wrong:.4f} |"


def test_each_pollution_is_read_right_or_refused_and_all_together_reach_the_goal(
    tmp_path: Path,
) -> None:
    shares = shares_of(tmp_path / "list.csv")
    print("\n".join(["| pollution | files | right | wrong |", *lines_of(shares)]))  # noqa: T201 - the figures of a test
    for name, share in shares.items():
        assert share.right >= RIGHT.get(name, RIGHT_AT_LEAST) * share.true, name
        assert share.wrong <= WRONG.get(name, WRONG_AT_MOST) * max(share.right, 1), name

    rights = [share.right / share.true for share in shares.values() if share.true]
    wrongs = [share.wrong / max(share.right + share.wrong, 1) for share in shares.values()]
    assert sum(rights) / len(rights) >= 0.99
    assert sum(wrongs) / len(wrongs) <= 0.01
