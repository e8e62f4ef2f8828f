"""What fields, objects and rows are called."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from importer.core.locale.language import Language

_NAMES = (
    "name", "customer_name", "contact_name", "title", "subject", "company", "email",
    "customer_email", "contact_email",
)  # fmt: skip


def naming(columns: Mapping[str, Sequence[str]]) -> list[list[str]]:
    """
    Return groups of columns that name a row, the best first, from the columns of each field.

    >>> naming({"email": ["Mail"], "last_name": ["Last"], "first_name": ["First"]})
    [['First', 'Last'], ['Mail']]
    """
    both = [one for name in ("first_name", "last_name") for one in columns.get(name, ())[:1]]
    others = ([one] for name in _NAMES for one in columns.get(name, ())[:1])
    return [group for group in (both, *others) if group]


def called(cells: Mapping[str, str], groups: Sequence[Sequence[str]]) -> str:
    """
    Return what a row is called, or "" if nothing names it.

    >>> called({"First": "Amal", "Last": "Haddad"}, [["First", "Last"], ["Mail"]])
    'Amal Haddad'
    """
    named = (" ".join(filter(None, map(str.strip, (cells.get(name) or "" for name in group))))
             for group in groups)  # fmt: skip
    return next(filter(None, named), "")


@cache
def titles() -> Mapping[str, Mapping[str, str]]:
    """Return what the `fields`, and the `words` that they take, are called in English."""
    text = Path(__file__).with_name("titles.json").read_text(encoding="utf-8")
    found: Mapping[str, Mapping[str, str]] = json.loads(text)
    return found


def word_title(word: str, language: Language) -> str:
    """Return what a word that a field takes means; one that is not known stays as it is."""
    return language.gettext(titles()["words"].get(word, word))


def field_title(name: str, language: Language) -> str:
    """Return what a field is called; one of the user's own has its own name."""
    root, dot, rest = name.partition(".")
    title = titles()["fields"].get(root)
    if title is None:
        return name
    shown = language.gettext(title)
    return f"{shown}: {rest}" if dot else shown


def object_title(name: str, language: Language) -> str:
    """Return what the records of an object are called."""
    from importer.core.objects import object_facts  # who only loads messages needs no objects

    return language.gettext(object_facts(name).title)
