"""
Finds what other packages add to the importer: sources of lists, and ways to tell people.

A package names a function in its entry points, by the scheme of the addresses that it takes:

    [project.entry-points."importer.sources"]
    sqlite-query = "vorel_sqlite_query:rows"
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from importer.core.errors import ConfigError
from importer.core.locale.message import Message

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

SOURCES = "importer.sources"
"""Called as `rows(address)`; returns the rows, an iterable of mappings from column to value."""
NOTIFIERS = "importer.notifiers"
"""Called as `notify(address, text, job=…, exit_code=…)`; raises if nobody could be told."""


@dataclass(frozen=True, slots=True)
class Plugin:
    """A function of another package; as a text it says which."""

    name: str
    package: str
    entry_point: EntryPoint

    def __str__(self) -> str:
        return f"the plugin {self.name} of {self.package}"

    def load(self) -> Callable[..., Any]:
        """Return the function. Raises `ConfigError` if there is none."""
        hint = Message("Install %(package)s again, or ask its makers.", package=self.package)
        try:
            found = self.entry_point.load()
        except Exception as error:
            raise ConfigError(
                "%(package)s cannot be loaded (%(type)s: %(reason)s)",
                package=self,
                type=type(error).__name__,
                reason=error,
                hint=hint,
            ) from error
        if not callable(found):
            raise ConfigError(
                "%(package)s is no function (%(name)s is a %(type)s)",
                package=self,
                name=self.entry_point.value,
                type=type(found).__name__,
                hint=hint,
            )
        return found  # type: ignore[no-any-return]  # what it takes and returns is seen when called


def plugin_of(group: str, address: str) -> Plugin | None:
    """
    Return the plugin for addresses of this kind, or None: those of the web need none.

    >>> plugin_of(SOURCES, "nobody-has-this://clinic.db") is None
    True

    Raises `ConfigError` if several packages have one.
    """
    from importlib.metadata import entry_points  # most runs need no plugin

    name, is_address, _ = address.strip().lower().partition("://")
    if not is_address or name in {"http", "https"}:
        return None
    found = [
        Plugin(name, one.dist.name if one.dist else "a package without a name", one)
        for one in entry_points(group=group, name=name)
    ]
    if len(found) > 1:
        packages = " and ".join(sorted(one.package for one in found))
        raise ConfigError(
            "%(name)s://: %(names)s each have a plugin for such addresses",
            name=name,
            names=packages,
            hint="Uninstall all but one of them.",
        )
    return found[0] if found else None
