"""Parses one JSON object without losing anything: digits, names that repeat, broken characters."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import NoReturn

from importer.core.locale.language import N_
from importer.core.locale.message import Message, joined
from importer.core.records import Rejected, Row
from importer.core.shared import LONE_SURROGATE, OWN_PREFIX, JsonValue
from importer.reader.row_maker import RAW_NAME, RowMaker

_STILL_RAW = N_("the text in %(name)s has not been corrected yet")
_CORRECT = Message(
    "In the failed file, add the members to the object with %(name)s.", name=RAW_NAME
)
_MAX_DEPTH = 100
_MAX_EXPONENT = 1000
_KINDS = {
    list: Message("it is an array"),
    str: Message("it is a string"),
    bool: Message("it is true or false"),
    type(None): Message("it is null"),
}
_ESCAPED_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


class _InexactJsonError(ValueError):
    """Raised for JSON that Python's parser accepts, but that cannot be kept exactly."""


def _unique_names(pairs: list[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        repeated = next(name for name in found if names.count(name) > 1)
        raise _InexactJsonError(Message("the name %(column)s appears twice", column=repeated))
    return found


def _exact_number(text: str) -> float | Decimal:
    """Return a double if it has exactly the value written, else a Decimal with every digit."""
    number = float(text)
    try:
        exact = Decimal(text)
    except ArithmeticError:
        exact = Decimal("inf")
    if Decimal(repr(number)) == exact and exact.is_finite():
        return number
    # Written out, a number such as 1e999999999 would fill the memory of its reader.
    if not exact.is_finite() or abs(exact.adjusted()) > _MAX_EXPONENT:
        raise _InexactJsonError(
            Message("a number is too large or too small (exponent beyond 1,000)")
        )
    return exact


def _refuse_constant(text: str) -> NoReturn:
    raise _InexactJsonError(Message("%(text)s is not a JSON number", text=text))


decoder = json.JSONDecoder(
    object_pairs_hook=_unique_names, parse_float=_exact_number, parse_constant=_refuse_constant
)
"""Decodes JSON and raises `ValueError` for NaN, repeated names, and numbers it cannot keep."""


def parse_object(text: str) -> dict[str, JsonValue]:
    """
    Return the JSON object in `text`, with all its names.

    Raises `ValueError` that says what is wrong: broken JSON, NaN, a repeated name, not an object,
    nested deeper than 100 levels, a number that cannot be kept, or half a surrogate pair.
    """
    try:
        value = decoder.decode(text)
    except json.JSONDecodeError as error:
        is_comment = text.startswith(("//", "/*"), error.pos)
        fault = Message("%(reason)s", reason=error.msg)
        if is_comment:
            fault = Message("a comment, which JSON does not allow,")
        place = Message("%(what)s at character %(number)s", what=fault, number=error.pos + 1)
        raise ValueError(place) from error
    except _InexactJsonError:
        raise
    except ValueError:  # Python's own limit, against numbers that take minutes to convert
        raise ValueError(Message("an integer has more than 4,300 digits")) from None
    except RecursionError:
        raise ValueError(Message("it is nested too deeply")) from None
    return _checked(value, text)


def _checked(value: JsonValue, text: str) -> dict[str, JsonValue]:
    """Return what `decoder` returned for `text`. Raises like `parse_object`."""
    if not isinstance(value, dict):
        raise _InexactJsonError(_KINDS.get(type(value), Message("it is a number")))
    if text.count("{") + text.count("[") > _MAX_DEPTH and _is_deeper(value, _MAX_DEPTH):
        raise ValueError(Message("it is nested deeper than %(count)s levels", count=_MAX_DEPTH))
    if _ESCAPED_SURROGATE.search(text) and LONE_SURROGATE.search(
        json.dumps(value, ensure_ascii=False, default=str)
    ):
        raise ValueError(Message("it has half a surrogate pair, which is not a character"))
    return value


def _is_deeper(value: JsonValue, levels: int) -> bool:
    if isinstance(value, dict):
        value = list(value.values())
    if not isinstance(value, list):
        return False
    return levels == 0 or any(_is_deeper(item, levels - 1) for item in value)


@dataclass(frozen=True, slots=True, kw_only=True)
class RowParser:
    """
    Makes a `Row` or a `Rejected` of the text of one JSON object.

    `hint` says what to do about an object that is malformed. A text of more than `max_row_bytes`
    characters is rejected.
    """

    maker: RowMaker
    max_row_bytes: int
    hint: Message

    def parse(self, number: int, line: int, text: str, value: JsonValue = None) -> Row | Rejected:
        """Return the row in `text`; `value` is what `decoder` returned for it, if known."""
        if len(text) > self.max_row_bytes:
            return self.too_large(number, line, text)
        if undecodable := self.maker.undecodable(number, line, text):
            return undecodable
        try:
            values = parse_object(text) if value is None else _checked(value, text)
        except ValueError as error:
            why = error.args[0]
            return self.malformed(
                number, line, text, Message("not a JSON object: %(why)s", why=why)
            )
        # In the joined names first, which takes a tenth of the time.
        if OWN_PREFIX in "".join(values) and any(name.startswith(OWN_PREFIX) for name in values):
            return self.maker.derived(number, line, values, _STILL_RAW, _CORRECT)
        return Row(number=number, line=line, source=self.maker.source, values=values)

    def too_large(self, number: int, line: int, text: str) -> Rejected:
        """Reject an object that is longer than `max_row_bytes`."""
        message = Message(
            "the row is longer than %(count)s characters", count=f"{self.max_row_bytes:,}"
        )
        hint = Message("Raise --max-row-bytes if the row is right.")
        return self.maker.rejected(number, line, text, message, hint, "row_too_large")

    def malformed(self, number: int, line: int, text: str, message: Message) -> Rejected:
        """Reject a text that is not a JSON object."""
        return self.maker.rejected(
            number, line, text, message, joined([self.hint, _CORRECT], "sentences")
        )
