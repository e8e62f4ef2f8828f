"""Makes new files of the corpus: bytes, lines, signs and encodings changed at random."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import random
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

__all__ = ["Case", "mutated", "seeds"]

_CORPUS = Path(__file__).parents[2] / "corpus"
_SAMPLES = Path(__file__).parents[3] / "sample_data"
_LARGEST = 256 * 1024
_ENCODINGS = (
    "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "windows-1252",
    "windows-1256", "windows-1251", "cp850", "mac-roman", "shift_jis", "gb18030", "utf-7",
)  # fmt: skip
_PIECES = (
    b'"', b"'", b'""', b",", b";", b"\t", b"|", b"||", b", ", b"\\", b'\\"', b"\n", b"\r", b"\r\n",
    b"\n\n", b"\0", b"#", b"sep=;\n", b"\xef\xbb\xbf", b"\xff\xfe", b"\xe9", b"\xc3\xa9", b"\xd9",
    b"\xe2\x80\xa8", b"\x1a", b"\xc2\xa0", b"{", b"}", b"[", b"]", b'{"a":1}\n', b'"\n"', b'","',
    b"Total: 3\n", b"vorel_row", b"NaN", b"\\u0000", b"\\ud800", b"9" * 400, b" ", b"x" * 3000,
)  # fmt: skip
_OPTIONS: tuple[dict[str, Any], ...] = (
    {"delimiter": ";"}, {"delimiter": "||"}, {"quote": "'"}, {"quote": ""}, {"escape": "\\"},
    {"comment": "#"}, {"skip_lines": 2}, {"header_rows": 2}, {"no_header": True},
    {"max_row_bytes": 1024}, {"encoding": "utf-8"}, {"encoding": "windows-1252"},
    {"encoding": "utf-16"}, {"format": "csv"}, {"format": "jsonl"}, {"format": "json"},
)  # fmt: skip


@dataclass(frozen=True)
class Case:
    """A file to read: its bytes, its ending, what is stated, and how large a chunk is."""

    content: bytes
    suffix: str
    options: dict[str, Any] = field(default_factory=dict)
    chunk: int = 4096


def seeds() -> list[tuple[str, bytes]]:
    """Return ending and bytes of every list of the corpus and the samples."""
    corpus = [path for path in _CORPUS.glob("*/*") if not path.name.endswith(".json")]
    samples = [path for path in _SAMPLES.iterdir() if path.suffix in {".csv", ".jsonl"}]
    paths = sorted(corpus + samples)
    return [(path.suffix, path.read_bytes()) for path in paths]


def mutated(rng: random.Random, corpus: Sequence[tuple[str, bytes]]) -> Case:
    """Return a file of the corpus, changed in up to six ways."""
    suffix, content = rng.choice(corpus)
    for _ in range(rng.choice((0, 1, 1, 1, 2, 2, 3, 4, 6))):
        content = rng.choice(_MUTATIONS)(rng, content, rng.choice(corpus)[1])[:_LARGEST]
    case = Case(content, suffix, chunk=rng.choice((64, 200, 1000, 4096, 65536)))
    if rng.random() < 0.2:
        case = replace(case, options=dict(rng.choice(_OPTIONS)))
    if rng.random() < 0.05:
        case = _packed(rng, case)
    return case


def _flip(rng: random.Random, content: bytes, _: bytes) -> bytes:
    changed = bytearray(content)
    for _byte in range(rng.randint(1, 8)):
        if changed:
            changed[rng.randrange(len(changed))] = rng.randrange(256)
    return bytes(changed)


def _insert(rng: random.Random, content: bytes, _: bytes) -> bytes:
    place = rng.randint(0, len(content))
    return content[:place] + rng.choice(_PIECES) * rng.choice((1, 1, 1, 2, 5)) + content[place:]


def _delete(rng: random.Random, content: bytes, _: bytes) -> bytes:
    place = rng.randint(0, len(content))
    return content[:place] + content[place + rng.choice((1, 1, 2, 8, 100)) :]


def _cut(rng: random.Random, content: bytes, _: bytes) -> bytes:
    place = rng.randint(0, len(content))
    return rng.choice((content[:place], content[place:]))


def _splice(rng: random.Random, content: bytes, other: bytes) -> bytes:
    return content[: rng.randint(0, len(content))] + other[rng.randint(0, len(other)) :]


def _append(rng: random.Random, content: bytes, other: bytes) -> bytes:
    return content + rng.choice((b"", b"\n", b"\r\n\r\n")) + other


def _lines(rng: random.Random, content: bytes, _: bytes) -> bytes:
    """Repeat, drop, swap or shuffle lines."""
    lines = content.splitlines(keepends=True)
    if len(lines) < 2:
        return content * 2
    a, b = rng.randrange(len(lines)), rng.randrange(len(lines))
    way = rng.randrange(5)
    if way == 0:
        lines[a:a] = [lines[b]] * rng.choice((1, 2, 200))
    elif way == 1:
        del lines[min(a, b) : max(a, b)]
    elif way == 2:
        lines[a], lines[b] = lines[b], lines[a]
    elif way == 3:
        rng.shuffle(lines)
    else:
        lines *= rng.choice((2, 10))
    return b"".join(lines)


def _swap(rng: random.Random, content: bytes, _: bytes) -> bytes:
    """Put one sign for another: everywhere, in one line, or once."""
    old, new = rng.choice(_PIECES), rng.choice(_PIECES)
    way = rng.randrange(3)
    if way == 0:
        return content.replace(old, new)
    if way == 1:
        lines = content.splitlines(keepends=True) or [b""]
        place = rng.randrange(len(lines))
        lines[place] = lines[place].replace(old, new)
        return b"".join(lines)
    parts = content.split(old)
    place = rng.randint(1, len(parts))
    return old.join(parts[:place]) + (new + old.join(parts[place:]) if parts[place:] else b"")


def _recode(rng: random.Random, content: bytes, _: bytes) -> bytes:
    text = content.decode("utf-8", "replace")
    return text.encode(rng.choice(_ENCODINGS), "replace")


_MUTATIONS: tuple[Callable[[random.Random, bytes, bytes], bytes], ...] = (
    _flip, _insert, _insert, _insert, _delete, _cut, _splice, _append, _lines, _lines, _swap,
    _swap, _recode,
)  # fmt: skip


def _packed(rng: random.Random, case: Case) -> Case:
    """Compress a file, and damage one half of what comes out."""
    pack = rng.choice((gzip.compress, bz2.compress, lzma.compress, _zip))
    content = pack(case.content)
    if rng.random() < 0.5:
        content = rng.choice((_flip, _cut, _delete))(rng, content, b"")
    return replace(case, content=content)


def _zip(content: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.csv", content)
        archive.writestr("b.csv", content[::-1])
    return packed.getvalue()
