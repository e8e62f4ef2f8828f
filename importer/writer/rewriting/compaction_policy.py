"""Decides when a results file is rewritten to save space."""

from __future__ import annotations

from pathlib import Path

from importer.writer.index_file import StoredIndex

_FEW_BYTES = 1_000_000
"""Rewriting a file does not pay if it saves no more than this."""
_SHARE = 4
"""Rewriting pays if it saves a quarter of a file. A file that grows evenly reaches that rarely."""
_CREATED = b'"status":"created"'
_SENT = b'{"kind":"sent",'
_PACKED = b',"versions":"'
_LONGEST = 1500
"""No line that can be left out is much longer; the longest is the end of a run."""
_OF_INDEX = ("others", "sent", "known", "readings")


def saves_enough(spare: int, size: int, share: int = _SHARE) -> bool:
    """Return whether rewriting a file of `size` bytes saves more than its `share`th part."""
    return spare > _FEW_BYTES and spare * share > size


def may_save_enough(results: Path, share: int = _SHARE) -> bool:
    """
    Return whether rewriting a results file may save more than its `share`th part.

    It does not parse the lines. Mostly the number of lines in the index is enough.
    """
    size = results.stat().st_size if results.exists() else 0
    return (
        saves_enough(size, size, share)
        and saves_enough(_by_index(results, size), size, share)
        and saves_enough(_by_kinds(results), size, share)
    )


def _by_index(results: Path, size: int) -> int:
    """Return an upper limit for the bytes of all lines that are not about created rows."""
    stored = StoredIndex.read(results, _OF_INDEX)
    tables = [] if stored is None else [stored.take_table(name) for name in _OF_INDEX]
    lines = [table["offset"].n_unique() for table in tables if table is not None]
    if stored is None or len(lines) < len(_OF_INDEX):
        return size
    return size - stored.about["size"] + sum(lines) * _LONGEST


def _by_kinds(results: Path) -> int:
    """Return an upper limit for the bytes to be saved by the kinds of the lines."""
    created, requests, others = 0, [0], 0
    with results.open("rb") as stream:
        for text in stream:
            if _CREATED in text:
                created += 1
            elif text.startswith(_SENT):
                requests.append(len(text))
            elif _PACKED not in text:
                others += len(text)
    repeated = max(0, len(requests) - 1 - created) * max(requests)
    return others + repeated
