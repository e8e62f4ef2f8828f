"""Trouble that lasts is told once, and its end too."""

from __future__ import annotations

from importer.core.locale.message import Message
from importer.fleet.telling import Trouble


def test_each_reason_is_told_once_until_it_is_over() -> None:
    told: list[str] = []
    trouble = Trouble(told.append, Message("no way"), Message("a way again"))
    trouble.over()
    for reason in ("a", "b", "a", "b"):
        trouble.found(Message(reason))
    trouble.over()
    trouble.over()
    trouble.found(Message("a"))
    first, other = "no way (a); it is tried again", "no way (b); it is tried again"
    assert told == [first, other, "a way again", first]


def test_it_is_not_over_while_something_else_works() -> None:
    told: list[str] = []
    trouble = Trouble(told.append, Message("no way"), Message("a way again"), seconds=3600)
    for _ in range(3):
        trouble.found(Message("a"))
        trouble.over()
    assert told == ["no way (a); it is tried again"]
