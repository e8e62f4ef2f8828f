"""Dotted paths: every leaf once, objects before what is in them, whatever the names and depth."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import pytest

from importer.core.paths import walk_leaves, walk_paths


@pytest.mark.parametrize(
    ("values", "leaves", "inner"),
    [
        ({}, [], set()),
        ({"a": 1, "b": None, "c": ""}, [("a", 1), ("b", None), ("c", "")], set()),
        (
            {"a": {"b": {"c": 1}, "d": 2}, "e": 3},
            [("a.b.c", 1), ("a.d", 2), ("e", 3)],
            {"a", "a.b"},
        ),
        ({"a": {}, "b": {"c": {}}}, [("a", {}), ("b.c", {})], {"b"}),
        ({"a": [{"b": 1}], "c": []}, [("a", [{"b": 1}]), ("c", [])], set()),
        ({"": {"": 1}}, [(".", 1)], {""}),
        ({"a.b": {"c": 1}}, [("a.b.c", 1)], {"a.b"}),
        ({"a.b": 1, "a": {"b": 2}}, [("a.b", 1), ("a.b", 2)], {"a"}),
        ({"a": MappingProxyType({"b": 1})}, [("a.b", 1)], {"a"}),
    ],
)
def test_each_leaf_and_each_object_has_a_path(
    values: Mapping[str, Any], leaves: list[tuple[str, Any]], inner: set[str]
) -> None:
    assert list(walk_leaves(values)) == leaves
    paths = [path for path, _ in walk_paths(values)]
    assert set(paths) == {path for path, _ in leaves} | inner


def test_an_object_comes_before_what_is_in_it() -> None:
    paths = [path for path, _ in walk_paths({"a": {"b": {"c": 1}, "d": 2}, "e": 3})]
    assert paths == ["a", "a.b", "a.b.c", "a.d", "e"]


def test_depth_has_no_limit() -> None:
    depth = 5000
    values: dict[str, Any] = {"a": 1}
    for _ in range(depth):
        values = {"a": values}
    assert list(walk_leaves(values)) == [("a" + ".a" * depth, 1)]
