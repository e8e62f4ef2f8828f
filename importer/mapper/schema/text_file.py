"""Reads the text files that a user writes: mappings and schemas."""

from __future__ import annotations

from pathlib import Path

from importer.core.errors import MappingError
from importer.core.locale.message import Message

WRITES_ONE = Message("`vorel-import map` writes a mapping file for a list.")
"""Where an example of a mapping is: in the hints about one that is wrong."""


def read_content(path: Path, what: str, flag: str) -> bytes:
    """Return the bytes of a file. Raises `MappingError` with `what` the file is, and its `flag`."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise MappingError(
            "%(path)s: the %(kind)s file cannot be read: %(fault)s",
            path=path,
            kind=what,
            fault=error.strerror,
            hint=Message("Check the path given with %(flag)s.", flag=flag),
        ) from error


def utf8_text(content: bytes, where: str, what: str) -> str:
    """Return the decoded content. Raises `MappingError` with the line that is not UTF-8."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if b"\0" in content:
            raise MappingError(
                "%(name)s is not a %(kind)s file: it is not even a text.",
                name=where,
                kind=what,
                hint=Message(
                    "Name the %(kind)s file, and the list itself without a flag.", kind=what
                ),
            ) from error
        line = content.count(b"\n", 0, error.start) + 1
        raise MappingError(
            "%(name)s: line %(line)s is not UTF-8.",
            name=where,
            line=line,
            hint=Message("Save the %(kind)s file as UTF-8.", kind=what),
        ) from error
