"""The ways to read a list and hash each row that `benchmarks.reading` compares."""

from __future__ import annotations

import csv
import hashlib
import json
import resource
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

__all__ = ["READERS", "measure"]

Reader = Callable[[Path], Iterator[str]]

_dumps = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_CHUNK = 50_000


def importer(path: Path) -> Iterator[str]:
    from importer.core.settings import ReadOptions
    from importer.reader import SourceFile, batches, detect_layout, open_source

    file, options = SourceFile(name=path.name, path=path), ReadOptions()
    with open_source(file, detect_layout(file, options), options) as rows:
        for batch in batches(rows):
            yield from batch.hashes


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _hash_sorted(names: list[str], rows: Iterator[Any]) -> Iterator[str]:
    """Hash rows whose cells stand in the order of `names`, which are sorted."""
    for row in rows:
        yield _sha256(_dumps(dict(zip(names, row, strict=True))))


def csv_script(path: Path) -> Iterator[str]:
    with path.open(newline="", encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            text = json.dumps(row, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
            yield _sha256(text)


def csv_module(path: Path) -> Iterator[str]:
    with path.open(newline="", encoding="utf-8") as stream:
        reader = csv.reader(stream)
        header = next(reader)
        order = sorted(range(len(header)), key=header.__getitem__)
        names = [header[place] for place in order]
        yield from _hash_sorted(names, ([row[place] for place in order] for row in reader))


def csv_orjson(path: Path) -> Iterator[str]:
    import orjson

    with path.open(newline="", encoding="utf-8") as stream:
        reader = csv.reader(stream)
        header = next(reader)
        for row in reader:
            text = orjson.dumps(dict(zip(header, row, strict=True)), option=orjson.OPT_SORT_KEYS)
            yield hashlib.sha256(text).hexdigest()


def csv_pandas(path: Path) -> Iterator[str]:
    import pandas as pd

    chunks = pd.read_csv(path, dtype=str, keep_default_na=False, chunksize=_CHUNK)
    for chunk in chunks:
        names = sorted(chunk.columns)
        yield from _hash_sorted(names, chunk[names].itertuples(index=False, name=None))


def csv_duckdb(path: Path) -> Iterator[str]:
    yield from _duckdb(f"read_csv('{path}', all_varchar=true, header=true)")


def csv_polars(path: Path) -> Iterator[str]:
    import polars as pl

    table = pl.read_csv(path, infer_schema=False, empty_string_is_null=False)
    names = sorted(table.columns)
    yield from _hash_sorted(names, table.select(names).iter_rows())


def csv_polars_unproven(path: Path) -> Iterator[str]:
    import polars as pl

    yield from _polars_hashes(pl.read_csv(path, infer_schema=False, empty_string_is_null=False))


def jsonl_script(path: Path) -> Iterator[str]:
    with path.open(encoding="utf-8") as stream:
        for line in stream:
            row = json.loads(line)
            text = json.dumps(row, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
            yield _sha256(text)


def jsonl_orjson(path: Path) -> Iterator[str]:
    import orjson

    with path.open("rb") as stream:
        for line in stream:
            text = orjson.dumps(orjson.loads(line), option=orjson.OPT_SORT_KEYS)
            yield hashlib.sha256(text).hexdigest()


def jsonl_pandas(path: Path) -> Iterator[str]:
    import pandas as pd

    for chunk in pd.read_json(path, lines=True, dtype=False, convert_dates=False, chunksize=_CHUNK):
        names = sorted(chunk.columns)
        yield from _hash_sorted(names, chunk[names].itertuples(index=False, name=None))


def jsonl_duckdb(path: Path) -> Iterator[str]:
    with path.open(encoding="utf-8") as stream:
        names = json.loads(stream.readline())
    columns = ", ".join(f"'{name}': 'VARCHAR'" for name in names)
    yield from _duckdb(f"read_json('{path}', format='newline_delimited', columns={{{columns}}})")


def jsonl_polars(path: Path) -> Iterator[str]:
    import polars as pl

    table = pl.read_ndjson(path)
    names = sorted(table.columns)
    yield from _hash_sorted(names, table.select(names).iter_rows())


def jsonl_polars_unproven(path: Path) -> Iterator[str]:
    import polars as pl

    yield from _polars_hashes(pl.read_ndjson(path))


def _duckdb(source: str) -> Iterator[str]:
    """Let DuckDB make the hashes, which is faster than taking rows out of it."""
    import duckdb

    connection = duckdb.connect()
    names = [row[0] for row in connection.execute(f"DESCRIBE FROM {source}").fetchall()]
    members = ", ".join(f"'{name}': \"{name}\"" for name in sorted(names))
    found = connection.execute(f"SELECT sha256(to_json({{{members}}})::VARCHAR) FROM {source}")
    while rows := found.fetchmany(_CHUNK):
        for (digest,) in rows:
            yield digest


def _polars_hashes(table: Any) -> Iterator[str]:
    import polars as pl
    import polars_hash

    row = pl.struct(sorted(table.columns)).struct.json_encode()
    yield from (
        table.select(row.alias("row"))
        .select(polars_hash.col("row").chash.sha2_256())["row"]
        .to_list()
    )


READERS: dict[str, dict[str, Reader]] = {
    "csv": {
        "importer": importer,
        "usual script": csv_script,
        "csv.reader, tuned": csv_module,
        "csv.reader and orjson": csv_orjson,
        "pandas, in chunks": csv_pandas,
        "DuckDB, hashes in SQL": csv_duckdb,
        "polars, rows into Python": csv_polars,
        "polars alone, nothing proven": csv_polars_unproven,
    },
    "jsonl": {
        "importer": importer,
        "usual script": jsonl_script,
        "orjson": jsonl_orjson,
        "pandas, in chunks": jsonl_pandas,
        "DuckDB, hashes in SQL": jsonl_duckdb,
        "polars, rows into Python": jsonl_polars,
        "polars alone, nothing proven": jsonl_polars_unproven,
    },
}


def measure(name: str, path: Path) -> dict[str, Any]:
    """Run one variant in this process: rows, seconds, the peak in MB, and a hash over all."""
    began = time.perf_counter()
    total = hashlib.sha256()
    rows = 0
    try:
        for digest in READERS[path.suffix[1:]][name](path):
            rows += 1
            total.update(digest.encode())
    except ModuleNotFoundError as error:
        return {"missing": error.name}
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return {"rows": rows, "seconds": seconds, "peak": peak, "all": total.hexdigest()}
