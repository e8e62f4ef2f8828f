"""Reads JSON: the objects of an array, or consecutive objects of several lines each."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence

from importer.core.errors import SourceError
from importer.core.locale.message import Message
from importer.core.records import Rejected, Row
from importer.core.shared import JsonValue
from importer.reader.json.record_path import enter_list, names_of, next_list, path_of, skip_value
from importer.reader.json.row_parser import RowParser, decoder
from importer.reader.json.window import TextWindow
from importer.reader.row_maker import RowMaker
from importer.reader.text.lines import TextSource

_KEPT = 64 * 1024
_SCALAR = re.compile(r"[^,\]\[{}\r\n]*")
# A string without its closing quote ends with its line: JSON strings have no line ends.
_TOKEN = re.compile(r'"(?:[^"\\\r\n]|\\[^\r\n])*(?:"|\\?(?=[\r\n])|\\?\Z)|[{}\[\]]')
_CUT_OFF = Message("the JSON array is never closed: the file may have been cut off")
_NEVER_CLOSED = Message("not a JSON object: it is never closed")
_LONGEST_WORD = len("-Infinity") + 1
_PAIRS = {"}": "{", "]": "["}


class JsonReader:
    """
    Iterates over the objects of one JSON stream as `Row` or `Rejected`, in order.

    The stream is an array of objects, or consecutive objects. A bad element is one
    error, and the next element is read: where brackets do not match, that is the next object that
    begins a line with the same indent as the ones before. Memory is bounded by `max_row_bytes`.

    With `record_path` the array is the one at that path in an object, or in each of several
    objects. Iterating raises `SourceError` where the first object has none. A path that `is_found`
    was stated by nobody: then a further list of objects in the same object is one error.
    """

    columns: list[str] | None = None
    is_derived = False

    def __init__(
        self,
        stream: TextSource,
        *,
        source: str,
        max_row_bytes: int,
        notices: Sequence[Message] = (),
        record_path: str | None = None,
        is_found: bool = False,
    ) -> None:
        self.notices = [*notices]
        if is_found:
            self.notices.append(
                Message(
                    "the rows are the list %(column)s in one JSON object; if the object is one "
                    "row, use --format json",
                    column=record_path,
                )
            )
        self._window = TextWindow(stream, max_row_bytes)
        self._parser = RowParser(
            maker=RowMaker(source),
            max_row_bytes=max_row_bytes,
            hint=Message("Write a JSON object here."),
        )
        self._path = record_path
        self._is_found = is_found
        self._number = 0
        self._next_element = re.compile(r"[\r\n]\{")

    def __iter__(self) -> Iterator[Row | Rejected]:
        if self._path is not None:
            return self._read_pages(names_of(self._path))
        return self._read_stream()

    def _read_stream(self) -> Iterator[Row | Rejected]:
        window = self._window
        is_array = window.next_is("[")
        if is_array:
            window.advance(window.position + 1)
        while window.skip_separators():
            if is_array and window.next_is("]"):
                window.advance(window.position + 1)
                if window.skip_separators():
                    yield self._reject_rest(Message("there is text after the end of the array"))
                return
            yield self._read_element()
        if is_array:
            self.notices.append(_CUT_OFF)

    def _read_pages(self, names: Sequence[str]) -> Iterator[Row | Rejected]:
        """Yield the elements of the lists in one object, or in several that follow each other."""
        window = self._window
        path = path_of(names)
        if not enter_list(window, names):
            raise self._no_list(path)
        while True:
            window.advance(window.position + 1)
            while window.skip_separators() and not window.next_is("]"):
                yield self._read_element()
            if not window.next_is("]"):
                self.notices.append(_CUT_OFF)
                return
            window.advance(window.position + 1)
            if self._is_found and (other := next_list(window, names)):
                yield self._reject_rest(
                    Message(
                        "this object has another list at %(quoted)s, which is not read; name "
                        "the list with --record-path",
                        quoted=path_of(other),
                    )
                )
                return
            if not self._is_found:
                skip_value(window, len(names))
            if not window.skip_separators():
                return
            if not enter_list(window, names):
                yield self._reject_rest(
                    Message(
                        "this object has no list at %(quoted)s: the rest is not read", quoted=path
                    )
                )
                return

    def _no_list(self, path: str) -> SourceError:
        window = self._window
        fault = Message(
            "%(name)s has no list at %(quoted)s", name=self._parser.maker.source, quoted=path
        )
        if window.text.startswith(("//", "/*"), window.position):
            fault = Message(
                "%(what)s: line %(line)s has a comment, which JSON does not allow",
                what=fault,
                line=window.line,
            )
        return SourceError(
            fault,
            hint="--record-path takes the names that lead to the list, joined with dots; put a "
            "backslash before a dot within a name.",
        )

    def _read_element(self) -> Row | Rejected:
        self._number += 1
        self._learn_indent()
        value, end = self._decode_object()
        return self._row_up_to(end, value) if end else self._read_by_brackets()

    def _decode_object(self) -> tuple[JsonValue, int]:
        """Return the object that begins here and where it ends, or (None, 0) for a broken one."""
        window = self._window
        while window.text[window.position] == "{":
            try:
                return decoder.raw_decode(window.text, window.position)
            except json.JSONDecodeError as error:
                if not (self._may_be_incomplete(error) and window.grow()):
                    break
            except (ValueError, RecursionError):
                break
        return None, 0

    def _may_be_incomplete(self, error: json.JSONDecodeError) -> bool:
        """Return whether an error may only mean that the rest of the object is not held yet."""
        near_end = error.pos >= len(self._window.text) - _LONGEST_WORD
        return near_end or error.msg.startswith("Unterminated")

    def _read_by_brackets(self) -> Rejected | Row:
        """Read an element that is not a valid object, up to its closing bracket."""
        window = self._window
        end, fault = self._end_of_element()
        if fault is None:
            return self._row_up_to(end)
        line = window.line
        text = window.text[window.position : window.position + _KEPT]
        found, skipped = window.skip_to(self._next_element, _KEPT)
        if found:
            text = text[:skipped]
        else:
            fault = Message(
                "%(what)s, and the beginning of the next one cannot be found: the rest is not read",
                what=fault,
            )
        if skipped > self._parser.max_row_bytes:
            return self._parser.too_large(self._number, line, text)
        return self._parser.malformed(self._number, line, text.rstrip(", \t\r\n"), fault)

    def _end_of_element(self) -> tuple[int, Message | None]:
        """Return where the element ends, or what is wrong with its brackets."""
        window = self._window
        if window.text[window.position] not in "{[":
            while (end := _SCALAR.match(window.text, window.position).end()) == len(window.text):  # type: ignore[union-attr]
                if not window.grow():
                    break
            return max(end, window.position + 1), None
        while True:
            following = self._next_element.search(window.text, window.position)
            stop = following.start() if following else len(window.text)
            end, fault = self._matching_bracket(stop)
            if fault != _NEVER_CLOSED or following or not window.grow():
                return end, fault

    def _matching_bracket(self, stop: int) -> tuple[int, Message | None]:
        opened: list[str] = []
        for token in _TOKEN.finditer(self._window.text, self._window.position, stop):
            bracket = token[0]
            if bracket in _PAIRS:
                if opened.pop() != _PAIRS[bracket]:
                    return 0, Message("not a JSON object: its brackets do not match")
                if not opened:
                    return token.end(), None
            elif bracket in "{[":
                opened.append(bracket)
        return 0, _NEVER_CLOSED

    def _row_up_to(self, end: int, value: JsonValue = None) -> Row | Rejected:
        """Return the text up to `end` as a row, and move behind it."""
        window = self._window
        text = window.text[window.position : end].rstrip()
        row = self._parser.parse(self._number, window.line, text, value)
        window.advance(end)
        return row

    def _reject_rest(self, message: Message) -> Rejected:
        window = self._window
        self._number += 1
        line = window.line
        text = window.text[window.position : window.position + _KEPT]
        window.skip_rest()
        return self._parser.malformed(self._number, line, text, message)

    def _learn_indent(self) -> None:
        """Remember the indent of this element if it begins a line."""
        text, start = self._window.text, self._window.position
        while start and text[start - 1] in " \t":
            start -= 1
        if text[self._window.position] == "{" and start and text[start - 1] in "\r\n":
            indent = text[start : self._window.position]
            self._next_element = re.compile(r"[\r\n]" + re.escape(indent) + r"\{")
