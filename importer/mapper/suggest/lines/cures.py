"""Finds the keys with which a line can send the values of its column, by trying them on rows."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Literal

from importer.core.locale.language import N_
from importer.core.locale.message import Message, joined
from importer.mapper.data import load_table
from importer.mapper.kinds import KINDS
from importer.mapper.mapping.template import parse_template
from importer.mapper.schema.object_schema import FieldSpec
from importer.mapper.suggest.columns.names_in_values import (
    are_last_first,
    endings_of_companies,
    says_last_first,
)
from importer.mapper.suggest.lines.enums import Word, fit_words, words_of
from importer.mapper.suggest.lines.phones import PhoneHints, fit_phone, lacks_region
from importer.mapper.suggest.lines.rehearsal import (
    LineTally,
    Rehearsal,
    Table,
    split_where_it_helps,
)
from importer.mapper.suggest.lines.value_formats import (
    HeaderZone,
    date_formats,
    decimal_mark,
    zone_in_header,
)
from importer.mapper.suggest.nulls import FORMULA, share
from importer.mapper.values.date_formats import is_time
from importer.mapper.values.dates import WITHOUT_YEAR
from importer.mapper.values.numbers import is_cut
from importer.mapper.values.replacing import literal

_FEW, _SYSTEMATIC = 0.01, 5
"""Fewer values than these, or than this share of the rows, are odd ones that a person corrects."""
_MOST, _CLEARLY = 0.5, 0.8
_OFFSET = re.compile(r":[0-9.]+ ?(?:Z|UTC|GMT|[+-][0-9]{2}:?[0-9]{2})\b", re.IGNORECASE)
_CUT_AT_MOST = 0.5
_WITH_ZERO = re.compile(r"\s*-?[0-9]+\.0\s*")
_LAST = 68  # of two-digit years, the last one that is read as 20xx
_begins, _ends = re.compile("%y").match, re.compile("%y$").search
_OWN_GROUP = "* "
_OF_PARTS, _PARTED = frozenset({"company", "street"}), re.compile(r"^;|;;|;$")
_WITHOUT_EMPTY_PARTS = [["^;+|;+$", ""], [";+", ", "]]
# Spreadsheets keep numbers and codes as text with an apostrophe before them.
_QUOTED = re.compile(r"'[0-9+(][\w ().+/:-]*[0-9]")


Lack = Literal["region", "order", "timezone", "words"]
"""What values do not say: the country, day or month first, the time zone, what words stand for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hints:
    """What the user has stated about a list, and what was found out about it, and the day it is."""

    today: date
    timezone: str | None = None
    month_first: bool | None = None
    phones: PhoneHints = field(default_factory=PhoneHints)
    required: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """
    A line as it is proposed.

    `tally` has the counts from trying it on the rows that were read, `decide` is what a person
    should decide or know. A line that is not `active` is a comment.
    `lacks` are the things that only a person can say of its values, `words` those of a column with
    few, for a field that allows some words only.
    """

    table: Table
    tally: LineTally | None = None
    decide: Message | None = None
    active: bool = True
    lacks: frozenset[Lack] = frozenset()
    words: tuple[Word, ...] = ()


def fit_line(rehearsal: Rehearsal, target: str, table: Table, hints: Hints) -> Fit:
    """Return the line that sends most of the values that `table` reads row by row."""
    values = rehearsal.texts(target, table)
    spec = rehearsal.schema.spec(target)
    kind = spec.kind if spec is not None else "text"
    pairs = _of_spreadsheets(values)
    if pairs and "join" not in table:
        table = {**table, "replace": [*pairs, *table.get("replace", [])]}
        values = rehearsal.texts(target, table)
    given = [text for text in values if text.strip() and text.strip() not in rehearsal.nulls]
    if not given:
        return _empty(table, kind, hints)
    fit = _FITS.get(kind, _text)(_Trial(rehearsal, target, table, given, spec, hints))
    fit = _with_errors(rehearsal, target, fit, spec, hints)
    return replace(fit, decide=_joined(_cut_off(given), fit.decide))


def _of_spreadsheets(values: Sequence[str]) -> list[list[str]]:
    """Return the pairs of `replace` that take away what keeps values texts in spreadsheets."""
    if sum(text.startswith('="') for text in values) > _MOST * sum(map(bool, values)):
        return [[FORMULA, "$1"]]
    marked = sum(text.startswith("'") for text in values)
    is_text = marked > _CLEARLY * sum(map(bool, values)) or any(map(_QUOTED.fullmatch, values))
    return [["^'", ""]] if is_text else []


@dataclass(frozen=True, slots=True)
class _Trial:
    rehearsal: Rehearsal
    target: str
    table: Table
    values: Sequence[str]
    spec: FieldSpec | None
    hints: Hints

    def tally(self, **more: Any) -> LineTally | None:
        return self.rehearsal.tally(self.target, {**self.table, **more})


def _empty(table: Table, kind: str, hints: Hints) -> Fit:
    """Return a line for a column without values, which may have some further down."""
    keys: dict[str, Any] = {}
    if kind == "phone":
        keys = hints.phones.keys()
    elif kind == "datetime" and hints.timezone:
        keys = {"timezone": hints.timezone}
    elif kind == "email":
        keys = {"type": "email"}
    return Fit(table={**table, **keys})


def _phone(trial: _Trial) -> Fit:
    table, decide = fit_phone(trial.rehearsal, trial.target, trial.table, trial.hints.phones)
    lacks = _lacks(
        region=lacks_region(trial.rehearsal.tally(trial.target, table), trial.hints.phones)
    )
    return Fit(table=table, decide=decide, lacks=lacks)


def _lacks(**found: bool) -> frozenset[Lack]:
    names: tuple[Lack, ...] = ("region", "order", "timezone", "words")
    return frozenset(name for name in names if found.get(name))


def _email(trial: _Trial) -> Fit:
    table = {**trial.table, "type": "email"}
    return Fit(
        table=_first_valid(trial, split_where_it_helps(trial.rehearsal, trial.target, table))
    )


def _first_valid(trial: _Trial, table: Table) -> Table:
    """Return the line with `valid_first` instead of `columns` if that sends more values."""
    if "columns" not in table:
        return table
    other = {**table, "valid_first": True}
    first = trial.rehearsal.tally(trial.target, table)
    valid = trial.rehearsal.tally(trial.target, other)
    is_better = first is not None and valid is not None and valid.bad < first.bad
    return other if is_better else table


def _date(trial: _Trial) -> Fit:
    finding = date_formats(trial.values, with_time=False, month_first=trial.hints.month_first)
    keys: dict[str, Any] = {"formats": list(finding.formats)} if finding.formats else {}
    decide = finding.decide
    pairs: list[list[str]] = []
    if trial.spec is not None and "birthday" in trial.spec.roles:
        pairs = _of_last_century(finding.formats, trial.hints.today.year)
        whole = [form.replace("%y", "%Y") for form in finding.formats if pairs]
        keys |= {"formats": list(dict.fromkeys([*finding.formats, *whole]))} if pairs else {}
    count = sum(re.match(WITHOUT_YEAR, text.strip()) is not None for text in trial.values)
    if count and decide is None:
        pairs = [[WITHOUT_YEAR, ""], *pairs]
        decide = Message("days without a year (%(count)s) are left out", count=count)
    if pairs:
        keys["replace"] = [*trial.table.get("replace", []), *pairs]
    return Fit(
        table={**trial.table, **keys},
        decide=decide,
        active=finding.decide is None,
        lacks=_lacks(order=finding.has_two_orders),
    )


def _of_last_century(formats: Sequence[str], year: int) -> list[list[str]]:
    """Return the pairs of `replace` that write years of two digits after `year` with their 19."""
    first = year % 100 + 1
    tens = range(first // 10, _LAST // 10 + 1)
    later = "|".join(
        f"{ten}[{max(first - 10 * ten, 0)}-{min(_LAST - 10 * ten, 9)}]" for ten in tens
    )
    pairs = [[f"([^0-9])({later})$", "${1}19$2"]] if any(map(_ends, formats)) else []
    return [*pairs, [f"^({later})([^0-9])", "19$1$2"]] if any(map(_begins, formats)) else pairs


def _datetime(trial: _Trial) -> Fit:
    finding = date_formats(trial.values, with_time=True, month_first=trial.hints.month_first)
    keys: dict[str, Any] = {"formats": list(finding.formats)} if finding.formats else {}
    decide = finding.decide
    if decide is not None and share(is_time, trial.values) > _MOST:
        decide = Message(
            "its values are times of day, and no column is known as their day: name both in a "
            "template"
        )
    is_local = not all(_OFFSET.search(text.strip()) for text in trial.values)
    stated = trial.hints.timezone
    named = _named_zone(trial) if is_local else None
    zone = stated if named is None else named.zone
    if is_local and zone:
        keys["timezone"] = zone
    elif is_local:
        where = Message(
            'the time zone of these times, such as timezone = "Asia/Dubai" (--timezone)'
        )
        if named is not None:
            where = Message(
                'which time zone %(zone)s is here: state it, as in timezone = "Asia/Dubai"',
                zone=named.text,
            )
        decide = joined([decide or "", where])
    return Fit(
        table={**trial.table, **keys},
        decide=decide,
        active=decide is None,
        lacks=_lacks(order=finding.has_two_orders, timezone=is_local and not (stated or zone)),
    )


def _named_zone(trial: _Trial) -> HeaderZone | None:
    """Return the time zone that the headers of a line name, if all that name one name the same."""
    headers = _columns(trial.table)
    found = [one for name in headers if (one := zone_in_header(name, trial.hints.timezone))]
    is_one = len({one.zone for one in found}) == 1
    return found[0] if is_one else replace(found[0], zone=None) if found else None


def _number(trial: _Trial) -> Fit:
    kind = trial.spec.kind if trial.spec is not None else "decimal"
    if (plainly := trial.tally()) is not None and not plainly.bad:
        return Fit(table=trial.table)
    finding = decimal_mark(trial.values, money=kind == "money")
    keys: dict[str, Any] = {}
    if finding.decide is not None and kind == "decimal":
        money = decimal_mark(trial.values, money=True)
        if money.decide != finding.decide:
            finding, keys = money, {"type": "money", "currency": "*"}
    if finding.decimal_mark:
        keys["decimal_mark"] = finding.decimal_mark
    return Fit(table={**trial.table, **keys}, decide=finding.decide, active=finding.decide is None)


def _enum(trial: _Trial) -> Fit:
    assert trial.spec is not None  # noqa: S101 - only a field has this kind
    words = words_of(trial.spec, trial.values)
    values, decide = fit_words(trial.spec, words, next(iter(_columns(trial.table))))
    is_known = any(word.is_sure for word in words) and trial.target not in trial.hints.required
    keys: dict[str, Any] = {"values": values} if values else {}
    if decide is not None and is_known:
        keys["on_error"] = "omit"
    return Fit(
        table={**trial.table, **keys},
        decide=decide,
        active=decide is None or is_known,
        lacks=_lacks(words=decide is not None),
        words=tuple(words),
    )


def _tags(trial: _Trial) -> Fit:
    plain = [text for text in trial.values if not text.startswith("[")]
    marks = load_table("values")["between_tags"]
    found = [mark for mark in marks if any(mark in text for text in plain)]
    keys: dict[str, Any] = {}
    pairs = []
    if any(text.startswith(_OWN_GROUP) for text in plain):  # how Google marks its own groups
        pairs.append([r"(^| ::: )\* ", "$1"])
    if trial.rehearsal.is_text and len(plain) < len(trial.values):  # lists as JSON has them
        pairs.append([r"[\[\]]", ""])
        plain = list(trial.values)
        found = found or [","]
    if any('"' in text for text in plain):
        pairs.append(['"', ""])
    if pairs:
        keys["replace"] = pairs
    if found:
        keys["split"] = found[0]
    return Fit(table={**trial.table, **keys})


def _text(trial: _Trial) -> Fit:
    """Cut texts that are too long if the rest of the column fits the field."""
    if "column" in trial.table and all(map(_WITH_ZERO.fullmatch, trial.values)):
        # Programs that know no empty whole numbers write all of them with a fraction: 58.0.
        trial = replace(trial, table={**trial.table, "replace": [[r"\.0$", ""]]})
    if trial.target == "postal_code" and "column" in trial.table:
        return _post_code(trial)
    if trial.spec is not None and "fullname" in trial.spec.roles:
        if any(text.startswith("~") for text in trial.values):  # WhatsApp, of names not saved
            pairs = [*trial.table.get("replace", []), ["^~ *", ""]]
            trial = replace(trial, table={**trial.table, "replace": pairs})
        if are_last_first(trial.values):
            return _turned(trial)
        if says_last_first(trial.table.get("column", ""), trial.values):
            return _turned_pairs(trial)
    is_parted = trial.spec is not None and not _OF_PARTS.isdisjoint(trial.spec.roles)
    if is_parted and "column" in trial.table and share(_PARTED.search, trial.values) > _MOST:
        # Some parts are empty, as vCards have them: "Sample Ltd;".
        pairs = [*trial.table.get("replace", []), *_WITHOUT_EMPTY_PARTS]
        trial = replace(trial, table={**trial.table, "replace": pairs})
    longest = trial.spec.max_length if trial.spec is not None else None
    tally = trial.tally()
    if longest is None or tally is None or _are_few(tally):
        return Fit(table=trial.table)
    cut = trial.tally(truncate=True)
    if cut is None or cut.refused or tally.refused > _CUT_AT_MOST * tally.filled:
        return Fit(table=trial.table)
    decide = Message(
        "%(count)s texts are longer than the %(most)s characters it takes: they are cut",
        count=tally.refused,
        most=longest,
    )
    return Fit(table={**trial.table, "truncate": True}, decide=decide)


def _turned(trial: _Trial) -> Fit:
    """Put first names first, and leave the names of companies as they are but for their comma."""
    table = {**trial.table, "type": "name", "order": "last, first"}
    if endings := endings_of_companies(trial.values):
        listed = "|".join(map(literal, endings))
        pair = [rf",\s*({listed})$", " $1"]
        table["replace"] = [*trial.table.get("replace", []), pair]
    return Fit(table=table, decide=Message("names are turned: the last one is before a comma"))


def _turned_pairs(trial: _Trial) -> Fit:
    """Put first names first where a name has two words; where it has more, it stays as written."""
    pairs = [*trial.table.get("replace", []), [r"^(\S+)\s+(\S+)$", "$2 $1"]]
    decide = Message("names of two words are turned: the header says that the last one is first")
    return Fit(table={**trial.table, "replace": pairs}, decide=decide)


def _post_code(trial: _Trial) -> Fit:
    """Put the zeros back that a spreadsheet has taken from the beginning of post codes."""
    phones = trial.hints.phones
    codes = trial.rehearsal.texts(trial.target, trial.table)
    found = lost_zeros(codes, phones.region if phones.column is None else None)
    if found is None:
        return Fit(table=trial.table)
    pairs, count = found
    table = {**trial.table, "replace": [*trial.table.get("replace", []), *pairs]}
    decide = Message("1 post code lacks the zeros at the beginning: they are put back")
    if count > 1:
        text = "%(count)s post codes lack the zeros at the beginning: they are put back"
        decide = Message(text, count=count)
    return Fit(table=table, decide=decide)


_FITS: Mapping[str, Callable[[_Trial], Fit]] = {
    "phone": _phone,
    "email": _email,
    "date": _date,
    "datetime": _datetime,
    "decimal": _number,
    "integer": _number,
    "money": _number,
    "enum": _enum,
    "tags": _tags,
}


def _with_errors(
    rehearsal: Rehearsal, target: str, fit: Fit, spec: FieldSpec | None, hints: Hints
) -> Fit:
    """Decide what to do with the values that still cannot be read."""
    tally = rehearsal.tally(target, fit.table)
    if tally is None or not fit.active:
        return replace(fit, tally=tally, active=fit.active and tally is not None)
    if _are_few(tally):
        return replace(fit, tally=tally, decide=_joined(fit.decide, _few(tally)))
    for on_error in _ways(spec, tally, is_required=target in hints.required):
        table = {**fit.table, "on_error": on_error}
        better = rehearsal.tally(target, table)
        if better is not None and better.refused < tally.refused:
            return replace(
                fit, table=table, tally=better, decide=_joined(fit.decide, _many(better))
            )
    if target in hints.required or tally.refused <= _MOST * tally.filled:
        return replace(fit, tally=tally, decide=_joined(fit.decide, _few(tally)))
    decide = Message(
        "%(count)s of its %(rows)s values cannot be sent",
        count=tally.refused,
        rows=tally.filled,
    )
    return replace(fit, tally=tally, decide=_joined(fit.decide, decide), active=False)


def _ways(spec: FieldSpec | None, tally: LineTally, *, is_required: bool) -> Iterator[str]:
    """Yield the possible values of `on_error`, the best first."""
    kind = spec.kind if spec is not None else "text"
    holds_addresses = kind == "phone" and any("@" in text for text in tally.examples)
    is_hopeless = tally.refused > _MOST * tally.filled
    if kind == "email" and is_hopeless:
        return  # it is not a column of addresses
    if not KINDS[kind].strict and kind != "email" and not holds_addresses:
        yield "keep"
    if not is_required and not (KINDS[kind].strict and is_hopeless):
        yield "omit"


def _are_few(tally: LineTally) -> bool:
    """Return whether what a line refuses is odd values: no way of reading them is missing."""
    few = tally.refused < _SYSTEMATIC or tally.refused <= _FEW * tally.rows
    return few and tally.refused <= _MOST * tally.filled


def _few(tally: LineTally) -> Message | None:
    if not tally.refused:
        return None
    text = N_("%(count)s values that cannot be read: refused, with the row")
    one = N_("1 value that cannot be read: refused, with the row")
    return Message(text, count=tally.refused) if tally.refused > 1 else Message(one)


def _many(tally: LineTally) -> Message | None:
    found: list[Message] = []
    if tally.kept:
        text = N_("%(count)s values that cannot be read: sent as written")
        one = N_("1 value that cannot be read: sent as written")
        found.append(Message(text, count=tally.kept) if tally.kept > 1 else Message(one))
    if left_out := tally.left_out - tally.cut:
        text = N_("%(count)s values that cannot be read: left out")
        one = N_("1 value that cannot be read: left out")
        found.append(Message(text, count=left_out) if left_out > 1 else Message(one))
    return joined(found) if found else None


def _cut_off(values: Sequence[str]) -> Message | None:
    """Return a sentence about numbers whose last digits are lost, if there are any."""
    count = sum(map(is_cut, values))
    if not count:
        return None
    if count == 1:
        return Message(
            "1 number was cut by a spreadsheet and cannot be sent: give the column the "
            "format Text, "
            "and export it again"
        )
    return Message(
        "%(count)s numbers were cut by a spreadsheet and cannot be sent: give the column the "
        "format Text, and export it again",
        count=count,
    )


def _joined(*texts: Message | None) -> Message | None:
    found = [text for text in texts if text]
    return joined(found) if found else None


def _columns(table: Table) -> Iterator[str]:
    if "template" in table:
        yield from (part.text for part in parse_template(table["template"]) if part.is_column)
    else:
        yield from [table["column"]] if "column" in table else table.get("columns", [""])


_MOST_LOST = 2


def lost_zeros(values: Sequence[str], region: str | None) -> tuple[list[list[str]], int] | None:
    """
    Return the pairs of `replace` that put the zeros back, and how many codes lack them, or None.

    So it is where all codes are digits, some have as many as the country's codes, no other has
    more than two fewer, and none of them begins with a zero.

    >>> lost_zeros(["28013", "8025"], "ES")
    ([['^([0-9]{4})$', '0$1']], 1)
    """
    length = load_table("post_codes").get(region or "")
    codes = [text.strip() for text in values if text.strip()]
    if length is None or not all(one.isascii() and one.isdecimal() for one in codes):
        return None
    lengths = {len(one) for one in codes}
    is_whole = not lengths - set(range(length - _MOST_LOST, length + 1)) and length in lengths
    if not is_whole or len(lengths) == 1 or any(one.startswith("0") for one in codes):
        return None
    shorter = sorted(lengths - {length}, reverse=True)
    pairs = [[f"^([0-9]{{{one}}})$", f"{'0' * (length - one)}$1"] for one in shorter]
    return pairs, sum(len(one) < length for one in codes)
