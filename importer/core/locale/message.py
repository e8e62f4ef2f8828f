"""A text for people as a code and its values: it is worded where somebody reads it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Self

from importer.core.locale.language import N_, Language
from importer.core.locale.titles import field_title, word_title

_QUOTED = frozenset({"both", "column", "columns", "either", "mapped", "quoted", "value"})
"""Gaps whose texts are shown in quotation marks."""
_PUBLIC = frozenset(
    {
        "all", "allowed", "at", "before", "cells", "command", "count", "country", "encoding",
        "expected", "fault", "field", "fields", "flag", "form", "formats", "found", "host",
        "key", "kind", "line", "mapped", "meanings", "minutes", "most", "name",
        "names", "new", "now", "number", "object", "package", "path", "place", "ref", "regions",
        "row", "rows", "run", "seconds", "secret", "share", "since", "size", "type", "words",
    }
)  # fmt: skip
"""
Gaps that a log may show: what they hold comes from the importer, its settings or the system.

Any other text is of a list, or somebody else's words that may quote one. Numbers are shown.
"""
_SEPARATORS = {
    "parts": "; ",
    "lines": "\n",
    "sentences": " ",
    "choices": ", or ",
    "both": " and ",
    "either": " or ",
    "regions": " or ",
}
_ARABIC_SEPARATORS = {
    **_SEPARATORS,
    "parts": "؛ ",
    "choices": " أو ",
    "both": " و",
    "either": " أو ",
    "regions": " أو ",
}
_OTHER_REASON = N_("is not in a form that is taken")
"""The words of a library in languages that it does not speak."""
_OF_OTHERS = "%(text)s"
_IN_QUOTES = re.compile(r"'[^']*'|\"[^\"]*\"")
_GAPS = re.compile(r"%\(\w+\)s|%%")
Show = Callable[[str, Any], str | None]
"""Returns how to show a value in the gap with this name; None for the usual way."""


class Message(str):
    """
    A text in English that keeps its code and its values, so that it can be said otherwise.

    `code` is the English text with a gap such as `%(count)s` for each of the `values`: texts,
    numbers, other messages, or lists of them. The names of gaps say how a value is shown, and
    whether a log may have it (`without_values`).

        >>> said = Message("%(name)s has no column %(column)s", name="list.csv", column="Omar")
        >>> said
        "list.csv has no column 'Omar'"
        >>> said.without_values()
        'list.csv has no column …'
    """

    __slots__ = ("code", "values")
    code: str
    values: Mapping[str, Any]

    def __new__(cls, code: str, /, **values: object) -> Self:
        """Return the message; a value that is no text, number or list is shown as it prints."""
        kept = {name: _plain(value) for name, value in values.items()}
        shown = {name: _in_english(name, value) for name, value in kept.items()}
        self = super().__new__(cls, code % shown if shown else code)
        self.code = code
        self.values = kept
        return self

    @classmethod
    def of(cls, text: str) -> Message:
        """Return a message as it is, or one of this code."""
        return text if isinstance(text, Message) else Message(text)

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: object, handler: Callable[[Any], Any]) -> Any:
        """Return the schema of a text, which is what a message is in JSON."""
        return handler(str)

    def __reduce__(self) -> tuple[Callable[..., Message], tuple[str, Mapping[str, Any]]]:
        return _again, (self.code, self.values)

    def __deepcopy__(self, _memo: object) -> Self:
        return self

    @property
    def is_foreign(self) -> bool:
        """Whether all of it is in somebody else's words."""
        return self.code == _OF_OTHERS

    def is_in(self, language: Language) -> bool:
        """Return whether a language has words for it, which nobody has for those of others."""
        if self.is_foreign or language.code == "en":
            return not self.is_foreign
        has_words = any(sign.isalpha() for sign in _GAPS.sub("", self.code))
        return not has_words or language.texts.find(self.code) is not None

    def words(self, language: Language, show: Show | None = None) -> str:
        """Return the text in a language. `show` may show some values in another way."""
        text = language.gettext(self.code)
        if not self.values:
            return text
        return text % {
            name: _shown(name, value, language, show) for name, value in self.values.items()
        }

    def without_values(self) -> Message:
        """Return the message with … for each value that a log must not have."""
        return Message(self.code, **{n: _without(n, value) for n, value in self.values.items()})

    def in_own_words(self) -> Message:
        """Return the message without what a service said after it, and without values."""
        own = self.values.get("stop")
        return (own if isinstance(own, Message) else self).without_values()

    def each_line(self) -> list[Message]:
        """Return the lines of a message of several."""
        lines: list[Message] = self.values.get("lines", [self])
        return lines

    def first_line(self) -> Message:
        """Return the first line of a message of several."""
        first = self.each_line()[0]
        title: Message = first.values.get("title", first)
        return title

    def codes(self) -> Iterator[str]:
        """Yield what tells it from texts about other causes: its code, and those inside it."""
        yield self.code
        for name, value in self.values.items():
            for one in value if isinstance(value, list | tuple) else [value]:
                if isinstance(one, Message):
                    yield from one.codes()
                elif name == "reason":
                    yield str(one)

    def value_of(self, name: str) -> Any:
        """Return the first value with this name, in this message or inside it."""
        if name in self.values:
            return self.values[name]
        inner = (
            one
            for value in self.values.values()
            for one in (value if isinstance(value, list | tuple) else [value])
            if isinstance(one, Message)
        )
        return next((found for one in inner if (found := one.value_of(name)) is not None), None)

    def to_text(self) -> str:
        """Return code and values as a text, for `from_text`."""
        return json.dumps(self.to_json(), ensure_ascii=False)

    @classmethod
    def from_text(cls, text: str) -> Message:
        """Return the message of what `to_text` returned; any other text is somebody else's."""
        try:
            return cls.from_json(json.loads(text)) or foreign(text)
        except ValueError:
            return foreign(text)

    def to_json(self) -> dict[str, Any]:
        """Return code and values as JSON, for `from_json`."""
        return {"code": self.code, "values": {n: _to_json(v) for n, v in self.values.items()}}

    @classmethod
    def from_json(cls, form: object, text: str | None = None) -> Message | None:
        """Return the message of what `to_json` returned; for anything else that of this code."""
        if isinstance(form, Mapping):
            code, values = form.get("code"), form.get("values")
            if isinstance(code, str) and _is_code(code) and isinstance(values, Mapping):
                try:
                    return cls(code, **{name: _from_json(one) for name, one in values.items()})
                except (KeyError, TypeError, ValueError):
                    pass
        return None if text is None else cls(text)

    def map_texts(self, change: Callable[[str], str]) -> Message:
        """Return the message with each text among its values changed."""
        return Message(self.code, **{n: _changed(v, change) for n, v in self.values.items()})


def messages_to_json(value: Any) -> Any:
    """Return JSON in which each message is what `to_json` returns."""
    if isinstance(value, Message):
        return value.to_json()
    if isinstance(value, Mapping):
        return {name: messages_to_json(one) for name, one in value.items()}
    return [messages_to_json(one) for one in value] if isinstance(value, list | tuple) else value


def messages_from_json(value: Any) -> Any:
    """Return JSON as it was before `messages_to_json`."""
    if isinstance(value, Mapping):
        found = Message.from_json(value) if value.keys() == {"code", "values"} else None
        return found or {name: messages_from_json(one) for name, one in value.items()}
    return [messages_from_json(one) for one in value] if isinstance(value, list) else value


def with_parts(form: dict[str, Any]) -> dict[str, Any]:
    """Return JSON with what its messages are made of, in `<name>_parts`, where that is more."""
    parts = {
        f"{name}_parts": value.to_json()
        for name, value in form.items()
        if isinstance(value, Message) and value.values
    }
    return form | parts


def of_parts(form: Mapping[str, Any], *names: str) -> dict[str, Message | None]:
    """Return the messages with these names of a form; a text without parts is a code by itself."""
    return {
        name: Message.from_json(form.get(f"{name}_parts"), str(form[name]))
        for name in names
        if form.get(name) is not None
    }


_HIDDEN = Message("…")
"""In place of a value."""


def foreign(text: str) -> Message:
    """Return a message in the words of somebody else, such as a server; a message as it is."""
    return text if isinstance(text, Message) else Message(_OF_OTHERS, text=text)


def joined(messages: Iterable[str], by: str = "parts") -> Message:
    """
    Return one message of several, without empty ones.

    They are `parts` of a sentence, `sentences`, `lines` or `choices`.
    """
    several = [foreign(one) for one in messages if one]
    return several[0] if len(several) == 1 else Message(f"%({by})s", **{by: several})


def faults_in(name: object, faults: Iterable[str]) -> Message:
    """Return a message with a line for each fault of a file that the user has written."""
    return joined((Message("%(name)s: %(fault)s", name=name, fault=one) for one in faults), "lines")


def _is_code(text: str) -> bool:
    """Return whether a text has no other gaps than the plain ones of codes."""
    return "%" not in _GAPS.sub("", text)


def _again(code: str, values: Mapping[str, Any]) -> Message:
    return Message(code, **values)


def _plain(value: object) -> object:
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    own = getattr(value, "message", None) if isinstance(value, Exception) else None
    if isinstance(own, Message):
        return own
    return value if isinstance(value, str | int | float | None) else str(value)


def _in_english(name: str, value: object) -> str:
    if isinstance(value, list | tuple):
        return _SEPARATORS.get(name, ", ").join(_in_english(name, one) for one in value)
    is_quoted = _kind(name) in _QUOTED and isinstance(value, str) and not isinstance(value, Message)
    return repr(str(value)) if is_quoted else str(value)


def _without(name: str, value: object) -> object:
    if name == "fault" and isinstance(value, str) and not isinstance(value, Message):
        return _IN_QUOTES.sub("…", value)  # what is in a file of the user's, or was typed
    if isinstance(value, list | tuple):
        shown = [_without(name, one) for one in value]
        return _HIDDEN if _HIDDEN in shown else shown
    if isinstance(value, Message):
        return value.without_values()
    is_shown = isinstance(value, int | float) or _kind(name) in _PUBLIC
    return value if is_shown or value == "" else _HIDDEN


def _kind(name: str) -> str:
    """Return the name of a gap without the number that tells it from a like one."""
    return name.removesuffix("_2")


def _shown(name: str, value: object, language: Language, show: Show | None) -> str:
    if isinstance(value, list | tuple):
        separators = _ARABIC_SEPARATORS if language.code == "ar" else _SEPARATORS
        comma = "، " if language.code == "ar" else ", "
        return separators.get(name, comma).join(_shown(name, one, language, show) for one in value)
    if isinstance(value, Message):
        return value.words(language, show)
    if show is not None and (found := show(name, value)) is not None:
        return found
    if language.code != "en" and isinstance(value, str):
        titles = {"field": field_title, "fields": field_title, "words": word_title}
        if (title := titles.get(_kind(name))) is not None:
            return title(value, language)
        if name == "reason":
            return language.gettext(_OTHER_REASON)
    return _in_english(name, value)


def _to_json(value: object) -> Any:
    if isinstance(value, list | tuple):
        return [_to_json(one) for one in value]
    if isinstance(value, Message):
        return value.to_json()
    return value if isinstance(value, str | int | float) else str(value)


def _from_json(value: Any) -> object:
    if isinstance(value, list):
        return [_from_json(one) for one in value]
    if isinstance(value, Mapping):
        found = Message.from_json(value)
        if found is None:
            raise ValueError("it is no message")
        return found
    if not isinstance(value, str | int | float):
        raise TypeError("it is no value")
    return value


def _changed(value: object, change: Callable[[str], str]) -> object:
    if isinstance(value, list | tuple):
        return [_changed(one, change) for one in value]
    if isinstance(value, Message):
        return value.map_texts(change)
    return change(value) if isinstance(value, str) else value
