"""The rows of a large list are counted while the plan is made."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import SecretStr

from importer import ImportConfig, run_import
from importer.core.events import Event, Notice, RowDone, RunStarted
from importer.report.import_status import import_status
from importer.run import file_names, survey
from importer.sandbox import Sandbox

ROWS = 30


@pytest.fixture
def large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A list above the size up to which rows are counted; one line at its end is no row."""
    monkeypatch.setattr(survey, "_COUNTED_BYTES", 100)
    source = tmp_path / "contacts.csv"
    lines = [f"Person {n},p{n}@example.com" for n in range(1, ROWS + 1)]
    text = "\n".join(["First Name,E-mail", *lines, f"Total: {ROWS}"]) + "\n"
    source.write_text(text, encoding="utf-8")
    return source


@pytest.fixture
def config(large: Path, sandbox: Sandbox) -> Callable[..., ImportConfig]:
    mapping = large.with_name("mapping.toml")
    mapping.write_text(
        'object = "contact"\n[fields]\nfirst_name = "First Name"\nemail = "E-mail"\n',
        encoding="utf-8",
    )

    def make(*, limit: int | None = None) -> ImportConfig:
        return ImportConfig(
            sources=(str(large),),
            mapping=mapping,
            base_url=sandbox.url,
            rate=1_000_000,
            api_key=SecretStr(sandbox.api_key),
            limit=limit,
        )

    return make


async def test_how_many_rows_there_are_is_known_at_the_start_and_what_is_found_is_told_at_the_end(
    config: Callable[..., ImportConfig],
) -> None:
    events: list[Event] = []
    summary = await run_import(config(), hooks=[events.append])

    started = next(event for event in events if isinstance(event, RunStarted))
    assert started.total == ROWS
    assert summary.exit_code == 0
    assert summary.read == summary.counts["created"] == ROWS
    first_row = next(n for n, event in enumerate(events) if isinstance(event, RowDone))
    footer = [n for n, e in enumerate(events) if isinstance(e, Notice) and "skipped" in e.message]
    assert len(footer) == 1
    assert footer[0] > first_row
    assert sum("skipped" in notice for notice in summary.notices) == 1


async def test_no_row_is_open_once_all_were_read_and_some_are_before(
    config: Callable[..., ImportConfig],
) -> None:
    await run_import(config(limit=10))
    between = import_status(file_names.results_path(config()))
    await run_import(config())
    after = import_status(file_names.results_path(config()))

    assert between.left == ROWS - 10
    assert after.left == 0
