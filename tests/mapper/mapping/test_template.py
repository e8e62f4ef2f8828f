"""Templates: columns in braces, gaps closed."""

from __future__ import annotations

import pytest

from importer.mapper.mapping.template import fill, parse_template


@pytest.mark.parametrize(
    ("template", "texts", "filled"),
    [
        ("{A} {B}", ["Ann", "Lee"], "Ann Lee"),
        ("{A} {B}", ["Ann", None], "Ann"),
        ("{A} {B}", [None, "Lee"], "Lee"),
        ("{A} {B} {C}", ["Ann", None, "Lee"], "Ann Lee"),
        ("{A} {B}", [None, None], None),
        ("{A}  {B}", ["Ann", "Lee"], "Ann  Lee"),
        ("{A} {B}", ["two  spaces", None], "two  spaces"),
        ("Bay {A}", ["3"], "Bay 3"),
        ("Bay {A}", [None], None),
        ("{{{A}}}", ["x"], "{x}"),
        ("{A}{{}}", ["x"], "x{}"),
    ],
)
def test_fill(template: str, texts: list[str | None], filled: str | None) -> None:
    assert fill(parse_template(template), texts) == filled


@pytest.mark.parametrize(
    ("template", "reason"),
    [
        ("{A", "single '{'"),
        ("A}", "single '}'"),
        ("{}", "single '{'"),
        ("plain", "names no column"),
        ("{{A}}", "names no column"),
    ],
)
def test_templates_that_say_nothing(template: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        parse_template(template)
