"""Reads the text files that a user writes: mappings and schemas."""

from __future__ import annotations

from pathlib import Path

from importer.core.errors import MappingError

WRITES_ONE = "`vorel-import map` writes a mapping file for a list."
"""Where an example of a mapping is: in the hints about one that is wrong."""


def read_content(path: Path, what: str, flag: str) -> bytes:
    """Return the bytes of a file. Raises `MappingError` with `what` the file is, and its `flag`."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise MappingError(
            f"{path}: the {what} file cannot be read: {error.strerror or error}",
            hint=f"Check the path given with {flag}.",
        ) from error


def utf8_text(content: bytes, where: str, what: str) -> str:
    """Return the decoded content. Raises `MappingError` with the line that is not UTF-8."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if b"\0" in content:
            raise MappingError(
                f"{where} is not a {what} file: it is not even a text.",
                hint=f"Name the {what} file, and the list itself without a flag.",
            ) from error
        line = content.count(b"\n", 0, error.start) + 1
        raise MappingError(
            f"{where}: line {line} is not UTF-8.", hint=f"Save the {what} file as UTF-8."
        ) from error
