"""Reads many lines of a results file at once, if they have exactly the form that is written."""

from __future__ import annotations

import io
import sys
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import BinaryIO

import polars as pl
from polars.exceptions import PolarsError

from importer.core.keys import DIGEST_BYTES

PREFIX_DIGITS = 15
"""How many hex digits of a hash fit a signed 64-bit integer."""

_BLOCK_BYTES = 4 * 1024 * 1024
_AT_ONCE = 3  # polars mostly releases the interpreter's lock; a third thread fills the gaps
_HASH = 64
_TEXT = r'[^"\\\x00-\x1f]'
_NUMBER = r"(?:0|[1-9][0-9]{0,17})"
_TIME = r"[0-9]{4}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9]\.[0-9]{3}Z"
# The parts of the line of a created row before, between and after its three hashes. No value can
# contain them, since its quotes would be escaped.
_HEAD = rf'^\{{"kind":"row","run":"{_TEXT}*","source":"{_TEXT}*","row":{_NUMBER},"line":{_NUMBER},$'
_SOURCE_HASH = '"source_hash":"'
_ROW_HASH = '","occurrence":1,"row_hash":"'
_KEY = '","idempotency_key":"vi1-'
_CREATED = '","status":"created",'
_CREATED_TAIL = (
    rf'^"external_id":"{_TEXT}+","record_url":(?:null|"{_TEXT}*"),'
    rf'"error":null,"attempts":{_NUMBER},"at":"{_TIME}"\}}$'
)
_SENT = '{"kind":"sent","idempotency_key":"vi1-'
_SENT_TAIL = (
    rf'^","row":{_NUMBER},"source_hash":"{_TEXT}*","occurrence":{_NUMBER}(?:,"marks":"[\w.-]*")?'
    r'(?:,"fields":"[\w-]*")?,'
    rf'"at":"{_TIME}"\}}$'
)
_KINDS_OF_ROWS = ("row", "sent", "refused", "unsent", "known")
_MINUTE = len("2026-11-25T18:05")
_ANY_TIME = rf',"at":"({_TIME})"'


def blocks(stream: BinaryIO, begin: int = 0, end: int | None = None) -> Iterator[tuple[int, bytes]]:
    """
    Yield (offset, block) of whole lines from `begin` on; a torn last line is left out.

    With `end`, only what is before it is read.
    """
    offset, rest = stream.seek(begin), b""
    left = sys.maxsize if end is None else end - begin
    while data := stream.read(min(_BLOCK_BYTES, left)):
        left -= len(data)
        cut = data.rfind(b"\n") + 1
        if cut:
            block = rest + data[:cut]
            yield offset, block
            offset, rest = offset + len(block), b""
        rest += data[cut:]


def sorted_blocks(
    stream: BinaryIO, begin: int = 0, end: int | None = None
) -> Iterator[tuple[int, Sorted]]:
    """
    Yield (offset, sorted lines) of all blocks from `begin` on, in order, or of those before `end`.

    A few are sorted in parallel.
    """
    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="vorel-load") as threads:
        begun: deque[tuple[int, Future[Sorted]]] = deque()
        for offset, block in blocks(stream, begin, end):
            if len(begun) == _AT_ONCE:
                first, made = begun.popleft()
                yield first, made.result()
            begun.append((offset, threads.submit(sort_lines, block)))
        for first, made in begun:
            yield first, made.result()


@dataclass(frozen=True, slots=True)
class Sorted:
    """
    The lines of a block, sorted by kind, each with its `line` (from 0) and `offset`.

    The block has `lines` lines and `size` bytes.
    `created` are lines of rows with the occurrence 1 that were created with their first key: they
    have the numbers `source` and `key`, and `digests` has the first `DIGEST_BYTES` of each source
    hash. `sent` lines have the `key` of a first attempt. `others` has all other lines, and lines
    near a place where the times may go back. `minutes` counts the lines that are not in
    `others`, as in `ResultsScan`.
    """

    lines: int
    size: int
    digests: bytes
    created: pl.DataFrame
    sent: pl.DataFrame
    others: pl.DataFrame
    minutes: pl.DataFrame


def sort_lines(block: bytes) -> Sorted:
    """Sort the lines of a block. If anything is unusual, all of them are in `others`."""
    try:
        table = _table(pl.read_lines(io.BytesIO(block), name="text"))
        if table["size"].sum() == len(block):
            created, sent = _created(table), _sent(table)
            if _are_hashes(created["hash"], created["row"], created["base"], sent["base"]):
                return _sorted(table, created, sent)
    except PolarsError:
        pass
    sizes = pl.DataFrame({"size": [len(text) for text in io.BytesIO(block)]})
    return _sorted(_placed(sizes).with_columns(text=pl.lit("")), None, None)


def _table(lines: pl.DataFrame) -> pl.DataFrame:
    return _placed(lines.with_columns(size=pl.col("text").str.len_bytes().cast(pl.Int64) + 1))


def _placed(lines: pl.DataFrame) -> pl.DataFrame:
    """Add the number and the offset of each line."""
    return lines.with_columns(
        line=pl.int_range(pl.len(), dtype=pl.Int64),
        offset=pl.col("size").cum_sum() - pl.col("size"),
    )


def _created(table: pl.DataFrame) -> pl.DataFrame:
    """Return the lines of created rows with their hashes: `hash`, `row` and `base`."""
    raw, at = pl.col("raw"), pl.col("at")
    hash_at = at + len(_SOURCE_HASH)
    row_at = hash_at + _HASH + len(_ROW_HASH)
    key_at = row_at + _HASH + len(_KEY)
    tail_at = key_at + _HASH + len(_CREATED)
    between = (
        (hash_at + _HASH, _ROW_HASH),
        (row_at + _HASH, _KEY),
        (key_at + _HASH, _CREATED),
    )
    return (
        table.filter(pl.col("text").str.starts_with('{"kind":"row"'))
        .with_columns(
            raw=pl.col("text").cast(pl.Binary),
            at=pl.col("text").str.find(_SOURCE_HASH, literal=True).cast(pl.Int64),
        )
        .filter(
            *(raw.bin.slice(begin, len(text)) == pl.lit(text.encode()) for begin, text in between)
        )
        .filter(
            raw.bin.slice(0, at).cast(pl.String).str.contains(_HEAD),
            raw.bin.slice(tail_at).cast(pl.String).str.contains(_CREATED_TAIL),
        )
        .select(
            "line",
            "offset",
            "text",
            hash=raw.bin.slice(hash_at, _HASH).cast(pl.String),
            row=raw.bin.slice(row_at, _HASH).cast(pl.String),
            base=raw.bin.slice(key_at, _HASH).cast(pl.String),
        )
    )


def _sent(table: pl.DataFrame) -> pl.DataFrame:
    """Return the `sent` lines of first attempts, with the `base` of their key."""
    raw, begin = pl.col("text").cast(pl.Binary), len(_SENT)
    return (
        table.filter(
            pl.col("text").str.starts_with(_SENT),
            pl.col("text").str.len_bytes() > begin + _HASH,
        )
        .select("line", "offset", "text", base=raw.bin.slice(begin, _HASH).cast(pl.String))
        .filter(pl.col("text").str.slice(begin + _HASH).str.contains(_SENT_TAIL))
    )


def _are_hashes(*columns: pl.Series) -> bool:
    """Return whether all texts are hashes of 64 lower-case hex digits."""
    for column in columns:
        joined = column.str.join("").item().encode()
        if len(joined) != _HASH * len(column) or joined.translate(None, b"0123456789abcdef"):
            return False
    return True


def _sorted(table: pl.DataFrame, created: pl.DataFrame | None, sent: pl.DataFrame | None) -> Sorted:
    created = table.head(0).with_columns(hash="text", base="text") if created is None else created
    sent = table.head(0).with_columns(base="text") if sent is None else sent
    usual = pl.concat(
        part.select("line", "offset", pl.lit(kind).alias("kind"), "text")
        for kind, part in (("row", created), ("sent", sent))
    )
    others = table.join(usual, on="line", how="anti")
    times = pl.concat(
        [
            usual.select("line", at=pl.col("text").str.tail(26).str.head(24)),
            others.select("line", at=pl.col("text").str.extract(_ANY_TIME)),
        ]
    )
    unordered = table.join(_around_steps(times), on="line", how="semi")
    return Sorted(
        lines=table.height,
        size=int(table["size"].sum()),
        digests=bytes.fromhex(created["hash"].str.head(2 * DIGEST_BYTES).str.join("").item()),
        created=created.select("line", "offset", source=_number("hash"), key=_number("base")),
        sent=sent.select("line", "offset", key=_number("base")),
        others=pl.concat([part.select("line", "offset") for part in (others, unordered)]),
        minutes=_minutes(usual.join(unordered, on="line", how="anti"), others),
    )


def _minutes(usual: pl.DataFrame, others: pl.DataFrame) -> pl.DataFrame:
    """Count lines by kind and minute, between those that may be the beginning of a run."""
    is_request_or_row = pl.any_horizontal(
        pl.col("text").str.starts_with(f'{{"kind":"{kind}"') for kind in _KINDS_OF_ROWS
    )
    begun = others.filter(~is_request_or_row)["line"].sort()
    found = (
        usual.select(
            "offset",
            "kind",
            minute=pl.col("text").str.tail(26).str.head(_MINUTE),
            run=begun.search_sorted(usual["line"]),
        )
        .group_by("run", "kind", "minute")
        .agg(pl.col("offset").min(), count=pl.len())
        .select("offset", "kind", "minute", "count")
    )
    # A part of a text keeps the whole block in memory, so its minutes are copied.
    return found.with_columns(pl.Series("minute", found["minute"].to_list(), pl.String))


def _number(column: str) -> pl.Expr:
    return pl.col(column).str.slice(0, PREFIX_DIGITS).str.to_integer(base=16)


def _around_steps(times: pl.DataFrame) -> pl.DataFrame:
    """
    Return the first and the last line of a block, and the lines where the time goes back.

    They are enough to know how often the time goes back, and how far.
    """
    at = pl.col("at")
    ordered = (at >= at.shift(1)).fill_null(value=False)
    return (
        times.sort("line")
        .with_columns(ordered=ordered)
        .filter(~pl.col("ordered") | ~pl.col("ordered").shift(-1, fill_value=False))
        .select("line")
    )
