"""A text for people as a code and its values: it is worded where somebody reads it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Self

from importer.core.locale.gaps import TextForm, gap
from importer.core.locale.language import N_, Language
from importer.core.locale.titles import field_title, word_title

_OTHER_REASON = N_("is not in a form that is taken")
"""The words of a library in languages that it does not speak."""
_TITLES: Mapping[TextForm, Callable[[str, Language], str]] = {
    TextForm.FIELD: field_title,
    TextForm.WORD: word_title,
    TextForm.LIBRARY: lambda _, language: language.gettext(_OTHER_REASON),
}
_OF_OTHERS = "%(text)s"
_WITH_ANSWER = "%(what)s: %(text)s"
_GAPS = re.compile(r"%\(\w+\)s|%%")
Show = Callable[[TextForm, Any], str | None]
"""Returns how to show a value of this form; None for the usual way."""


class Message(str):
    """
    A text in English that keeps its code and its values, so that it can be said otherwise.

    `code` is the English text with a gap such as `%(count)s` for each of the `values`: texts,
    numbers, other messages, or lists of them. The table of gaps says how a text is shown, and
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
        kept = {name: _plain(name, value) for name, value in values.items()}
        shown = {name: _shown(name, value) for name, value in kept.items()}
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
        return not self.is_foreign and self.has_words_in(language)

    def has_words_in(self, language: Language) -> bool:
        """Return whether a language has words for all of it that the importer says."""
        if language.code == "en":
            return True
        is_said = any(sign.isalpha() for sign in _GAPS.sub("", self.code)) and not self.is_foreign
        if is_said and language.texts.find(self.code) is None:
            return False
        return all(one.has_words_in(language) for one in self._inside())

    def _inside(self) -> Iterator[Message]:
        """Yield the messages among the values."""
        for value in self.values.values():
            yield from (one for one in _several(value) if isinstance(one, Message))

    def words(self, language: Language, show: Show | None = None) -> str:
        """
        Return the text in a language, or in English if a part of it has no words in that one.

        `show` may show some values in another way.
        """
        if not self.has_words_in(language):
            return str(self)
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
        """Return the message without what a service answered, and without values."""
        own = self.values["what"] if self.code == _WITH_ANSWER else self
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
            for one in _several(value):
                if isinstance(one, Message):
                    yield from one.codes()
                elif gap(name).form is TextForm.LIBRARY:
                    yield str(one)

    def value_of(self, name: str) -> Any:
        """Return the first value with this name, in this message or inside it."""
        if name in self.values:
            return self.values[name]
        found = (one.value_of(name) for one in self._inside())
        return next((one for one in found if one is not None), None)

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
            if (
                isinstance(code, str)
                and ("%" not in _GAPS.sub("", code))
                and isinstance(values, Mapping)
            ):
                try:
                    return cls(code, **{name: _from_json(one) for name, one in values.items()})
                except (KeyError, TypeError, ValueError):
                    pass
        return None if text is None else cls(text)

    def map_texts(self, change: Callable[[str], str]) -> Message:
        """Return the message with each text among its values changed."""
        return Message(self.code, **{n: _changed(v, change) for n, v in self.values.items()})

    def plain(self) -> Message:
        """
        Return the message in words for people without a command line, as `plain.toml` has them.

        It may be empty: then there is nothing to say to them.

            >>> Message("Check --base-url (VOREL_BASE_URL).").plain()
            'Check the “Address of the service”.'
        """
        code = plain_codes().get(self.code, self.code)
        return Message(code, **{n: _plain_value(v) for n, v in self.values.items()} if code else {})


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


def with_answer(what: Message, text: str) -> Message:
    """Return a message that ends with what a service has answered."""
    return Message(_WITH_ANSWER, what=what, text=text)


def message_of(error: BaseException) -> Message:
    """Return the message of an error; what a library says are somebody else's words."""
    own = getattr(error, "message", None) or next(iter(error.args), None)
    return own if isinstance(own, Message) else foreign(str(error))


def faults_in(name: object, faults: Iterable[Message]) -> Message:
    """Return a message with a line for each fault of a file that the user has written."""
    return joined((Message("%(name)s: %(fault)s", name=name, fault=one) for one in faults), "lines")


def _again(code: str, values: Mapping[str, Any]) -> Message:
    return Message(code, **values)


def _plain(name: str, value: object) -> object:
    if isinstance(value, list | tuple):
        return [_plain(name, one) for one in value]
    if isinstance(value, BaseException):
        own = message_of(value)
        return str(value) if own.is_foreign and gap(name).form is TextForm.LIBRARY else own
    return value if isinstance(value, str | int | float | None) else str(value)


def _several(value: Any) -> Iterable[Any]:
    return value if isinstance(value, list | tuple) else [value]


def _without(name: str, value: object) -> object:
    if isinstance(value, list | tuple):
        shown = [_without(name, one) for one in value]
        return _HIDDEN if _HIDDEN in shown else shown
    if isinstance(value, Message):
        return value.without_values()
    is_shown = isinstance(value, int | float) or gap(name).is_public
    return value if is_shown or value == "" else _HIDDEN


def _shown(
    name: str, value: object, language: Language | None = None, show: Show | None = None
) -> str:
    """Return a value of a gap as it is shown in a language, or in English without one."""
    own = gap(name)
    if isinstance(value, list | tuple):
        between = own.between if language is None else language.gettext(own.between)
        return between.join(_shown(name, one, language, show) for one in value)
    if isinstance(value, Message):
        return str(value) if language is None else value.words(language, show)
    found = None
    if own.form is not None and isinstance(value, str) and language is not None:
        found = show(own.form, value) if show is not None else None
        if found is None and language.code != "en" and own.form in _TITLES:
            found = _TITLES[own.form](value, language)
    if found is not None:
        return found
    return repr(str(value)) if isinstance(value, str) and own.is_quoted else str(value)


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


@cache
def plain_codes() -> Mapping[str, str]:
    """Return the codes that `plain.toml` has in place of others."""
    import tomllib  # the command line needs none of it

    text = Path(__file__).with_name("plain.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def _plain_value(value: object) -> object:
    if isinstance(value, list | tuple):
        return [one for one in map(_plain_value, value) if one != ""]
    return value.plain() if isinstance(value, Message) else value


def _changed(value: object, change: Callable[[str], str]) -> object:
    if isinstance(value, list | tuple):
        return [_changed(one, change) for one in value]
    if isinstance(value, Message):
        return value.map_texts(change)
    return change(value) if isinstance(value, str) else value
