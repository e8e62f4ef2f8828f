"""Finds the dialect of a CSV file from a sample, with the evidence for it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from io import StringIO

from importer.core.locale.message import Message
from importer.reader.csv.dialect import SEPARATOR_LINE, CsvDialect, SampleRecord, records_of

_COMMON = (",", ";", "\t", "|")
_DOUBLE = ("||", ";;", "::")
_RARE = (":", "^", "~", "،", "؛", " ")
_IN_WORDS = {" ", ":"}
_RARE_CONSISTENCY = 0.9
_FEWEST_IN_WORDS = 3  # cells in a line of words: "Full name" is one column
_LEAST_CONSISTENCY = 0.3
_MOSTLY = 0.8
_LEAST_SHARE = 0.2
_FEWEST_WHOLE = 2
_LINES_LOOKED_AT = 1000
_CELLS_LOOKED_AT = 300
_LONGEST_QUOTED = 500
_FOREIGN = re.compile(r"[,;\t|]")
_IN_GROUPS = re.compile(r"(?:\+|\(|00?)(?:[\s()./-]*\d){6,15}|\d{4}-\d\d-\d\d \d\d:\d\d.*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Detected:
    """A dialect, the evidence for it, the sample's records read by it, and notices about it."""

    dialect: CsvDialect
    evidence: tuple[Message, ...]
    records: Sequence[SampleRecord]
    width: int
    notices: tuple[Message, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Score:
    value: float
    agree: int
    total: int
    width: int
    first: int
    dialect: CsvDialect
    records: Sequence[SampleRecord] = ()


def detect_dialect(
    text: str,
    *,
    delimiter: str | None = None,
    quote: str | None = None,
    escape: str | None = None,
    comment: str = "",
) -> Detected:
    """
    Return the dialect by which most records of the sample have the same number of cells.

    Arguments that are not None are stated, and are not questioned.
    """
    lines = list(StringIO(text, newline=""))
    stated = SEPARATOR_LINE.fullmatch(lines[0]) if lines else None
    if stated and delimiter is None:
        delimiter = stated[1]
    if stated:
        lines[0] = "\n"
    base = CsvDialect(quote='"' if quote is None else quote, escape=escape or "", comment=comment)
    notices: tuple[Message, ...] = ()
    if delimiter is None:
        best = _best(lines, base)
    else:
        best = _score(lines, replace(base, delimiter=delimiter))
        notices = tuple(_other_delimiter(delimiter, text, lines, base))
    if quote is None:
        best = _with_single_quotes(text, lines, best)
    if escape is None:
        best = _with_escapes(text, lines, best)
    best = _with_spaces(text, lines, best)
    records = best.records or list(records_of(lines, best.dialect))
    return Detected(
        dialect=best.dialect,
        evidence=_evidence(best, stated, delimiter),
        records=records,
        width=_full_width(best, records),
        notices=notices,
    )


def _other_delimiter(
    stated: str, text: str, lines: Sequence[str], base: CsvDialect
) -> Iterator[Message]:
    """Yield a notice if no line has the stated delimiter, though nearly all agree on another."""
    if stated in text:
        return
    other = _best(lines, base)
    if other.width > 1 and other.agree >= _MOSTLY * other.total:
        found = other.dialect.delimiter
        yield Message(
            "no line has the delimiter %(sign)s, but %(count)s of %(rows)s lines have %(cells)s "
            "cells with %(other)s: state --delimiter %(other)s",
            sign=repr(stated),
            count=f"{other.agree:,}",
            rows=f"{other.total:,}",
            cells=other.width,
            other=repr(found),
        )


def _full_width(best: _Score, records: Sequence[SampleRecord]) -> int:
    """Return the number of cells in whole rows: most rows may lack the last ones, if empty."""
    widths = Counter(record.width for record in records[1:])
    longer = sum(count for width, count in widths.items() if width > best.first)
    whole = widths[best.first]
    is_ragged = best.first > best.width and whole > max(longer, _FEWEST_WHOLE, len(records) // 10)
    return best.first if is_ragged else best.width


def _evidence(best: _Score, separator_line: object, delimiter: str | None) -> tuple[Message, ...]:
    why = Message("")
    if best.total:
        why = Message(
            "%(share)s of %(count)s lines agree",
            share=f"{best.agree / best.total:.0%}",
            count=f"{best.total:,}",
        )
    if separator_line:
        why = Message("as the sep= line says")
    elif delimiter is not None:
        why = Message("as stated")
    found = best.dialect
    evidence = [
        Message("delimiter %(sign)s (%(why)s)", sign=repr(found.delimiter), why=why),
        Message("quote %(sign)s", sign=repr(found.quote)),
    ]
    if found.escape:
        evidence.append(Message("escape %(sign)s", sign=repr(found.escape)))
    if found.skipinitialspace:
        evidence.append(Message("spaces behind the delimiter are ignored"))
    return tuple(evidence)


def _candidates(lines: Sequence[str]) -> list[str]:
    """Return the delimiters that are in at least some of the lines."""
    looked_at = [line for line in lines[:: len(lines) // _LINES_LOOKED_AT + 1] if line.strip()]
    text = "".join(looked_at)
    doubled = [d for d in _DOUBLE if _is_doubled(d, lines, text)]
    # The longer one first: where both give the same cells, the space belongs to the delimiter.
    spaced = [d for sign in _COMMON if f'" {sign}' in text for d in (f" {sign} ", f" {sign}")]
    single = [d for d in (*_COMMON, *_RARE) if d in text and d * 2 not in doubled]
    return [
        d for d in doubled + spaced + single
        if sum(d in line for line in looked_at) >= _LEAST_SHARE * len(looked_at)
    ]  # fmt: skip


def _is_doubled(pair: str, lines: Sequence[str], text: str) -> bool:
    """Return whether a delimiter is doubled: in the header, where no cell is empty, always."""
    first = next((line for line in lines if pair[0] in line), "")
    return 0 < first.count(pair[0]) == 2 * first.count(pair) and text.count(
        pair
    ) * 2 >= _MOSTLY * text.count(pair[0])


def _score(lines: Sequence[str], dialect: CsvDialect) -> _Score:
    records = list(records_of(lines, dialect))
    widths = Counter(record.width for record in records)
    several = [(count, width) for width, count in widths.items() if width > 1]
    agree, width = max(several, default=(0, 1))
    total = len(records)
    first = records[0].width if records else 1
    if not agree:
        return _Score(value=0, agree=widths[1], total=total, width=1, first=1, dialect=dialect)
    regular = [record for record in records if record.width == width]
    step = len(regular) // _CELLS_LOOKED_AT + 1
    cells = [cell for record in regular[::step] for cell in record.cells]
    clean = sum(not _FOREIGN.search(cell) for cell in cells) / len(cells)
    value = agree / total * (1 if first == width else 0.9) * (0.2 + 0.8 * clean)
    return _Score(
        value=value, agree=agree, total=total, width=width, first=first, dialect=dialect,
        records=records,
    )  # fmt: skip


def _best(lines: Sequence[str], base: CsvDialect) -> _Score:
    """Choose a delimiter. Those that are common in prose are chosen only if no other will do."""
    candidates = _candidates(lines)
    common = [_score(lines, replace(base, delimiter=d)) for d in candidates if d not in _RARE]
    # A delimiter that gives the header as many cells as nearly all rows is not there by chance. Of
    # two such delimiters, the comma is the worse one: names and amounts have commas too.
    headed = [score for score in common if _fits_header(score)]
    if headed:
        return max(
            headed, key=lambda score: (round(score.value, 2), score.dialect.delimiter != ",")
        )
    best = max(common, key=lambda score: score.value, default=None)
    if best is not None and best.value >= 0.5 and best.first == best.width:
        return best
    if best is not None and _fits_rows(best):
        return best
    whole = _are_whole(lines)
    rare = [
        _score(lines, replace(base, delimiter=d))
        for d in candidates
        if d in _RARE and not (whole and d in _IN_WORDS)
    ]
    found = max(filter(_is_sure, rare), key=lambda score: score.value, default=best)
    if found is None or (found.agree < _LEAST_CONSISTENCY * found.total and found.first == 1):
        total = sum(1 for line in lines if line.strip())
        return _Score(value=0, agree=total, total=total, width=1, first=1, dialect=base)
    return found


def _are_whole(lines: Sequence[str]) -> bool:
    """Return whether each line is one value: a phone number in groups, or a date with a time."""
    rows = [line for line in lines if line.strip()][1:]
    whole = sum(_IN_GROUPS.fullmatch(line.strip()) is not None for line in rows)
    return whole >= _MOSTLY * max(len(rows), 1)


def _fits_header(score: _Score) -> bool:
    return (
        score.width == score.first > 1
        and score.total > 1
        and score.agree >= _RARE_CONSISTENCY * score.total
    )


def _fits_rows(score: _Score) -> bool:
    """Return whether rows of several cells agree, though the header has a name more or less."""
    return (
        score.width >= _FEWEST_IN_WORDS
        and abs(score.first - score.width) == 1
        and score.agree > 1
        and score.agree >= _RARE_CONSISTENCY * (score.total - 1)
    )


def _is_sure(score: _Score) -> bool:
    words = score.dialect.delimiter in _IN_WORDS
    return (
        score.agree >= _RARE_CONSISTENCY * score.total
        and score.first == score.width
        and score.width >= (_FEWEST_IN_WORDS if words else 2)
        and score.total > 1
    )


def _with_single_quotes(text: str, lines: Sequence[str], best: _Score) -> _Score:
    """
    Take ' as the quote where whole cells are in it, and nothing else begins with it.

    Such cells have delimiters or doubled quotes, or are in at least every other line: a single cell
    may be a nickname.
    """
    if "'" not in text:
        return best
    edge = re.escape(best.dialect.delimiter)
    cell = f"(?:^|{edge}) ?{{0}}[^\r\n]{{{{0,{_LONGEST_QUOTED}}}}}?{{0}}(?={edge}|[\r\n]|$)"
    quoted = re.findall(cell.format("'"), text, re.MULTILINE)
    single = len(quoted)
    double = len(re.findall(cell.format('"'), text, re.MULTILINE))
    opened = len(re.findall(f"(?:^|{edge}) ?'", text, re.MULTILINE))
    if not single:
        return best
    other = _score(lines, replace(best.dialect, quote="'"))
    whole = single > double and single >= _MOSTLY * opened
    doubled = any("''" in found[2:-1] for found in quoted)
    needed = doubled or other.agree > best.agree or single * 2 >= best.total
    regular = other.width == other.first and other.agree >= best.agree
    many = whole and needed and (regular or other.value >= best.value)
    return other if many or other.agree - best.agree > best.total // 50 else best


def _with_escapes(text: str, lines: Sequence[str], best: _Score) -> _Score:
    signs = (best.dialect.quote, best.dialect.delimiter[0], "\n", "\r")
    marks = {f"\\{sign}" for sign in signs if sign}
    if not any(mark in text for mark in marks):
        return best
    other = _score(lines, replace(best.dialect, escape="\\"))
    return other if other.agree / max(other.total, 1) > best.agree / best.total else best


def _with_spaces(text: str, lines: Sequence[str], best: _Score) -> _Score:
    """Take delimiter and space together as the delimiter, if they are always together."""
    found = best.dialect
    if found.delimiter not in _COMMON or found.delimiter == "\t" or best.width == 1:
        return best
    for spaced in (f" {found.delimiter} ", f"{found.delimiter} "):
        if text.count(spaced) < _MOSTLY * text.count(found.delimiter):
            continue
        double = _score(lines, replace(found, delimiter=spaced))
        if double.width == double.first == best.width and double.agree >= best.agree:
            return double
    if found.quote and spaced + found.quote in text and best.agree < best.total:
        skipping = _score(lines, replace(found, skipinitialspace=True))
        return skipping if skipping.agree > best.agree else best
    return best
