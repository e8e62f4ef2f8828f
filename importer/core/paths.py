"""Dotted paths of values inside JSON objects, such as `address.city`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from importer.core.shared import JsonValue


def walk_leaves(values: Mapping[str, JsonValue]) -> Iterator[tuple[str, JsonValue]]:
    """
    Yield each leaf of an object as (dotted path, value), in the order of the object.

    Everything that is not an object with members is a leaf, so lists and empty objects are too.
    Two leaves can have the same path if a name contains a dot: `{"a.b": 1, "a": {"b": 2}}`.
    """
    return ((path, value) for path, value, is_leaf in _walk(values) if is_leaf)


def walk_paths(values: Mapping[str, JsonValue]) -> Iterator[tuple[str, JsonValue]]:
    """Yield each leaf like `walk_leaves`, and each object before its leaves."""
    return ((path, value) for path, value, _ in _walk(values))


def _walk(values: Mapping[str, JsonValue]) -> Iterator[tuple[str, JsonValue, bool]]:
    # An explicit stack, since a row may be nested more deeply than Python's recursion limit.
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


_PLACE = re.compile(r"\.[0-9]+(?:\.|$)")


def whole_of(path: str) -> str:
    """
    Return the path of the list that a value is in, or the path itself if it is in none.

    >>> whole_of("phones.0.number"), whole_of("address.city")
    ('phones', 'address.city')
    """
    return _PLACE.split(path)[0]
