"""Chunks are read ahead in the background, within bounds, and nothing is left running."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator

import pytest

from importer.reader.batches import Prefetcher, batches, batches_but
from importer.reader.csv.csv_block import CsvBlock
from importer.reader.csv.reader import CsvReader
from importer.reader.protocol import ChunkSize
from importer.reader.text.chunks import ChunkStream, line_end

pytestmark = pytest.mark.slow


def chunks_of(count: int) -> ChunkStream:
    content = b"".join(b"%07d\n" % number for number in range(count))
    return ChunkStream(io.BytesIO(content), "utf-8", size=8, cut=line_end)


def readers() -> list[str]:
    return [thread.name for thread in threading.enumerate() if "vorel-read" in thread.name]


def taken(prefetcher: Prefetcher[bytes]) -> Iterator[bytes]:
    while (block := prefetcher.take()) is not None:
        assert not isinstance(block, ChunkSize)
        yield block


def test_what_is_made_of_chunks_comes_in_their_order() -> None:
    chunks = chunks_of(50)
    with Prefetcher(chunks, bytes.strip) as prefetcher:
        assert [int(block) for block in taken(prefetcher)] == list(range(50))


def test_a_chunk_is_made_once_and_only_a_few_ahead() -> None:
    chunks, made = chunks_of(50), []

    def make(chunk: bytes) -> bytes:
        made.append(int(chunk))
        return chunk

    with Prefetcher(chunks, make) as prefetcher:
        for taken_before, _ in enumerate(taken(prefetcher)):
            assert len(made) <= taken_before + 3

    assert sorted(made) == list(range(50))


def test_where_the_exact_reader_went_on_what_was_made_of_its_chunks_is_dropped() -> None:
    chunks = chunks_of(5)
    with Prefetcher(chunks, bytes.strip) as prefetcher:
        assert prefetcher.take() == b"0000000"
        assert chunks.readline(100) == "0000001\n"
        assert chunks.readline(100) == "0000002\n"
        assert prefetcher.take() == b"0000003"


def test_an_error_comes_out_where_its_chunk_is_asked_for() -> None:
    def fail(chunk: bytes) -> bytes:
        if int(chunk) == 1:
            raise MemoryError("chunk 1")
        return chunk

    chunks = chunks_of(5)
    with Prefetcher(chunks, fail) as prefetcher:
        assert prefetcher.take() == b"0000000\n"
        with pytest.raises(MemoryError, match="chunk 1"):
            prefetcher.take()
    assert readers() == []


def test_nothing_runs_on_when_reading_ends_early() -> None:
    content = b"a,b\n" + b"1,2\n" * 1_000_000
    found = batches(
        CsvReader(ChunkStream(io.BytesIO(content), "utf-8"), source="s", max_row_bytes=99)
    )
    while not isinstance(next(found), CsvBlock):
        pass
    assert readers() != []

    found.close()  # type: ignore[attr-defined]

    assert readers() == []


def csv(content: bytes) -> CsvReader:
    return CsvReader(ChunkStream(io.BytesIO(content), "utf-8"), source="s", max_row_bytes=99)


def test_a_later_pass_leaves_chunks_out_and_counts_their_rows_all_the_same() -> None:
    lines = b"".join(b"%07d,x\n" % number for number in range(700_000))
    damaged = lines.replace(b"0300000,x\n", b'0300000,"x\ny" z\n')
    sizes: dict[int, ChunkSize] = {}
    whole = [*batches_but(csv(b"a,b\n" + damaged), sizes, {})]
    rows = sum(map(len, whole))
    assert len(sizes) >= 2
    assert not any(isinstance(one, ChunkSize) for one in whole)

    again = [*batches_but(csv(b"a,b\n" + damaged), {}, sizes)]

    assert [one for one in again if isinstance(one, ChunkSize)] == [*sizes.values()]
    assert sum(one.rows if isinstance(one, ChunkSize) else len(one) for one in again) == rows
    firsts = [one.row(0) for one in whole if not isinstance(one, CsvBlock | ChunkSize)]
    left = [one.row(0) for one in again if not isinstance(one, ChunkSize)]
    assert left == firsts
