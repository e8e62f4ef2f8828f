"""Collects notices about single lines of a file: many of one kind become one notice."""

from __future__ import annotations

__all__ = ["LineNotices"]

_LINES_NAMED = 5


class LineNotices:
    """Notices about lines, in the order in which the first line of each kind was found."""

    def __init__(self) -> None:
        self._lines: dict[str, list[int]] = {}

    def add(self, what: str, line: int) -> None:
        """Note something about a line."""
        self._lines.setdefault(what, []).append(line)

    def take(self) -> list[str]:
        """Return all notices, each with its first lines, and forget them."""
        found, self._lines = self._lines, {}
        return [_notice(what, lines) for what, lines in found.items()]


def _notice(what: str, lines: list[int]) -> str:
    first = ", ".join(map(str, lines[:_LINES_NAMED]))
    more = f", ...: {len(lines):,} in all" if len(lines) > _LINES_NAMED else ""
    return f"{what} (line {first}{more})"
