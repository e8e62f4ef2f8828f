"""Reads the objects of a JSON array, or objects of several lines each, one after the other."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from importer.errors import SourceError
from importer.reader.json.lines import JsonlReader, decoder
from importer.reader.json.record_path import name_of, names_of, path_of
from importer.reader.text.lines import TextSource
from importer.records import Rejected, Row

__all__ = ["JsonReader"]

_BLOCK = 64 * 1024
_KEPT = 64 * 1024
_BETWEEN = re.compile(r"[\s,\x1e]*")  # RFC 7464 sets \x1e before each object
_LINE_END = re.compile(r"\r(?!\n)|\n")
_SCALAR_OR_COLON = re.compile(r'[^"{}\[\]\s,]+')
_TEXT = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_SCALAR = re.compile(r"[^,\]\[{}\r\n]*")
# A text without its closing quote ends with its line, as no JSON text goes on behind one.
_TOKEN = re.compile(r'"(?:[^"\\\r\n]|\\[^\r\n])*(?:"|\\?(?=[\r\n])|\\?\Z)|[{}\[\]]')
_CUT_OFF = "the JSON array is never closed: the file may have been cut off"
_NEVER_CLOSED = "no JSON object: it is never closed"
_LONGEST_WORD = len("-Infinity") + 1
_PAIRS = {"}": "{", "]": "["}


class JsonReader(JsonlReader):
    """
    Iterates over the objects of one JSON stream as `Row` or `Rejected`, in order.

    The stream is an array of objects, or objects that follow each other. A bad element is one
    error, and the next is read: where brackets do not match, that is the next object that
    begins a line as far indented as the ones before. Memory is bounded by `max_row_bytes`.
    With `record_path` the array is what stands there in an object, and `SourceError` is raised
    where none does.
    """

    _unit = "element"
    _hint = "Write a JSON object here."

    def __init__(
        self,
        stream: TextSource,
        *,
        source: str,
        max_row_bytes: int,
        notices: Sequence[str] = (),
        record_path: str | None = None,
    ) -> None:
        super().__init__(stream, source=source, max_row_bytes=max_row_bytes, notices=notices)
        self._path = record_path
        self._stream = stream
        self._text = ""
        self._place = 0
        self._line = 1
        self._ended = False
        self._next_element = re.compile(r"[\r\n]\{")

    def __iter__(self) -> Iterator[Row | Rejected]:
        if self._path is not None:
            yield from self._pages(names_of(self._path))
            return
        self._skip()
        is_array = self._text.startswith("[", self._place)
        if is_array:
            self._advance(self._place + 1)
        while self._skip():
            if is_array and self._text[self._place] == "]":
                self._advance(self._place + 1)
                if self._skip():
                    yield self._refuse_rest("there is text behind the end of the array")
                return
            yield self._element()
        if is_array:
            self.notices.append(_CUT_OFF)

    def _pages(self, names: Sequence[str]) -> Iterator[Row | Rejected]:
        """Yield what is in the lists of one object, or of several that follow each other."""
        missing = f"no list at '{path_of(names)}'"
        if not self._enter_list(names):
            if self._text.startswith(("//", "/*"), self._place):
                missing += f" that can be read: line {self._line} has a comment, and JSON has none"
            raise SourceError(
                f"{self._source} has {missing}",
                hint="--record-path is the names that lead to the list, with dots between them and "
                "a backslash before a dot in a name.",
            )
        while True:
            self._advance(self._place + 1)
            while self._skip() and self._text[self._place] != "]":
                yield self._element()
            if not self._begins("]"):
                self.notices.append(_CUT_OFF)
                return
            self._advance(self._place + 1)
            self._pass_value(len(names))
            if not self._skip():
                return
            if not self._enter_list(names):
                yield self._refuse_rest(f"here stands what has {missing}: the rest is not read")
                return

    def _enter_list(self, names: Sequence[str]) -> bool:
        return all(map(self._enter, names)) and self._begins("[")

    def _enter(self, wanted: str) -> bool:
        """Move on to a member of the object that begins here. Returns False for none."""
        if not self._begins("{"):
            return False
        self._advance(self._place + 1)
        while self._begins('"'):
            name = self._pass_text()
            if not self._begins(":"):
                return False
            self._advance(self._place + 1)
            if name == wanted:
                return True
            self._pass_value()
        return False

    def _begins(self, sign: str) -> bool:
        return self._skip() and self._text[self._place] == sign

    def _pass_text(self) -> str | None:
        """Return a member's name, or another JSON text, and move on behind it."""
        while not (found := _TEXT.match(self._text, self._place)):
            if not self._hold_more():
                self._advance(len(self._text))
                return None
        self._advance(found.end())
        return name_of(found[0])

    def _pass_value(self, depth: int = 0) -> None:
        """Pass over a value, with all that is in it, or the rest of `depth` that are open."""
        while self._skip():
            sign = self._text[self._place]
            if sign == '"':
                self._pass_text()
            elif sign in "{}[]":
                depth += 1 if sign in "{[" else -1
                self._advance(self._place + 1)
            else:
                self._advance(_SCALAR_OR_COLON.match(self._text, self._place).end())  # type: ignore[union-attr]
            if depth <= 0:
                return

    def _element(self) -> Row | Rejected:
        self._number += 1
        self._learn_indent()
        value, end = self._object()
        return self._take(end, value) if end else self._by_brackets()

    def _object(self) -> tuple[Any, int]:
        """Return the object that begins here and where it ends: 0 where it is not right."""
        while self._text[self._place] == "{":
            try:
                return decoder.raw_decode(self._text, self._place)
            except json.JSONDecodeError as error:
                if not (self._may_go_on(error) and self._hold_more()):
                    break
            except (ValueError, RecursionError):
                break
        return None, 0

    def _may_go_on(self, error: json.JSONDecodeError) -> bool:
        """Tell whether the fault may only be that the rest is not held yet."""
        return error.pos >= len(self._text) - _LONGEST_WORD or error.msg.startswith("Unterminated")

    def _hold_more(self) -> bool:
        """Hold twice as much of the element, up to the limit. Returns False for no more."""
        held = len(self._text) - self._place
        return held <= self._limit and self._fill(min(2 * held, self._limit + 1))

    def _by_brackets(self) -> Rejected | Row:
        """Read an element that is no right object, up to where its brackets are closed."""
        end, fault = self._end_of_element()
        if fault is None:
            return self._take(end)
        line, text = self._line, self._text[self._place : self._place + _KEPT]
        if not self._skip_to_next():
            fault += ", and nothing tells where the next one begins: the rest is not read"
        else:
            text = text[: self._passed]
        if self._passed > self._limit:
            return self._too_large(self._number, line, text)
        return self._malformed(self._number, line, text.rstrip(", \t\r\n"), fault)

    def _end_of_element(self) -> tuple[int, str | None]:
        """Return where the element ends, or what is wrong with its brackets."""
        if self._text[self._place] not in "{[":
            while (end := _SCALAR.match(self._text, self._place).end()) == len(self._text):  # type: ignore[union-attr]
                if not self._hold_more():
                    break
            return max(end, self._place + 1), None
        while True:
            following = self._next_element.search(self._text, self._place)
            stop = following.start() if following else len(self._text)
            end, fault = self._matching_bracket(stop)
            if fault != _NEVER_CLOSED or following or not self._hold_more():
                return end, fault

    def _matching_bracket(self, stop: int) -> tuple[int, str | None]:
        opened: list[str] = []
        for token in _TOKEN.finditer(self._text, self._place, stop):
            bracket = token[0]
            if bracket in _PAIRS:
                if opened.pop() != _PAIRS[bracket]:
                    return 0, "no JSON object: its brackets do not match"
                if not opened:
                    return token.end(), None
            elif bracket in "{[":
                opened.append(bracket)
        return 0, _NEVER_CLOSED

    def _take(self, end: int, value: Any = None) -> Row | Rejected:
        """Return what stands up to `end` as a row, and move on behind it."""
        row = self.parse(self._number, self._line, self._text[self._place : end].rstrip(), value)
        self._advance(end)
        return row

    def _refuse_rest(self, message: str) -> Rejected:
        self._number += 1
        line, text = self._line, self._text[self._place : self._place + _KEPT]
        self._advance(len(self._text))
        while self._fill(1):
            self._advance(len(self._text))
        return self._malformed(self._number, line, text, message)

    def _skip_to_next(self) -> bool:
        """Pass over everything before the next line that begins an element, if there is one."""
        self._passed = 0
        while True:
            found = self._next_element.search(self._text, self._place)
            if found is not None:
                self._passed += found.start() - self._place
                self._advance(found.start())
                return True
            end = max(self._place, len(self._text) - _KEPT) if not self._ended else len(self._text)
            self._passed += end - self._place
            self._advance(end)
            if not self._fill(2 * _KEPT):
                self._advance(len(self._text))
                return False

    def _learn_indent(self) -> None:
        """Remember how far this element is indented where it begins a line."""
        start = self._place
        while start and self._text[start - 1] in " \t":
            start -= 1
        if self._text[self._place] == "{" and start and self._text[start - 1] in "\r\n":
            indent = self._text[start : self._place]
            self._next_element = re.compile(r"[\r\n]" + re.escape(indent) + r"\{")

    def _skip(self) -> bool:
        """Pass over what stands between elements. Returns False at the end of the file."""
        while True:
            end = _BETWEEN.match(self._text, self._place).end()  # type: ignore[union-attr]
            if end < len(self._text):
                self._advance(end)
                return True
            # The last characters stay, so that an indent is still known.
            self._advance(max(self._place, end - _BLOCK) if not self._ended else end)
            if not self._fill(_BLOCK + 1):
                self._advance(len(self._text))
                return False

    def _advance(self, place: int) -> None:
        self._line += len(_LINE_END.findall(self._text, self._place, place))
        self._place = place

    def _fill(self, wanted: int) -> bool:
        """Hold at least `wanted` characters, as far as there are any. Returns False for no more."""
        if self._ended or len(self._text) - self._place >= wanted:
            return False
        kept = max(0, self._place - _BLOCK)
        parts = [self._text[kept:]]
        size = len(self._text) - self._place
        while size < 2 * wanted and not self._ended:
            block = self._stream.read(_BLOCK)
            if block.endswith("\r"):
                block += self._stream.read(1)  # a CRLF is counted in one piece
            self._ended = not block
            parts.append(block)
            size += len(block)
        self._text = "".join(parts)
        self._place -= kept
        return len(parts) > 2 or bool(parts[-1])  # noqa: PLR2004
