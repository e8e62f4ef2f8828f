"""Holds what a command prints with `--json` against the schema."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from jsonschema_rs import Draft202012Validator

from importer.core.resources import data_folder

__all__ = ["check_printed"]


@cache
def _schema() -> dict[str, Any]:
    path = data_folder("schemas") / "json-output.schema.json"
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


@cache
def _validator(command: str) -> Draft202012Validator:
    return Draft202012Validator({**_schema(), "$ref": f"#/$defs/{command.replace(' ', '%20')}"})


def check_printed(words: list[str], text: str) -> None:
    """Fail if a command, called with these words, has printed anything else than its object."""
    command = " ".join(words[: 2 if words[:1] == ["fleet"] else 1])
    if "--json" not in words or command not in _schema()["$defs"]:
        return
    for error in _validator(command).iter_errors(json.loads(text)):
        raise AssertionError(f"{' '.join(words)}: {error.instance_path}: {error.message}")
