"""Asks what only a person can know: about a results file, about the values of a list."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from importer.cli.terminal_text import cut, say
from importer.core.errors import ConfigError
from importer.core.shared import counted

if TYPE_CHECKING:
    from importer.core.errors import QuestionError
    from importer.mapper.suggest.propose import Proposal, Question, Stated
    from importer.run.config import ImportConfig
    from importer.suggesting.countries import LikelyCountries
    from importer.suggesting.sampling import Sample

_NONE = "none"
_WIDEST = 30
_MOST_ZONES = 4
_COLUMNS = 5


def answered(config: ImportConfig, question: QuestionError) -> ImportConfig:
    """
    Ask a question on the terminal. Returns the settings with the answer.

    Raises `click.Abort` if the answer is to stop.
    """
    say(f"{question.message}.", err=True, always=True)
    choices = list(question.answers)
    for number, choice in enumerate(choices, 1):
        say(f"  {number}  {choice}", err=True, always=True)
    say("  0  stop, send nothing", err=True, always=True)
    number = click.prompt("Which one?", type=click.IntRange(0, len(choices)), default=0, err=True)
    if not number:
        raise click.Abort
    settings: dict[str, Any] = dict(question.answers[choices[number - 1]])
    return config.replace(**settings)


def checked_zone(name: str) -> str:
    """Return the name of a time zone. Raises `ConfigError` for any other."""
    from importer.suggesting.stated import zone_of

    return _of_flag("--timezone", zone_of, name)


def checked_region(name: str) -> str:
    """Return the ISO 3166 code of a country's code or name. Raises `ConfigError` for any other."""
    from importer.suggesting.stated import region_of

    return _of_flag("--region", region_of, name)


def _of_flag(flag: str, read: Callable[[str], str], given: str) -> str:
    try:
        return read(given)
    except ConfigError as error:
        raise ConfigError(
            "%(flag)s %(what)s", flag=flag, what=error.message, hint=error.hint
        ) from None


def _words_stand_for(question: Question) -> dict[str, str]:
    """
    Ask on the terminal what the words of a column stand for. Returns the allowed word of each.

    Words that a person leaves out stand for "", which is not sent.
    """
    columns = ", ".join(repr(cut(name, _WIDEST)) for name in question.columns)
    allowed = ", ".join(question.allowed)
    say(f"The words of {columns} are not those of the CRM, which takes {allowed}.", err=True)

    def read(answer: str) -> str:
        if answer not in question.allowed:
            raise ConfigError("Answer one of %(listed)s", listed=allowed)
        return answer

    found = {}
    for word in question.words:
        if word.is_sure and word.meant:
            found[word.text] = word.meant
        else:
            text = f"{cut(word.text, _WIDEST)!r} ({counted(word.count, 'value')}) stands for"
            found[word.text] = _ask(text, word.meant or _NONE, read, none="not to send it") or ""
    return found


def answer_of(
    question: Question, stated: Stated, countries: Callable[[Question], LikelyCountries]
) -> Stated:
    """
    Ask about the values of a list on the terminal. Returns what is `stated` with the answer.

    It is the same if the person does not know. `countries` finds the countries that phone numbers
    may be of.
    """
    if question.about == "words":
        return stated.change(question.field, {"values": _words_stand_for(question)})
    columns = ", ".join(repr(cut(name, _WIDEST)) for name in question.columns)
    example = cut(question.example, _WIDEST)
    values = f"{counted(len(question.values), 'value')} of {columns}"
    if question.about == "order":
        say(f"{values} can be read with the day or the month first, e.g. {example}.", err=True)
        order = _ask("Which comes first, day or month?", None, _order)
        return stated if order is None else replace(stated, month_first=order == "month")
    if question.about == "region":
        likely = countries(question)
        what = "It would be sent as" if likely.countries else ""
        say(f"{values} have no country code, e.g. {example}. {what}".rstrip(), err=True)
        for one in likely.countries:
            say(f"  {one.code}  {one.number} -> {one.sent}", err=True)
        code = _ask("Which country are they from?", likely.only, checked_region)
        return stated if code is None else replace(stated, region=code)
    from importer.suggesting.countries import likely_zones

    zones = likely_zones(stated.region)
    say(f"{values} are times without a time zone, e.g. {example}.", err=True)
    if len(zones) > 1:
        say(f"Perhaps {' or '.join(zones[:_MOST_ZONES])}.", err=True)
    only = zones[0] if len(zones) == 1 else None
    zone = _ask("Which time zone are they in, as in Asia/Dubai?", only, checked_zone)
    return stated if zone is None else replace(stated, timezone=zone)


def column_of(proposal: Proposal, sample: Sample, stated: Stated) -> Stated:
    """
    Ask for the column of what no record has. Returns what is `stated` with the answer.

    The answer may be that it is right so, as in a newsletter: then nobody asks again.
    """
    parts = proposal.draft.asks
    field = parts[0]
    say(f"{proposal.draft.decisions[0].partition(':')[0].capitalize()}.", err=True)
    left = [
        (sum(map(bool, map(str.strip, values))), choice.column)
        for choice, values in zip(proposal.choices, sample.values, strict=True)
        if choice.field is None and not choice.sensitive
    ]
    fullest = [
        repr(cut(name, _WIDEST)) for filled, name in sorted(left, key=lambda one: -one[0]) if filled
    ]
    if fullest:
        say(f"The fullest columns without a field are {', '.join(fullest[:_COLUMNS])}.", err=True)

    def read(answer: str) -> str:
        found = {name.casefold(): name for name in sample.columns}
        if (name := found.get(answer.casefold())) is None:
            raise ConfigError("There is no column %(column)s", column=answer)
        return name

    asked = _ask(f"Which column has the {field}?", None, read, none="if it is right so")
    if asked is None:
        return replace(stated, without=parts)
    return stated.change(field, {"column": asked})


def _ask(
    text: str, default: str | None, read: Callable[[str], str], *, none: str = "to leave it open"
) -> str | None:
    """
    Return the answer to a question, or None for `none`. What cannot be read is asked again.

    `default` is the answer of Enter. Without it Enter asks again: nothing is guessed.
    """

    def read_answer(answer: str) -> str | None:
        if answer.strip().casefold() == _NONE:
            return None
        try:
            return read(answer.strip())
        except ConfigError as error:
            raise click.UsageError(f"{error.message}. {error.hint or ''}".rstrip()) from None

    asked: str | None = click.prompt(
        f'{text} ("{_NONE}" {none})', default=default, value_proc=read_answer, err=True
    )
    return asked


def _order(answer: str) -> str:
    if answer not in {"day", "month"}:
        raise ConfigError("Answer day or month")
    return answer
