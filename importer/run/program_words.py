"""Words messages for programs: they name settings, where those of the command line name flags."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, TypeVar

from importer.core.settings import READING, named_for_programs
from importer.run.config import SETTINGS

_Found = TypeVar("_Found")
_VARIABLE = re.compile(r" \(VOREL_\w+\)")
_KEY = "Set VOREL_API_KEY, or name a file with --api-key-file."


def for_programs(text: str) -> str:
    """
    Return a message with the names of settings in place of flags and variables.

    >>> for_programs("Look at both; --on-duplicate send creates each of them.")
    "Look at both; on_duplicate='send' creates each of them."
    """
    text = _VARIABLE.sub("", text.replace(_KEY, "Give it as api_key."))
    for one in SETTINGS.values():
        text = text.replace(one.variable, one.name) if one.variable else text
    return named_for_programs(text, {**READING, **SETTINGS})


def worded(found: _Found, called: Mapping[str, str] = MappingProxyType({})) -> _Found:
    """
    Return a `Summary` or a `CheckReport` with its messages for a program.

    `called` has what files of the importer's own, with the rows of the program, are called.
    """

    def word(text: str | None) -> str | None:
        for path, name in called.items():
            text = text and text.replace(path, name)
        return text and for_programs(text)

    given: Any = found
    changes: dict[str, Any] = {name: word(getattr(given, name)) for name in ("stopped", "hint")}
    if hasattr(given, "read_as"):
        changes["read_as"] = tuple(map(word, given.read_as))
    made: _Found = replace(
        given,
        **changes,
        notices=tuple(map(word, given.notices)),
        problems=tuple(
            replace(one, hint=word(one.hint), sources=[called.get(s, s) for s in one.sources])
            for one in given.problems
        ),
        verdict=replace(given.verdict, why=word(given.verdict.why)),
    )
    return made
