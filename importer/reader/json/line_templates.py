"""Makes canonical JSON from JSON Lines with only texts as values, by cutting at the names."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import polars as pl

from importer.core.keys import utf16_order
from importer.reader.columnar import text_of
from importer.reader.json.escapes import ESCAPED_QUOTE, escapes_in, without_escapes

_FIRST_PRINTABLE = 0x20


@dataclass(frozen=True, slots=True)
class LineTemplate:
    """
    The fixed parts of lines whose values are all texts.

    A line is `opening`, followed for each of the `names`, in order, by `colon`, the value, and its
    entry in `behind`. The last of these ends the line.
    """

    names: tuple[str, ...]
    opening: str
    colon: str
    behind: tuple[str, ...]

    @property
    def order(self) -> list[int]:
        """The places of the values in the order of canonical JSON."""
        return sorted(range(len(self.names)), key=lambda place: utf16_order(self.names[place]))

    @property
    def around(self) -> list[str]:
        """The parts before, between and after the values in canonical JSON."""
        first, *others = [f'"{self.names[place]}":"' for place in self.order]
        return [f"{{{first}", *(f'",{other}' for other in others), '"}']

    @property
    def longer(self) -> int:
        """How many bytes a line is longer than its canonical JSON."""
        line = self.opening + self.colon * len(self.names) + "".join(self.behind)
        return len(line.encode()) - len("".join(self.around).encode())


def template_of(line: str, names: Sequence[str]) -> LineTemplate | None:
    """Return the template of `line`, which has these names and its line end, if it is plain."""
    quoted = [json.dumps(name, ensure_ascii=False) for name in names]
    if any("\\" in name for name in quoted):
        return None
    first, *others = [name[:-1] for name in quoted]
    space = " " if '": "' in line else ""
    end = "\r\n" if line.endswith("\r\n") else "\n"
    behind = (*(f'",{space}{name}' for name in others), f'"}}{end}')
    return LineTemplate(
        names=tuple(names), opening=f"{{{first}", colon=f'":{space}"', behind=behind
    )


def canonical_rows(content: bytes, template: LineTemplate, sample: str) -> pl.Series | None:
    """
    Return the canonical JSON of each line of `content`, or None if that is not proven.

    The content is cut at each `colon`. It follows the template, whatever its values are, if each
    piece ends with the right entry of `behind`, which is checked by the number of bytes that
    removing these ends leaves. The values are plain texts if there are no other quotes, and no
    control characters but line ends. `sample` is some of the lines. Raises `PolarsError` for
    content that is not UTF-8.
    """
    text = _plain(content, sample)
    if text is None or not _has_marks(found := _count(text), template):
        return None
    pieces = text.str.split(template.colon).explode().head(-1)
    if len(pieces) != len(template.names) * found.lines + 1 or pieces[0] != template.opening:
        return None
    made = pieces.to_frame("piece").select(_canonical(template).alias("row"))
    size = made.select(pl.col("row").str.len_bytes().sum()).item()
    if size != found.size - template.longer * found.lines:
        return None
    if found.escaped:
        made = made.select(pl.col("row").str.replace_all(ESCAPED_QUOTE, r"\"", literal=True))
    return made["row"]


def _plain(content: bytes, sample: str) -> pl.Series | None:
    """Return content as a text with the escapes of canonical JSON, and escaped quotes marked."""
    likely = escapes_in(sample)
    if likely is None or ESCAPED_QUOTE.encode() in content:
        return None
    text = text_of(content)
    return without_escapes(text, likely) if b"\\" in content else text


class _Found(NamedTuple):
    """The number of bytes in a text, by kind."""

    size: int
    lines: int
    quotes: int
    escaped: int
    controls: int


def _count(text: pl.Series) -> _Found:
    """Count bytes as numbers, which takes a tenth of the time of searching for them."""
    size = int(text.str.len_bytes()[0])
    numbers = pl.col("text").cast(pl.Binary).bin.reinterpret(dtype=pl.Array(pl.UInt8, size))
    # Without the null, polars uses the array as it is and copies nothing.
    codes = text.to_frame("text").select(numbers.drop_nulls().explode())
    code = pl.col("text")
    counts = codes.select(
        lines=(code == ord("\n")).sum(),
        quotes=(code == ord('"')).sum(),
        escaped=(code == ord(ESCAPED_QUOTE)).sum(),
        controls=(code < _FIRST_PRINTABLE).sum(),
    )
    return _Found(size, *counts.row(0))


def _has_marks(found: _Found, template: LineTemplate) -> bool:
    """Return whether there are exactly the quotes and control characters of the template."""
    line_end = 2 if template.behind[-1].endswith("\r\n") else 1
    controls = found.controls - found.escaped
    return (
        found.quotes == 4 * len(template.names) * found.lines and controls == line_end * found.lines
    )


@lru_cache(maxsize=16)
def _canonical(template: LineTemplate) -> pl.Expr:
    """Assemble rows from pieces, which are the content between two colons."""
    width = len(template.names)
    first, *others = map(pl.lit, template.around)
    parts = [first]
    for place, following in zip(template.order, others, strict=True):
        value = pl.col("piece").gather_every(width, place + 1)
        if place == width - 1:  # the next line begins in the same piece
            value = value.str.strip_suffix(template.opening)
        parts += [value.str.strip_suffix(template.behind[place]), following]
    return pl.concat_str(parts)
