"""Derived files: when they are written again, under which names, and what they never replace."""

from __future__ import annotations

import csv
import errno
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import SecretStr

from importer import ImportConfig, run_import
from importer.sandbox import Sandbox
from importer.writer import results
from importer.writer.index.results_scan import scan_file

pytestmark = pytest.mark.anyio
NAMES = ("success", "failed", "unsent", "changed")


@pytest.fixture
def config(tmp_path: Path, sandbox: Sandbox) -> ImportConfig:
    source = tmp_path / "people.csv"
    source.write_text("first_name,email\nRana,r@example.com\nBo,b@example.com\n")
    return ImportConfig(
        sources=(str(source),),
        object="contact",
        base_url=sandbox.url,
        api_key=SecretStr(sandbox.api_key),
        rate=1_000_000,
    )


def files(folder: Path) -> dict[str, tuple[int, str]]:
    """Return of each file which one it is, and what it holds."""
    paths = {name: folder / f"people.{name}.csv" for name in NAMES}
    return {
        name: (path.stat().st_ino, path.read_text())
        for name, path in paths.items()
        if path.exists()
    }


async def test_a_run_that_decides_nothing_leaves_them_alone(
    config: ImportConfig, tmp_path: Path
) -> None:
    await run_import(config)
    first = files(tmp_path)
    for _ in range(2):
        summary = await run_import(config)
        assert summary.success_file == str(tmp_path / "people.success.csv")
    assert files(tmp_path) == first


async def test_a_run_whose_results_file_cannot_be_written_has_a_report(
    config: ImportConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, calls = results._write_all, 0

    def fill(descriptor: int, data: bytes) -> None:
        nonlocal calls
        calls += 1
        if calls > 2:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        write(descriptor, data)

    monkeypatch.setattr(results, "_write_all", fill)
    summary = await run_import(config)
    assert summary.exit_code == 3
    assert summary.files["report"] == str(tmp_path / "people.report.html")
    assert (tmp_path / "people.report.html").exists()


def csv_files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("*.csv"))


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def touch(path: Path) -> None:
    path.write_text(path.read_text().replace("Rana", "Nara"))


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: touch(folder / "people.success.csv"),
        lambda folder: (folder / "people.success.csv").unlink(),
    ],
    ids=["touched", "missing"],
)
async def test_one_that_is_not_as_it_was_left_is_written_again(
    config: ImportConfig, tmp_path: Path, change: Callable[[Path], None]
) -> None:
    await run_import(config)
    first = files(tmp_path)
    change(tmp_path)

    await run_import(config)

    again = files(tmp_path)
    assert {name: text for name, (_, text) in again.items()} == {
        name: text for name, (_, text) in first.items()
    }


async def test_a_row_that_left_the_source_leaves_them_too(
    config: ImportConfig, tmp_path: Path
) -> None:
    await run_import(config)
    (tmp_path / "people.csv").write_text("first_name,email\nBo,b@example.com\n")

    summary = await run_import(config)

    assert sum(summary.counts.values()) == 0
    assert "Rana" not in (tmp_path / "people.success.csv").read_text()


async def test_they_are_written_after_a_run_that_was_killed_before_its_end(
    config: ImportConfig, tmp_path: Path
) -> None:
    await run_import(config)
    results = tmp_path / "people.results.jsonl"
    results.write_bytes(b"".join(results.read_bytes().splitlines(keepends=True)[:-1]))
    first = files(tmp_path)

    await run_import(config)

    assert {name: inode for name, (inode, _) in files(tmp_path).items()} != {
        name: inode for name, (inode, _) in first.items()
    }


async def test_the_lines_that_a_run_writes_are_those_taken_in_many_at_once(
    config: ImportConfig, tmp_path: Path
) -> None:
    await run_import(config)

    found = scan_file(tmp_path / "people.results.jsonl")

    assert len(found.offsets["offset"]) == 2
    lines = (tmp_path / "people.results.jsonl").read_text().splitlines()
    kinds = [json.loads(lines[at])["kind"] for at in found.places()["line"]]
    assert "row" not in kinds, "no line of a row is read by itself"


@pytest.fixture
def with_a_bad_row(config: ImportConfig, tmp_path: Path) -> ImportConfig:
    source = tmp_path / "people.csv"
    source.write_text(source.read_text() + "Mona,no address\n")
    return config


def correct(failed: Path) -> None:
    """Edit the file, and leave its times as they were."""
    times = failed.stat()
    failed.write_text(failed.read_text().replace("no address", "m@example.com"))
    os.utime(failed, ns=(times.st_atime_ns, times.st_mtime_ns))


def kept(folder: Path) -> list[Path]:
    return list(folder.glob("*edited*"))


async def test_corrections_that_were_not_imported_are_kept(
    with_a_bad_row: ImportConfig, tmp_path: Path
) -> None:
    failed = tmp_path / "people.failed.csv"
    for number in (1, 2):
        await run_import(with_a_bad_row)
        correct(failed)
        summary = await run_import(with_a_bad_row)
        assert "m@example.com" in (tmp_path / f"people.edited-{number}.failed.csv").read_text()
        assert "no address" in failed.read_text()
        assert any(f"kept as people.edited-{number}" in text for text in summary.notices)


async def test_a_failed_file_that_nobody_touched_is_written_over(
    with_a_bad_row: ImportConfig, tmp_path: Path
) -> None:
    for _ in range(3):
        summary = await run_import(with_a_bad_row)
        (tmp_path / "people.failed.csv").touch()
        assert not summary.notices
    assert not kept(tmp_path)


@pytest.mark.parametrize("last", ["end", "exports"])
async def test_an_interrupted_run_makes_no_copy_of_what_nobody_edited(
    with_a_bad_row: ImportConfig, tmp_path: Path, last: str
) -> None:
    """Killed before its end, or between its line and the files it names."""
    results = tmp_path / "people.results.jsonl"
    await run_import(with_a_bad_row)
    older = (tmp_path / "people.failed.csv").read_bytes()
    await run_import(with_a_bad_row)
    lines = results.read_bytes().splitlines(keepends=True)
    while json.loads(lines.pop())["kind"] != last:
        pass
    results.write_bytes(b"".join(lines))
    (tmp_path / "people.failed.csv").write_bytes(older)

    summary = await run_import(with_a_bad_row)

    assert not [notice for notice in summary.notices if "edited" in notice]
    assert not kept(tmp_path)


async def test_a_file_without_rows_is_not_left_lying(
    with_a_bad_row: ImportConfig, tmp_path: Path
) -> None:
    first = await run_import(with_a_bad_row)
    assert (first.failed_file, first.unsent_file) == (str(tmp_path / "people.failed.csv"), None)
    (tmp_path / "people.csv").write_text("first_name,email\nRana,r@example.com\n")

    second = await run_import(with_a_bad_row)

    assert second.failed_file is None
    assert list(files(tmp_path)) == ["success"]


async def test_the_files_of_others_are_left_as_they_are(
    with_a_bad_row: ImportConfig, tmp_path: Path
) -> None:
    for name in ("success", "failed"):
        (tmp_path / f"people.{name}.csv").write_text("mine\n")

    for _ in range(2):
        summary = await run_import(with_a_bad_row)
        assert summary.success_file == str(tmp_path / "people.success-2.csv")
        assert any("rows are in people.failed-2.csv" in text for text in summary.notices)
    (tmp_path / "people.failed.csv").unlink()
    await run_import(with_a_bad_row)

    assert (tmp_path / "people.success.csv").read_text() == "mine\n"
    assert "no address" in (tmp_path / "people.failed.csv").read_text()
    assert not (tmp_path / "people.failed-2.csv").exists(), "it would be stale"


async def test_files_are_named_after_their_results_file(
    config: ImportConfig, tmp_path: Path
) -> None:
    for name in ("a.results.jsonl", "b.jsonl", "b.results.jsonl"):
        await run_import(config.replace(results=tmp_path / name, new_import=True))
    names = csv_files(tmp_path)
    assert names == ["a.success.csv", "b.success-2.csv", "b.success.csv", "people.csv"]
    refs = [row["vorel_ref"] for row in rows_of(tmp_path / "b.success-2.csv")]
    assert all(ref.startswith("b.results.jsonl#") for ref in refs)


async def test_a_link_in_their_place_is_not_followed(config: ImportConfig, tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_text("keep me\n")
    for name in ("people.success.csv", ".people.success.csv.partial"):
        (tmp_path / name).symlink_to(precious)

    summary = await run_import(config)

    assert precious.read_text() == "keep me\n"
    assert summary.success_file == str(tmp_path / "people.success-2.csv")
    assert (tmp_path / "people.success-2.csv").stat().st_mode & 0o777 == 0o600


async def test_what_a_killed_run_left_is_cleared_away(config: ImportConfig, tmp_path: Path) -> None:
    left = tmp_path / ".people.results.jsonl.abc.tmp"
    left.write_text("Rana\n")
    await run_import(config)
    assert not left.exists()


async def test_rows_of_several_sources_say_which_one_they_are_from(
    config: ImportConfig, tmp_path: Path
) -> None:
    other = tmp_path / "others.csv"
    other.write_text("first_name,phone,email\nMona,+971501234567,m@example.com\n")

    summary = await run_import(
        config.replace(
            sources=(*config.sources, str(other)), results=tmp_path / "all.results.jsonl"
        )
    )

    assert summary.success_file is not None
    found = [
        (row["first_name"], row["phone"], Path(row["vorel_source"]).name)
        for row in rows_of(Path(summary.success_file))
    ]
    assert found == [
        ("Rana", "", "people.csv"),
        ("Bo", "", "people.csv"),
        ("Mona", "+971501234567", "others.csv"),
    ]
