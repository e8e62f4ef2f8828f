"""Compressed files and archives: recognized by content, read whole or refused."""

from __future__ import annotations

import bz2
import errno
import gzip
import io
import lzma
import sys
import tarfile
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from effort import examples
from hypothesis import given, settings
from hypothesis import strategies as st

from importer import Row, read_rows
from importer.core.errors import SourceError
from importer.core.settings import ReadOptions
from importer.reader import find_sources
from importer.reader.files import compression

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

DATA = b"name,city\nRana,Dubai\nOmar,Berlin\n"
PACK: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zst": zstd.compress,
}


def read(folder: Path, data: bytes, name: str = "list.csv", **options: Any) -> list[list[object]]:
    path = folder / name
    path.write_bytes(data)
    return [[*row.values.values()] for row in read_rows(path, **options) if isinstance(row, Row)]


def zipped(**members: bytes | str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return packed.getvalue()


@pytest.mark.parametrize("kind", PACK)
@pytest.mark.parametrize("name", ["list.csv.{}", "list.csv", "list"])
def test_a_compressed_list_is_read_whatever_its_name(tmp_path: Path, kind: str, name: str) -> None:
    rows = read(tmp_path, PACK[kind](DATA), name.format(kind))
    assert rows == [["Rana", "Dubai"], ["Omar", "Berlin"]]


@pytest.mark.parametrize("kind", PACK)
def test_several_packed_parts_in_one_file_are_one_list(tmp_path: Path, kind: str) -> None:
    assert len(read(tmp_path, PACK[kind](DATA) + PACK[kind](b"Lea,Paris\n"))) == 3


@pytest.mark.parametrize("kind", PACK)
@pytest.mark.parametrize("lost", [1, 9, 20])
def test_a_list_that_was_cut_off_is_refused(tmp_path: Path, kind: str, lost: int) -> None:
    with pytest.raises(SourceError, match=r"ends too early|damaged|cannot be unpacked"):
        read(tmp_path, PACK[kind](DATA)[:-lost])


@pytest.mark.parametrize("kind", PACK)
def test_a_damaged_list_is_refused(tmp_path: Path, kind: str) -> None:
    data = bytearray(PACK[kind](DATA))
    data[len(data) // 2] ^= 0xFF
    data[-6] ^= 0xFF
    with pytest.raises(SourceError) as caught:
        read(tmp_path, bytes(data))
    assert caught.value.hint


@pytest.mark.parametrize("kind", ["gz", "zst"])
def test_junk_behind_a_packed_list_is_refused(tmp_path: Path, kind: str) -> None:
    with pytest.raises(SourceError, match=r"damaged|cannot be unpacked"):
        read(tmp_path, PACK[kind](DATA) + b"junk")


def test_the_format_comes_from_the_name_inside(tmp_path: Path) -> None:
    (tmp_path / "list.jsonl.gz").write_bytes(gzip.compress(b'oops\n{"a": 1}\n'))
    rows = list(read_rows(tmp_path / "list.jsonl.gz"))
    assert [type(row).__name__ for row in rows] == ["Rejected", "Row"]
    assert rows[1].source.endswith("list.jsonl.gz")


def test_standard_input_may_be_compressed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(gzip.compress(DATA))))
    assert [row.source for row in read_rows("-")] == ["-", "-"]


@pytest.mark.parametrize("kind", PACK)
def test_an_archive_made_to_fill_the_disk_is_stopped(tmp_path: Path, kind: str) -> None:
    bomb = PACK[kind](b"a,b\n" * 256 * 1024) * 80  # 80 MiB; all four allow several parts
    with pytest.raises(SourceError, match="more than 200 times its size") as caught:
        read(tmp_path, bomb)
    assert "--max-ratio" in str(caught.value.hint)


def test_a_part_of_an_archive_is_unpacked_at_a_time(tmp_path: Path) -> None:
    (tmp_path / "bomb").write_bytes(zstd.compress(bytes(256 * 1024 * 1024)))
    tracemalloc.start()
    with pytest.raises(SourceError, match="more than 200 times its size"):
        list(read_rows(tmp_path / "bomb"))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 16 * 1024 * 1024


def test_frames_of_zstd_that_hold_no_data_are_skipped(tmp_path: Path) -> None:
    skippable = b"\x50\x2a\x4d\x18\x04\0\0\0note"
    first, second = DATA[:10], DATA[10:]
    data = zstd.compress(first) + skippable + zstd.compress(b"") + zstd.compress(second)
    assert len(read(tmp_path, data)) == 2


def test_the_ratio_can_be_raised_and_small_lists_need_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bomb = gzip.compress(b"a,b\n" + b"1,2\n" * 1023)
    assert len(read(tmp_path, bomb, max_ratio=1)) == 1023
    monkeypatch.setattr(compression, "_ALWAYS_ALLOWED", 100)
    with pytest.raises(SourceError, match="more than 2 times its size"):
        read(tmp_path, bomb, max_ratio=2)
    assert len(read(tmp_path, bomb, max_ratio=1000)) == 1023


def test_each_list_in_a_zip_archive_is_a_source(tmp_path: Path) -> None:
    members: dict[str, bytes | str] = {
        "b.csv": DATA,
        "folder/a.jsonl": '{"a": 1}\n',
        "__MACOSX/b.csv": b"\0",
        "folder/.DS_Store": b"\0",
        "read me.txt": "hello",
        "inner.csv.gz": gzip.compress(DATA),
        "empty/": b"",
    }
    path = tmp_path / "lists.zip"
    path.write_bytes(zipped(**members))
    files = find_sources((str(path),), spool=tmp_path)
    names = [file.name.removeprefix(f"{path}/") for file in files]
    assert names == ["b.csv", "folder/a.jsonl", "inner.csv.gz"]
    assert "read me.txt" in files[0].notices[0]
    assert files[1].notices == ()
    assert [(row.source.rpartition("/")[2], row.line) for row in read_rows(path)] == [
        ("b.csv", 2),
        ("b.csv", 3),
        ("a.jsonl", 1),
        ("inner.csv.gz", 2),
        ("inner.csv.gz", 3),
    ]


def test_the_only_member_is_read_whatever_its_name(tmp_path: Path) -> None:
    assert len(read(tmp_path, zipped(export=DATA), "a.zip")) == 2


def test_a_zip_archive_without_lists_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"has no lists in it, only a\.pdf, b\.doc"):
        read(tmp_path, zipped(**{"a.pdf": b"x", "b.doc": b"x"}))
    with pytest.raises(SourceError, match="is empty"):
        read(tmp_path, zipped())


def test_a_member_with_a_password_is_refused(tmp_path: Path) -> None:
    data = bytearray(zipped(**{"a.csv": DATA}))
    for magic, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(magic) + place] |= 1
    with pytest.raises(SourceError, match=r"a\.csv has a password"):
        read(tmp_path, bytes(data))


def test_a_member_packed_in_an_unknown_way_is_refused(tmp_path: Path) -> None:
    data = bytearray(zipped(**{"a.csv": DATA}))
    for magic, place in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        data[data.index(magic) + place] = 9
    with pytest.raises(SourceError, match="compression") as caught:
        read(tmp_path, bytes(data))
    assert "Unpack it" in str(caught.value.hint)


@pytest.mark.parametrize("lost", [5, 60, 100])
def test_a_zip_archive_that_was_cut_off_is_refused(tmp_path: Path, lost: int) -> None:
    with pytest.raises(SourceError, match="is damaged"):
        read(tmp_path, zipped(**{"a.csv": DATA})[:-lost])


def test_all_members_together_are_limited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compression, "_ALWAYS_ALLOWED", 5000)
    members = {f"{number}.csv": b"a,b\n" * 1000 for number in range(20)}
    with pytest.raises(SourceError, match="more than 3 times"):
        read(tmp_path, zipped(**members), max_ratio=3)


def test_what_is_packed_again_and_again_is_refused(tmp_path: Path) -> None:
    data = gzip.compress(gzip.compress(gzip.compress(DATA)))
    assert len(read(tmp_path, data)) == 2
    with pytest.raises(SourceError, match="packed in too many layers"):
        read(tmp_path, gzip.compress(data))


def test_a_tar_archive_is_named(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        info = tarfile.TarInfo("a.csv")
        info.size = len(DATA)
        archive.addfile(info, io.BytesIO(DATA))
    with pytest.raises(SourceError, match="a tar archive"):
        read(tmp_path, packed.getvalue())


def test_a_full_disk_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(compression, "spool", full)
    with pytest.raises(SourceError, match="not enough disk space to unpack it") as caught:
        read(tmp_path, gzip.compress(DATA))
    assert "TMPDIR" in str(caught.value.hint)


def test_without_the_extra_zstd_is_refused_with_the_way_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, zstd.__name__, None)
    with pytest.raises(SourceError, match="one more package") as caught:
        read(tmp_path, PACK["zst"](DATA))
    assert "-m pip install backports-zstd" in str(caught.value.hint)


@settings(max_examples=examples(150))
@given(
    st.sampled_from([*PACK, "zip"]), st.binary(max_size=60), st.integers(0, 90), st.integers(0, 90)
)
def test_whatever_happens_to_an_archive_it_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, kind: str, junk: bytes, start: int, end: int
) -> None:
    data = zipped(**{"a.csv": DATA}) if kind == "zip" else PACK[kind](DATA)
    path = tmp_path_factory.mktemp("packed") / "list"
    path.write_bytes(data[: 4 + start] + junk + data[4 + end :])
    try:
        files = find_sources((str(path),), spool=path.parent, options=ReadOptions())
    except SourceError as error:
        assert error.hint  # noqa: PT017 - either end will do
    else:
        assert files
