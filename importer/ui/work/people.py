"""What people of a list are called, so that nobody has to look up a line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from importer.ui.store.folder import Import

__all__ = ["name_columns", "person"]

_NAMES = (
    "first_name", "last_name", "name", "customer_name", "contact_name", "title", "subject",
    "company", "email", "customer_email", "contact_email",
)  # fmt: skip
_BOTH = ("first_name", "last_name")


def name_columns(one: Import) -> Sequence[Sequence[str]]:
    """Return groups of columns that name a row, the best first."""
    draft = one.kept("draft") or {}
    columns: dict[str, str] = {}
    for column in draft.get("columns", ()):
        if column["chosen"] and not column["sensitive"]:
            columns.setdefault(column["chosen"], column["name"])
    both = [columns[name] for name in _BOTH if name in columns]
    others = [[columns[name]] for name in _NAMES if name in columns and name not in _BOTH]
    return [both, *others] if both else others


def person(cells: Mapping[str, str], groups: Sequence[Sequence[str]]) -> str:
    """
    Return what a row is called, or "" if nothing names it.

    >>> person({"First": "Amal", "Last": "Haddad"}, [["First", "Last"]])
    'Amal Haddad'
    """
    named = (" ".join(filter(None, (cells.get(name, "").strip() for name in group)))
             for group in groups)  # fmt: skip
    return next(filter(None, named), "")
