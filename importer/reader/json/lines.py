"""Reads JSON Lines: one object a line; a bad line is one error and the next one is read."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from functools import partial
from typing import Any, NoReturn

from importer.reader.json.columnar import JsonBlock, read_json_block
from importer.reader.protocol import ChunkBatch
from importer.reader.text.chunks import ChunkStream
from importer.reader.text.lines import LineReader, TextSource
from importer.records import MAX_RAW_CHARACTERS, Origin, Rejected, Row, RowError
from importer.shared import LONE_SURROGATE, OWN_PREFIX

__all__ = ["JsonlReader", "decoder", "parse_object"]

_DEEPEST = 100
_LONGEST_EXPONENT = 1000
_BLANK = " \t\r\n"
_ESCAPED_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


class _NoObjectError(ValueError):
    """The text is JSON, or nearly, and no object that can be kept."""


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in found if names.count(name) > 1)
        raise _NoObjectError(f"the name {twice!r} stands in it twice")
    return found


def _exact_number(text: str) -> float | Decimal:
    """Return a double where it says the same, else a Decimal: no digit is lost."""
    number = float(text)
    try:
        exact = Decimal(text)
    except ArithmeticError:
        exact = Decimal("inf")
    if Decimal(repr(number)) == exact and exact.is_finite():
        return number
    # Written out, such a number would fill the memory of whoever reads it next.
    if not exact.is_finite() or abs(exact.adjusted()) > _LONGEST_EXPONENT:
        raise _NoObjectError("a number too large or too small to be kept")
    return exact


def _no_constant(text: str) -> NoReturn:
    raise _NoObjectError(f"{text} is no JSON number")


decoder = json.JSONDecoder(
    object_pairs_hook=_unique, parse_float=_exact_number, parse_constant=_no_constant
)


def parse_object(text: str) -> dict[str, Any]:
    """
    Return the JSON object in `text`, without the names that begin `vorel_`.

    Raises `ValueError` saying what is wrong: broken JSON, NaN, a name twice, not an object,
    nested deeper than 100 levels, a number that cannot be kept, or half a surrogate pair.
    """
    try:
        value = decoder.decode(text)
    except json.JSONDecodeError as error:
        is_comment = text.startswith(("//", "/*"), error.pos)
        fault = "a comment, as JSON has none," if is_comment else error.msg
        raise ValueError(f"{fault} at character {error.pos + 1}") from error
    except _NoObjectError:
        raise
    except ValueError:  # Python's own limit, against numbers that take minutes to convert
        raise ValueError("a whole number of more than 4,300 digits") from None
    except RecursionError:
        raise ValueError("nested too deep") from None
    return _checked(value, text)


def _checked(value: Any, text: str) -> dict[str, Any]:
    """Return what `decoder` made of a text as `parse_object` does."""
    if not isinstance(value, dict):
        raise ValueError("not an object")  # noqa: TRY004 - a fault of the data, not of the caller
    if text.count("{") + text.count("[") > _DEEPEST and _is_deeper(value, _DEEPEST):
        raise ValueError(f"nested deeper than {_DEEPEST} levels")
    if _ESCAPED_SURROGATE.search(text) and LONE_SURROGATE.search(_dumped(value)):
        raise ValueError("half a surrogate pair, which is no character")
    return {name: item for name, item in value.items() if not name.startswith(OWN_PREFIX)}


def _is_deeper(value: Any, levels: int) -> bool:
    if isinstance(value, dict):
        value = list(value.values())
    if not isinstance(value, list):
        return False
    return levels == 0 or any(_is_deeper(item, levels - 1) for item in value)


def _dumped(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


class JsonlReader:
    """
    Iterates over the objects of one JSON Lines stream as `Row` or `Rejected`, in order.

    Numbers keep all their digits; names that begin `vorel_` are left out. `blank_lines` counts
    what was passed over. Memory is bounded by `max_row_bytes` (characters of one line).
    """

    columns: list[str] | None = None
    starts: Sequence[int] = ()
    _unit = "line"
    _hint = "Write one JSON object on this line."

    def __init__(
        self,
        stream: TextSource,
        *,
        source: str,
        max_row_bytes: int,
        notices: Sequence[str] = (),
    ) -> None:
        self.chunks = stream if isinstance(stream, ChunkStream) else None
        self._lines = LineReader(stream, max_row_bytes)
        self._source = source
        self._limit = max_row_bytes
        self.blank_lines = 0
        self.notices = [*notices]
        self._number = self._line = 0

    def __iter__(self) -> Iterator[Row | Rejected]:
        while text := self._lines.read():
            self._line += 1
            if not text.strip(_BLANK):
                self.blank_lines += 1
                continue
            self._number += 1
            yield self.parse(self._number, self._line, text.rstrip("\r\n"))

    @property
    def read_chunk(self) -> Callable[[bytes], JsonBlock | None] | None:
        """What reads a chunk of the same source, or None where nothing else reads the same."""
        if self.chunks is None:
            return None
        return partial(
            read_json_block,
            encoding=self.chunks.encoding,
            max_row_bytes=self._limit,
            parse=self.parse,
        )

    def is_between_chunks(self) -> bool:
        """Tell whether another reader may take the next chunk."""
        return self._lines.is_empty() and self.chunks is not None and self.chunks.used_up()

    def continue_after(self, block: ChunkBatch) -> None:
        """Put the rows that another reader made of the next chunk where they stand."""
        block.number, block.line = self._number + 1, self._line + 1
        self._number += len(block)
        self._line += block.lines

    def parse(self, number: int, line: int, text: str, value: Any = None) -> Row | Rejected:
        """Return what one record is; `value` is what `decoder` makes of its text, where known."""
        if len(text) > self._limit:
            return self._too_large(number, line, text)
        if not text.isascii() and (bad := LONE_SURROGATE.search(text)):
            message = (
                f"a byte (0x{ord(bad[0]) & 0xFF:02x}) that is not in this encoding, "
                f"character {bad.start() + 1} of the {self._unit}"
            )
            hint = "Save the file as UTF-8, or state its encoding with --encoding."
            return self._rejected(number, line, text, "encoding_error", message, hint)
        try:
            values = parse_object(text) if value is None else _checked(value, text)
        except ValueError as error:
            return self._malformed(number, line, text, f"no JSON object: {error}")
        return Row(number=number, line=line, source=self._source, values=values)

    def _too_large(self, number: int, line: int, text: str) -> Rejected:
        message = f"the {self._unit} is longer than {self._limit:,} characters"
        hint = "Raise --max-row-bytes if the row is right."
        return self._rejected(number, line, text, "row_too_large", message, hint)

    def _malformed(self, number: int, line: int, text: str, message: str) -> Rejected:
        return self._rejected(number, line, text, "malformed_row", message, self._hint)

    def _rejected(
        self, number: int, line: int, text: str, code: str, message: str, hint: str
    ) -> Rejected:
        return Rejected(
            number=number,
            line=line,
            source=self._source,
            error=RowError(code=code, origin=Origin.READER, message=message, hint=hint),
            raw=text[:MAX_RAW_CHARACTERS],
        )
