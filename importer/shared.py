"""Constants that several stages need; each is defined here alone."""

from __future__ import annotations

import re
from typing import Literal, get_args

__all__ = ["LONE_SURROGATE", "LOOPBACK", "OBJECTS", "OWN_PREFIX", "ObjectName"]

ObjectName = Literal["contact", "lead", "deal", "appointment", "case"]

OBJECTS: tuple[ObjectName, ...] = get_args(ObjectName)
"""The object types that the endpoint can create."""

OWN_PREFIX = "vorel_"
"""How the names of columns begin that the importer adds to its own files and never imports."""

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
"""Host names of this computer."""

LONE_SURROGATE = re.compile("[\ud800-\udfff]")
"""Half a surrogate pair: `\\ud83d` in JSON can spell one, but no UTF-8 text can hold it."""
