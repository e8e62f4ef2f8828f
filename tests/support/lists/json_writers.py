"""Ways in which programs write an object as one line of JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

__all__ = ["DUMPERS"]

DUMPERS: dict[str, Callable[[Any], str]] = {
    "json": json.dumps,
    "json, compact": lambda value: json.dumps(value, separators=(",", ":")),
    "json, as it is": lambda value: json.dumps(value, ensure_ascii=False),
    "json, compact, as it is": lambda value: json.dumps(
        value, ensure_ascii=False, separators=(",", ":")
    ),
    "escaped slashes": lambda value: json.dumps(value, separators=(",", ":")).replace("/", "\\/"),
}
