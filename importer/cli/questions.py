"""Asks what only a person can know: about a results file, about the values of a list."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from importer.cli.text import cut, say
from importer.errors import ConfigError

if TYPE_CHECKING:
    from importer.config import ImportConfig
    from importer.errors import QuestionError
    from importer.mapper.suggest.questions import Question
    from importer.suggesting.proposal import Stated

__all__ = ["answer_of", "answered", "checked_region", "checked_zone"]

_NONE = "none"
_WIDEST = 30


def answered(config: ImportConfig, question: QuestionError) -> ImportConfig:
    """
    Ask a question on the terminal. Returns the settings with the answer.

    Raises `click.Abort` if the answer is to stop.
    """
    say(f"{question.message}.", err=True)
    choices = list(question.answers)
    for number, choice in enumerate(choices, 1):
        say(f"  {number}  {choice}", err=True)
    say("  0  stop, send nothing", err=True)
    number = click.prompt("Which one?", type=click.IntRange(0, len(choices)), default=0, err=True)
    if not number:
        raise click.Abort
    settings: dict[str, Any] = dict(question.answers[choices[number - 1]])
    return config.replace(**settings)


def checked_zone(name: str) -> str:
    """Return the name of a time zone. Raises `ConfigError` for any other."""
    from importer.mapper.values.dates import load_zone

    try:
        load_zone(name)
    except ValueError as error:
        raise ConfigError(f"--timezone {name}: {error}") from None
    return name


def checked_region(name: str) -> str:
    """Return the ISO 3166 code of a country's code or name. Raises `ConfigError` for any other."""
    from importer.mapper.kinds.phone import check_region
    from importer.mapper.values.countries import read_country
    from importer.mapper.values.text import BadValue

    try:
        code = read_country(name)
        check_region(code)
    except BadValue as error:
        raise ConfigError(f"--region {name}: it {error.reason}", hint=error.hint) from None
    except ValueError as error:
        raise ConfigError(f"--region {name}: {error}") from None
    return code


def _words_stand_for(question: Question) -> dict[str, str]:
    """
    Ask on the terminal what the words of a column stand for. Returns the allowed word of each.

    Words that a person leaves out stand for "", which is not sent.
    """
    columns = ", ".join(repr(cut(name, _WIDEST)) for name in question.columns)
    allowed = ", ".join(question.likely)
    say(f"The words of {columns} are not those of the CRM, which takes {allowed}.", err=True)

    def read(answer: str) -> str:
        if answer not in question.likely:
            raise ConfigError(f"Answer one of {allowed}")
        return answer

    found = {}
    for word in question.words:
        likely = [word.meant] if word.meant else []
        count = f"{word.count:,} value{'' if word.count == 1 else 's'}"
        if word.is_sure and word.meant:
            found[word.text] = word.meant
        else:
            text = f"{cut(word.text, _WIDEST)!r} ({count}) stands for"
            found[word.text] = _ask(text, likely, read, none="not to send it") or ""
    return found


def answer_of(question: Question, stated: Stated) -> dict[str, Any]:
    """
    Ask about the values of a list on the terminal. Returns what is `stated` by the answer.

    It is empty if the person does not know.
    """
    if question.about == "words":
        return {"words": {**stated.words, question.field: _words_stand_for(question)}}
    columns = ", ".join(repr(cut(name, _WIDEST)) for name in question.columns)
    example = cut(question.example, _WIDEST)
    values = f"{question.count:,} value{'' if question.count == 1 else 's'} of {columns}"
    if question.about == "order":
        say(f"{values} can be read with the day or the month first, e.g. {example}.", err=True)
        order = _ask("Which comes first, day or month?", ["day", "month"], _order)
        return {} if order is None else {"month_first": order == "month"}
    if question.about == "region":
        say(f"{values} have no country code, e.g. {example}.", err=True)
        if question.likely:
            say(f"They are written as in {' or '.join(question.likely)}.", err=True)
        code = _ask("Which country are they from?", question.likely, checked_region)
        return {} if code is None else {"region": code}
    from importer.suggesting.zones import likely_zones

    say(f"{values} are times without a time zone, e.g. {example}.", err=True)
    zone = _ask("Which time zone are they in?", likely_zones(stated.region), checked_zone)
    return {} if zone is None else {"timezone": zone}


def _ask(
    text: str,
    likely: list[str] | tuple[str, ...],
    read: Callable[[str], str],
    *,
    none: str = "to leave it open",
) -> str | None:
    """Return the answer to a question, or None for `none`. What cannot be read is asked again."""

    def read_answer(answer: str) -> str | None:
        if answer.strip().casefold() == _NONE:
            return None
        try:
            return read(answer.strip())
        except ConfigError as error:
            raise click.UsageError(f"{error.message}. {error.hint or ''}".rstrip()) from None

    asked: str | None = click.prompt(
        f'{text} ("{_NONE}" {none})',
        default=likely[0] if likely else _NONE,
        value_proc=read_answer,
        err=True,
    )
    return asked


def _order(answer: str) -> str:
    if answer not in {"day", "month"}:
        raise ConfigError("Answer day or month")
    return answer
