"""Names what lies inside JSON objects by dotted paths: `address.city`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from importer.shared import JsonValue

__all__ = ["walk_leaves", "walk_paths"]


def walk_leaves(values: Mapping[str, JsonValue]) -> Iterator[tuple[str, JsonValue]]:
    """
    Yield each leaf of an object as (dotted path, value), in the order in which they stand there.

    A leaf is whatever is not an object with members: lists and empty objects are leaves too. Two
    leaves have the same path where a name has a dot in it: `{"a.b": 1, "a": {"b": 2}}`.
    """
    return ((path, value) for path, value, is_leaf in _walk(values) if is_leaf)


def walk_paths(values: Mapping[str, JsonValue]) -> Iterator[tuple[str, JsonValue]]:
    """Yield each leaf of an object, as `walk_leaves` does, and before its leaves each object."""
    return ((path, value) for path, value, _ in _walk(values))


def _walk(values: Mapping[str, JsonValue]) -> Iterator[tuple[str, JsonValue, bool]]:
    # A stack of its own, since a row may be nested more deeply than Python lets functions call.
    stack = [("", iter(values.items()))]
    while stack:
        prefix, members = stack[-1]
        for name, value in members:
            path = prefix + name
            if isinstance(value, Mapping) and value:
                yield path, value, False
                stack.append((f"{path}.", iter(value.items())))
                break
            yield path, value, True
        else:
            stack.pop()
