"""Words messages for programs: they name settings, where those of the command line name flags."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, TypeVar

from importer.config import SETTINGS
from importer.settings import READING, named_for_programs

__all__ = ["for_programs", "worded"]

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


def worded(found: _Found) -> _Found:
    """Return a `Summary` or a `CheckReport` with its messages for a program."""
    given: Any = found
    texts = {name: getattr(given, name) for name in ("stopped", "hint")}
    why, problems = given.verdict.why, given.problems
    made: _Found = replace(
        given,
        **{name: text and for_programs(text) for name, text in texts.items()},
        notices=tuple(map(for_programs, given.notices)),
        problems=tuple(replace(one, hint=one.hint and for_programs(one.hint)) for one in problems),
        verdict=replace(given.verdict, why=why and for_programs(why)),
    )
    return made
