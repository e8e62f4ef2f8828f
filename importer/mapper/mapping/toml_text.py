"""Writes keys and values of a mapping file as TOML."""

from __future__ import annotations

import json
import re

__all__ = ["toml_key", "toml_value"]

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


def toml_key(name: str) -> str:
    """Return a name as a TOML key, in quotes where TOML needs them: `"attributes.bedrooms"`."""
    return name if _BARE_KEY.fullmatch(name) else toml_value(name)


def toml_value(value: str | int | list[str]) -> str:
    """Return a value as TOML. JSON's escapes are also TOML's, except that TOML escapes DEL too."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
