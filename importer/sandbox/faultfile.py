"""Reads the faults to inject from a TOML or JSON file."""

from __future__ import annotations

import difflib
import json
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from importer.core.errors import ConfigError
from importer.sandbox.injected_faults import KINDS, Fault, Faults, Rate, Step

_TOP = ("seed", "rates", "script", "revoke_key_after")
_OPTIONS: dict[str, tuple[type, ...]] = {
    "seconds": (int, float),
    "retry_after": (int,),
    "error": (str,),
    "stored": (bool,),
}
_WHEN: dict[str, tuple[type, ...]] = {
    "nth": (int, list),
    "from": (int,),
    "to": (int,),
    "from_seconds": (int, float),
    "to_seconds": (int, float),
}
_WORDS = {
    int: "an integer",
    float: "a number",
    str: "a text",
    bool: "true or false",
    list: "a list",
}


def load_faults(path: Path) -> Faults:
    """Return the faults that a file describes. Raises `ConfigError`, naming file and entry."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        data = json.loads(text) if path.suffix.lower() == ".json" else tomllib.loads(text)
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}") from error
    except ValueError as error:  # both parsers' errors, and a wrong encoding
        form = "JSON" if path.suffix.lower() == ".json" else "TOML"
        raise ConfigError(f"{path} is not {form}: {error}") from error
    try:
        return parse(data)
    except ConfigError as error:
        raise ConfigError(f"{path}: {error.message}", hint=error.hint) from error


def parse(data: Any) -> Faults:
    """Return the faults that a parsed file describes. Raises `ConfigError`, naming the entry."""
    table = _table(data, "the file")
    _known(table, _TOP, "the file")
    rates = _table(table.get("rates", {}), "rates")
    script = table.get("script", [])
    if not isinstance(script, list):
        raise ConfigError("script: must be a list of entries ([[script]])")
    _known(rates, KINDS, "rates")
    return Faults(
        seed=_optional(table, "seed", (int,), "the file"),
        rates=tuple(_rate(kind, value) for kind, value in rates.items()),
        script=tuple(
            step for number, entry in enumerate(script, 1) for step in _steps(entry, number)
        ),
        revoke_key_after=_optional(table, "revoke_key_after", (int,), "the file"),
    )


def _rate(kind: str, value: Any) -> Rate:
    where = f"rates.{kind}"
    table = value if isinstance(value, dict) else {"share": value}
    _known(table, ("share", *_OPTIONS), where)
    share = _optional(table, "share", (int, float), where)
    if share is None:
        raise ConfigError(f"{where}: needs a share, as in {kind} = 0.05")
    return Rate(_fault(kind, table, where), share)


def _steps(entry: Any, number: int) -> list[Step]:
    where = f"script entry {number}"
    table = _table(entry, where)
    _known(table, ("fault", *_WHEN, *_OPTIONS), where)
    kind = _optional(table, "fault", (str,), where)
    if kind is None:
        raise ConfigError(f"{where}: needs a fault, as in fault = 'error_503'")
    _known([kind], KINDS, where)
    when = {name: _optional(table, name, types, where) for name, types in _WHEN.items()}
    fault = _fault(kind, table, where)
    nth = when["nth"]
    if nth is None:
        return [
            Step(
                fault=fault,
                from_request=when["from"],
                to_request=when["to"],
                from_seconds=when["from_seconds"],
                to_seconds=when["to_seconds"],
            )
        ]
    if any(when[name] is not None for name in when if name != "nth"):
        raise ConfigError(f"{where}: nth names requests alone, without from or to")
    numbers = nth if isinstance(nth, list) else [nth]
    if not all(type(number) is int for number in numbers):
        raise ConfigError(f"{where}: nth must hold integers")
    return [Step(fault=fault, from_request=each, to_request=each) for each in numbers]


def _fault(kind: str, table: dict[str, Any], where: str) -> Fault:
    options = {
        name: value
        for name, types in _OPTIONS.items()
        if (value := _optional(table, name, types, where)) is not None
    }
    return Fault(kind=kind, **options)


def _table(value: Any, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ConfigError(f"{where}: must be a table, is {value!r}")
    return value


def _optional(table: dict[str, Any], name: str, types: tuple[type, ...], where: str) -> Any:
    value = table.get(name)
    if value is None or type(value) in types:
        return value
    words = " or ".join(_WORDS[kind] for kind in types)
    raise ConfigError(f"{where}: {name} must be {words}, is {value!r}")


def _known(names: Iterable[str], allowed: Iterable[str], where: str) -> None:
    choices = list(allowed)
    for name in names:
        if name not in choices:
            close = difflib.get_close_matches(name, choices, n=1)
            raise ConfigError(
                f"{where}: unknown name {name!r}",
                hint=f"Did you mean {close[0]!r}?"
                if close
                else f"Known names: {', '.join(choices)}.",
            )
