"""Reads JSON Lines: one object a line; a bad line is one error and the next one is read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import IO, Any, NoReturn

from importer.records import Origin, Rejected, Row, RowError

__all__ = ["JsonlReader", "parse_object"]

_RAW_KEPT = 64 * 1024


class _DuplicateNameError(ValueError):
    pass


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in found if names.count(name) > 1)
        raise _DuplicateNameError(f"the name {twice!r} stands in it twice")
    return found


def _exact_number(text: str) -> float | Decimal:
    """Return a double where it says the same, else a Decimal: no digit is lost."""
    number = float(text)
    exact = Decimal(text)
    return number if Decimal(repr(number)) == exact else exact


def _no_constant(text: str) -> NoReturn:
    raise ValueError(f"{text} is no JSON number")


_decoder = json.JSONDecoder(
    object_pairs_hook=_unique, parse_float=_exact_number, parse_constant=_no_constant
)


def parse_object(text: str) -> dict[str, Any]:
    """
    Return the JSON object in `text`.

    Raises `ValueError` saying what is wrong: broken JSON, NaN, a name twice, not an object,
    nested too deep, or half a surrogate pair.
    """
    try:
        value = _decoder.decode(text)
        if isinstance(value, dict):
            json.dumps(value, ensure_ascii=False, default=str).encode("utf-8")
    except json.JSONDecodeError as error:
        raise ValueError(f"{error.msg} at character {error.pos + 1}") from error
    except RecursionError:
        raise ValueError("nested too deep") from None
    except UnicodeEncodeError:
        raise ValueError("half a surrogate pair, which is no character") from None
    if not isinstance(value, dict):
        raise ValueError("not an object")  # noqa: TRY004 - a fault of the data, not of the caller
    return {name: item for name, item in value.items() if not name.startswith("vorel_")}


class JsonlReader:
    """
    Iterates over the objects of one JSON Lines stream as `Row` or `Rejected`, in order.

    Numbers keep all their digits; names that begin `vorel_` are left out.
    """

    columns: list[str] | None = None
    header_error: str | None = None

    def __init__(self, stream: IO[str], *, source: str, max_row_bytes: int) -> None:
        self._stream = stream
        self._source = source
        self._limit = max_row_bytes
        self.blank_lines = 0
        self.notices: list[str] = []

    def __iter__(self) -> Iterator[Row | Rejected]:
        number = line = 0
        while text := self._stream.readline(self._limit + 1):
            line += 1
            too_large = len(text) > self._limit and text[-1] not in "\r\n"
            if too_large:
                self._skip_line()
            elif not text.strip():
                self.blank_lines += 1
                continue
            number += 1
            yield self._row(number, line, text, too_large=too_large)

    def _skip_line(self) -> None:
        while (rest := self._stream.readline(self._limit)) and rest[-1] not in "\r\n":
            pass

    def _row(self, number: int, line: int, text: str, *, too_large: bool) -> Row | Rejected:
        code, hint = "malformed_row", "Write one JSON object on this line."
        if too_large:
            code, hint = "row_too_large", "Raise --max-row-bytes if the row is right."
            message = f"the line is longer than {self._limit:,} characters"
        elif any("\udc80" <= letter <= "\udcff" for letter in text if letter > "\ud7ff"):
            code, hint = "encoding_error", "Save the file as UTF-8."
            message = "bytes that are not in this encoding"
        else:
            try:
                values = parse_object(text)
            except ValueError as error:
                message = f"no JSON object: {error}"
            else:
                return Row(number=number, line=line, source=self._source, values=values)
        return Rejected(
            number=number,
            line=line,
            source=self._source,
            error=RowError(code=code, origin=Origin.READER, message=message, hint=hint),
            raw=text.rstrip("\r\n")[:_RAW_KEPT],
        )
