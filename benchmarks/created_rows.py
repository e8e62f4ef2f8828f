"""Makes a list, and the results file that the import of it would have left: each row created."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl

from importer.core.keys import row_hash, row_key, source_hash
from importer.reader.columnar import sha256

__all__ = ["add_rows", "write"]

_COLUMNS = ("first_name", "last_name", "email", "phone", "company", "city")
_RUN = "0123456789ab"
_AT_ONCE = 100_000
_BEGAN = 1_767_225_600_000
_CELLS = {
    "first_name": "Person {number}",
    "last_name": "Al Mansouri",
    "email": "person.{number}@example.com",
    "phone": "+971{digits}",
    "company": "Example Trading LLC",
    "city": "Dubai",
}
_FIELDS = "{" + ",".join(f'"{name}":"{text}"' for name, text in sorted(_CELLS.items())) + "}"
_SENT = (
    '{"kind":"sent","idempotency_key":"vi1-{key}","row":{number},"source_hash":"{source}",'
    '"occurrence":1,"marks":"m{m}c{c}c{d}n{n}.{words}","at":"{at}"}'
)
_ROW = (
    '{"kind":"row","run":"0123456789ab","source":"people.csv","row":{number},"line":{line},'
    '"source_hash":"{source}","occurrence":1,"row_hash":"{row}","idempotency_key":"vi1-{key}",'
    '"status":"created","external_id":"0033{digits}abCDE",'
    '"record_url":"https://crm.example/contacts/0033{digits}abCDE",'
    '"error":null,"attempts":1,"at":"{at}"}'
)


def write(folder: Path, rows: int, base_url: str) -> tuple[Path, Path]:
    """
    Write a list of so many people, its mapping and its results. Returns list and results.

    The marks have the form of real ones, and are those of nobody.
    """
    source, results = folder / "people.csv", folder / "people.results.jsonl"
    run = {"kind": "run", "run": _RUN, "object": "contact", "base_url": base_url, "salt": "5a17"}
    source.write_text(",".join(_COLUMNS) + "\n")
    fields = "".join(f'{name} = "{name}"\n' for name in _COLUMNS)
    source.with_suffix(".toml").write_text(f'object = "contact"\n[fields]\n{fields}')
    with results.open("w") as journal:
        journal.write(json.dumps(run, separators=(",", ":")) + "\n")
        for begin in range(1, rows + 1, _AT_ONCE):
            table = _people(begin, min(_AT_ONCE, rows + 1 - begin))
            _add(source, table)
            table = _with_outcomes(table)
            if begin == 1:
                _prove(table)
            lines = pl.concat_str(_filled(_SENT), pl.lit("\n"), _filled(_ROW), pl.lit("\n"))
            journal.write(table.select(lines.str.join("")).item())
    return source, results


def add_rows(source: Path, begin: int, rows: int) -> None:
    """Add people to a list who are not in it: numbers from `begin` on."""
    _add(source, _people(begin, rows))


def _people(begin: int, rows: int) -> pl.DataFrame:
    number = pl.int_range(begin, begin + rows)
    table = pl.select(
        count=number, number=number.cast(pl.String), line=(number + 1).cast(pl.String)
    )
    return table.with_columns(digits=pl.col("number").str.zfill(11))


def _add(source: Path, table: pl.DataFrame) -> None:
    with source.open("a", newline="") as stream:
        row = _filled(",".join(_CELLS.values()) + "\n")
        stream.write(table.select(row.str.join("")).item())


def _with_outcomes(table: pl.DataFrame) -> pl.DataFrame:
    def hashed(table: pl.DataFrame, **texts: str) -> pl.DataFrame:
        made = {
            name: sha256(table.select(_filled(text)).to_series()) for name, text in texts.items()
        }
        return table.with_columns(**{name: pl.Series(one) for name, one in made.items()})

    table = hashed(table, source=_FIELDS, row=f'{{"fields":{_FIELDS},"object":"contact"}}')
    table = hashed(table, key='["","contact","row","{row}",1]')
    letters = pl.col("row").str
    at = pl.from_epoch(_BEGAN + pl.col("count") * 300, time_unit="ms")
    return table.with_columns(
        m=letters.slice(0, 8),
        c=letters.slice(8, 8),
        d=letters.slice(16, 8),
        n=letters.slice(24, 8),
        words=letters.slice(32, 12),
        at=at.dt.strftime("%Y-%m-%dT%H:%M:%S.%3fZ"),
    )


def _filled(text: str) -> pl.Expr:
    """Return a text with the values of columns in place of their names in braces."""
    parts: list[pl.Expr] = []
    while (end := text.find("}")) >= 0 or text:
        begin = text.rfind("{", 0, end) if end >= 0 else -1
        name = text[begin + 1 : end]
        if begin < 0 or not name.isidentifier():
            cut = end + 1 if end >= 0 else len(text)
            parts.append(pl.lit(text[:cut]))
            text = text[cut:]
            continue
        parts += [pl.lit(text[:begin]), pl.col(name)]
        text = text[end + 1 :]
    return pl.concat_str(parts)


def _prove(table: pl.DataFrame) -> None:
    """Check the first row against the hashes of the importer."""
    made = table.row(0, named=True)
    fields = {name: text.format(**made) for name, text in _CELLS.items()}
    digest = row_hash("contact", fields)
    assert made["source"] == source_hash(fields)
    assert made["row"] == digest
    assert f"vi1-{made['key']}" == row_key("contact", digest)
