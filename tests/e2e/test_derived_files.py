"""The success, failed and unsent files are written again only where they may have changed."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import SecretStr

from importer import ImportConfig, run_import
from importer.sandbox import Sandbox
from importer.writer.index import loading

pytestmark = pytest.mark.anyio
NAMES = ("success", "failed", "unsent")


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
    return {name: (path.stat().st_ino, path.read_text()) for name, path in paths.items()}


async def test_a_run_that_decides_nothing_leaves_them_alone(
    config: ImportConfig, tmp_path: Path
) -> None:
    await run_import(config)
    first = files(tmp_path)
    for _ in range(2):
        summary = await run_import(config)
        assert summary.success_file == str(tmp_path / "people.success.csv")
    assert files(tmp_path) == first


def touch(path: Path) -> None:
    path.write_text(path.read_text().replace("Rana", "Nara"))


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: touch(folder / "people.success.csv"),
        lambda folder: (folder / "people.unsent.csv").unlink(),
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

    created, others = loading._scan(tmp_path / "people.results.jsonl")

    assert (len(created), others.height) == (2, 2), "its beginning and its end are others"


@pytest.fixture
def with_a_bad_row(config: ImportConfig, tmp_path: Path) -> ImportConfig:
    source = tmp_path / "people.csv"
    source.write_text(source.read_text() + "Mona,no address\n")
    return config


def correct(failed: Path) -> None:
    failed.write_text(failed.read_text().replace("no address", "m@example.com"))
    later = time.time() + 60
    os.utime(failed, (later, later))


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
        assert not summary.notices
    assert not kept(tmp_path)
