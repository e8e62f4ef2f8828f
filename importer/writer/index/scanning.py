"""Sorts the lines of a results file by what a search needs of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, BinaryIO, Literal

import msgspec
import polars as pl

from importer.core.keys import DIGEST_BYTES, KEY_PREFIX
from importer.writer.line_reader import read_line
from importer.writer.lines.row_line import KnownLine, RequestLine, RowLine, versions_in

PREFIX_DIGITS = 15
"""How many hex digits of a hash fit a signed 64-bit integer."""
MINUTE = len("2026-11-25T18:05")
"""How many letters of a time tell its minute."""

_BLOCK_BYTES = 4 * 1024 * 1024
_HASH = 64
_Hash = Annotated[str, msgspec.Meta(min_length=_HASH, max_length=_HASH)]
_FirstKey = Annotated[
    str, msgspec.Meta(min_length=len(KEY_PREFIX) + _HASH, max_length=len(KEY_PREFIX) + _HASH)
]
_Text = Annotated[str, msgspec.Meta(min_length=1)]
_TIME = r"^[0-9]{4}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9]\.[0-9]{3}Z$"
_Time = Annotated[str, msgspec.Meta(min_length=24, max_length=24)]
_OF_ROWS = tuple(
    f'{{"kind":"{kind}"'.encode()
    for kind in ("row", "sent", "refused", "unsent", "known", "reading")
)


def prefixes_of(hashes: Sequence[str]) -> pl.Series:
    """Return the first `PREFIX_DIGITS` of hashes as numbers."""
    digits = pl.Series("hash", list(hashes), pl.String).str.slice(0, PREFIX_DIGITS)
    return digits.str.to_integer(base=16)


class _Usual(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, tag_field="kind", gc=False):
    """A line that says nothing but what most lines say."""

    at: _Time


class _Created(_Usual, tag="row"):
    """The line of the only row with its content, which was created with its first key."""

    run: str
    source: str
    row: int
    line: int
    source_hash: _Hash
    occurrence: Literal[1]
    row_hash: _Hash
    idempotency_key: _FirstKey
    status: Literal["created"]
    external_id: _Text
    record_url: str | None
    error: None
    attempts: int


class _FirstSent(_Usual, tag="sent"):
    """The line of a request with the first key of a row."""

    idempotency_key: _FirstKey
    row: int
    source_hash: str
    occurrence: int
    marks: str = ""
    fields: str = ""


class _Known(_Usual, tag="known"):
    """The line of a row that was recognised by the values that were sent of its record."""

    source_hash: _Hash
    occurrence: Literal[1]
    idempotency_key: _FirstKey
    row: int
    packed: str = msgspec.field(default="", name="versions")


class _Reading(_Usual, tag="reading"):
    """The line of what a later mapping has read of the row of a record."""

    source_hash: _Hash
    idempotency_key: _FirstKey
    row: int
    marks: str


class _Other(msgspec.Struct, gc=False):
    """What is needed of any other line: its time, and the row that it may be about."""

    at: Annotated[str, msgspec.Meta(pattern=_TIME)]
    source_hash: str = ""
    packed: str = msgspec.field(default="", name="versions")


_UsualLine = _Created | _FirstSent | _Known | _Reading
_KINDS: Mapping[type[object], str] = {
    one: str(one.__struct_config__.tag) for one in (_Created, _FirstSent, _Known, _Reading)
}
_usual = msgspec.json.Decoder(_UsualLine)
_other = msgspec.json.Decoder(_Other)


def blocks(stream: BinaryIO, begin: int = 0) -> Iterator[tuple[int, bytes]]:
    """Yield (offset, block) of whole lines from `begin` on; a torn last line is left out."""
    offset, rest = stream.seek(begin), b""
    while data := stream.read(_BLOCK_BYTES):
        cut = data.rfind(b"\n") + 1
        if cut:
            block = rest + data[:cut]
            yield offset, block
            offset, rest = offset + len(block), b""
        rest += data[cut:]


@dataclass(frozen=True, slots=True, kw_only=True)
class SortedLines:
    """
    The lines of a part of a results file, sorted by kind, each with its `line` (from 0) and offset.

    The part ends at the offset `size`; up to there the file has `lines` lines. `created` are lines
    of rows with the occurrence 1 that were created with their first key: they have the numbers
    `source` and `key`, and `digests` has the first `DIGEST_BYTES` of each source hash. `sent` lines
    have the `key` of a first attempt whose row is not among the created ones of the same block.
    `known` has the `hash`, `key` and `order` of each version of a row that was recognised by the
    values that were sent. `readings` are what later mappings have read of the rows of records.
    `others` has all other lines, and lines near a place where the times may go back, with the
    `hash` of each version that they are about: those of created rows, requests and readings have
    none. `minutes` counts the created rows and requests that are not in `others` by `kind` (`row`
    or `sent`), minute and run: each count has the `offset` of its first line.
    """

    size: int
    lines: int
    digests: bytes
    created: pl.DataFrame
    sent: pl.DataFrame
    known: pl.DataFrame
    readings: pl.DataFrame
    others: pl.DataFrame
    minutes: pl.DataFrame


def sort_file(stream: BinaryIO, begin: int, lines: int) -> SortedLines:
    """Sort all lines from `begin` on; there are so many `lines` before them."""
    parts = [sort_lines(b"", begin, lines)]
    for offset, block in blocks(stream, begin):
        parts.append(sort_lines(block, offset, parts[-1].lines))
    tables = ("created", "sent", "known", "readings", "others", "minutes")
    return SortedLines(
        size=parts[-1].size,
        lines=parts[-1].lines,
        # Memory is at its highest here: some 80 bytes a row.
        digests=b"".join([part.digests for part in parts]),
        **{name: pl.concat([getattr(part, name) for part in parts]) for name in tables},
    )


def sort_lines(block: bytes, begin: int, before: int) -> SortedLines:
    """Sort the lines of a block. If a hash or a time is none, all of them are in `others`."""
    texts = block.split(b"\n")[:-1]
    usual = [_usual_line(text) or _other_line(text) for text in texts]
    if not _are_in_form([line for line in usual if isinstance(line, _Usual)]):
        usual = [_other_line(text) for text in texts]
    size = pl.Series("size", [len(text) + 1 for text in texts], pl.Int64)
    lines = pl.DataFrame(
        {
            "line": pl.int_range(before, before + len(texts), eager=True),
            "offset": size.cum_sum() - size + begin,
            "kind": [_KINDS.get(type(line)) for line in usual],
            "at": [None if line is None else line.at for line in usual],
            "key": [line.idempotency_key if isinstance(line, _Usual) else None for line in usual],
            "begins": [
                not isinstance(line, _Usual) and not text.startswith(_OF_ROWS)
                for line, text in zip(usual, texts, strict=True)
            ],
        },
        schema_overrides=dict.fromkeys(("kind", "at", "key"), pl.String) | {"begins": pl.Boolean},
    ).with_columns(key=_number(pl.col("key").str.slice(len(KEY_PREFIX))))
    hashes = [line.source_hash for line in usual if isinstance(line, _Created)]
    source = pl.select(source=_number(pl.lit(pl.Series(hashes, dtype=pl.String)))).to_series()
    created = lines.filter(pl.col("kind") == "row")
    sent = lines.filter(pl.col("kind") == "sent").join(created, on="key", how="anti")
    versions = [versions_in(line) for line in usual if isinstance(line, _Known)]
    known = _with_hashes(lines.filter(pl.col("kind") == "known"), versions)
    is_ordered = pl.col("at").is_between(pl.col("at").shift(1), pl.col("at").shift(-1))
    is_ordered = (pl.col("kind").is_not_null() & is_ordered).fill_null(value=False)
    # The lines where the time goes back, the first and the last one are enough to know how often it
    # does, and how far.
    others = lines.filter(~is_ordered)
    about = [_rows_of(usual[line - before], texts[line - before]) for line in others["line"]]
    return SortedLines(
        size=begin + len(block),
        lines=before + len(texts),
        digests=bytes.fromhex("".join([one[: 2 * DIGEST_BYTES] for one in hashes])),
        created=created.select("offset", source, "key"),
        sent=sent.select("line", "offset", "key"),
        known=known.select("line", "offset", "hash", "key", "order"),
        readings=lines.filter(pl.col("kind") == "reading").select("line", "offset"),
        others=_with_hashes(others, about).select("line", "offset", "hash"),
        minutes=lines.with_columns(run=pl.col("begins").cum_sum())
        .filter(is_ordered & pl.col("kind").is_in(["row", "sent"]))
        .group_by("run", "kind", minute=pl.col("at").str.head(MINUTE))
        .agg(pl.col("offset").min(), count=pl.len())
        .select("offset", "kind", "minute", "count"),
    )


def _usual_line(text: bytes) -> _UsualLine | None:
    try:
        line = _usual.decode(text)
        if isinstance(line, _Known):
            versions_in(line)
    except ValueError:
        return None
    return line


def _other_line(text: bytes) -> _Other | None:
    try:
        return _other.decode(text)
    except (ValueError, RecursionError):
        return None


def _rows_of(line: _UsualLine | _Other | None, text: bytes) -> Sequence[str | None]:
    """
    Return the hashes of all versions that a line is about, or None if it is about no row.

    For a created row, a request or a reading it is None, too.
    """
    if isinstance(line, _Created | _FirstSent | _Reading) or (
        line is not None and not line.source_hash
    ):
        return [None]
    found = line if line is not None else read_line(text)  # in an unusual form, or damaged
    if isinstance(found, RequestLine):
        return [found.source_hash]
    if not isinstance(found, _Known | _Other | RowLine | KnownLine):
        return [None]
    try:
        return versions_in(found)
    except ValueError:
        return [None]


def _with_hashes(lines: pl.DataFrame, hashes: Sequence[Sequence[str | None]]) -> pl.DataFrame:
    """
    Return lines with one row for each `hash`, as a number, and its `order`; None is null.

    The order is that of all versions in the file: a line is longer than the number of its versions.
    """
    if any(len(found) > 1 for found in hashes):
        lines = lines[[place for place, found in enumerate(hashes) for _ in found]]
    digits = pl.Series("hash", [one for found in hashes for one in found], pl.String)
    number = digits.str.slice(0, PREFIX_DIGITS).str.to_integer(base=16, strict=False)
    nth = pl.Series([nth for found in hashes for nth in range(1, len(found) + 1)], dtype=pl.Int64)
    return lines.with_columns(number, order=pl.col("offset") + nth)


def _are_in_form(lines: Sequence[_UsualLine]) -> bool:
    """Return whether all hashes, keys and times have their form; their length is right."""
    keys = [line.idempotency_key for line in lines]
    hashes = [line.source_hash for line in lines if not isinstance(line, _FirstSent)]
    digits = "".join([*hashes, *(key[len(KEY_PREFIX) :] for key in keys)])
    times = pl.Series([line.at for line in lines], dtype=pl.String)
    return (
        not digits.encode().translate(None, b"0123456789abcdef")
        and all(key.startswith(KEY_PREFIX) for key in keys)
        and times.str.contains(_TIME).all()
    )


def _number(digits: pl.Expr) -> pl.Expr:
    return digits.str.slice(0, PREFIX_DIGITS).str.to_integer(base=16)
