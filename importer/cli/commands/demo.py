"""`vorel-import demo`: imports the sample data into a sandbox, over HTTP, at the real pace."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from importer.cli.ending import answer, say_result
from importer.cli.help import HelpfulCommand
from importer.cli.interrupts import run_with_signals
from importer.cli.options import json_option
from importer.cli.shown.progress import Progress
from importer.cli.terminal_text import is_quiet, say
from importer.core.records import Status, Summary
from importer.core.resources import data_folder

if TYPE_CHECKING:
    from importer.sandbox import Sandbox


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoDocument:
    """The imports of the demo by list, and how many records the sandbox has. `folder` has all."""

    lists: Mapping[str, Summary]
    records: int
    folder: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ListsDocument:
    """The paths of the sample lists."""

    lists: Sequence[str]


# Six imports run one after the other with one key, and each sends its first request at once. A
# rate slightly below the limit keeps them below it together.
_SHARE_OF_LIMIT = 0.95
_NARROWEST = 11


@click.command(cls=HelpfulCommand)
@click.option(
    "--output",
    type=click.Path(file_okay=False),
    metavar="DIR",
    help="Where the files go.  [default: a new temporary folder]",
)
@click.option(
    "--lists",
    type=click.Path(file_okay=False),
    metavar="DIR",
    help="Only write the sample lists to DIR.",
)
@click.option(
    "--rate",
    type=click.IntRange(min=2),
    default=200,
    show_default=True,
    metavar="N",
    help="Requests a minute that the sandbox allows.",
)
@json_option
def demo(*, output: str | None, lists: str | None, rate: int, as_json: bool) -> int:
    """Import the sample lists into a sandbox, at the real pace, and show the result."""
    from importer.sandbox import SandboxConfig, running

    if lists is not None:
        return _write_lists(Path(lists), as_json=as_json)
    folder = Path(output) if output else Path(tempfile.mkdtemp(prefix="vorel-demo-"))
    folder.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    summaries: list[tuple[str, Summary]] = []
    with running(SandboxConfig(rate_limit=rate)) as sandbox:
        say(f"A sandbox listens on {sandbox.url}; its page shows the records arrive.", err=as_json)
        for mapping in sorted(data_folder("sample_data").glob("*.toml")):
            source = _copy(mapping, folder)
            say(f"\n{source.name}", err=as_json)
            summary = _import(source, sandbox, int(rate * _SHARE_OF_LIMIT))
            summaries.append((source.name, summary))
            if summary.stopped:
                break
        created = len(sandbox.records())
    if as_json:
        imported = dict(summaries)
        say_result(DemoDocument(lists=imported, records=created, folder=str(folder)))
    else:
        _print_result(summaries, created, folder, time.monotonic() - began)
    return 0 if _adds_up(summaries, created) else 1


def _write_lists(folder: Path, *, as_json: bool) -> int:
    """Copy the sample lists to a folder. A file that is there is not replaced."""
    folder.mkdir(parents=True, exist_ok=True)
    there = sorted(data_folder("sample_data").iterdir())
    paths = [path for path in there if path.suffix in {".csv", ".jsonl", ".xlsx"}]
    for path in paths:
        if not (folder / path.name).exists():
            shutil.copy(path, folder / path.name)
    written = [str(folder / path.name) for path in paths]
    return answer(ListsDocument(lists=written), *written, as_json=as_json)


def _copy(mapping: Path, folder: Path) -> Path:
    """Copy a sample and its mapping, so that the files of its import are in the same folder."""
    lists = (mapping.with_suffix(suffix) for suffix in (".csv", ".jsonl"))
    source = next(path for path in lists if path.exists())
    for path in (mapping, source):
        shutil.copy(path, folder / path.name)
    (folder / f"{source.stem}.results.jsonl").unlink(missing_ok=True)
    return folder / source.name


def _import(source: Path, sandbox: Sandbox, rate: int) -> Summary:
    from pydantic import SecretStr

    from importer.core.settings import ErrorLimit
    from importer.run.config import ImportConfig

    config = ImportConfig(
        sources=(str(source),),
        mapping=source.with_suffix(".toml"),
        base_url=sandbox.url,
        api_key=SecretStr(sandbox.api_key),
        rate=rate,
        max_errors=ErrorLimit(share=1),
    )
    with closing(Progress(quiet=is_quiet(), rate=rate)) as progress:
        return run_with_signals(config, [progress])


def _adds_up(summaries: list[tuple[str, Summary]], created: int) -> bool:
    counted = all(
        s.read == s.before + s.unsent + sum(s.counts.values()) and not s.stopped
        for _, s in summaries
    )
    return counted and created == sum(s.counts["created"] for _, s in summaries)


def _print_result(
    summaries: list[tuple[str, Summary]], created: int, folder: Path, seconds: float
) -> None:
    columns = [name for name in Status if any(summary.counts[name] for _, summary in summaries)]
    widths = {name: max(len(name) + 2, _NARROWEST) for name in columns}
    say(f"\n{'':<26}{'read':>6}" + "".join(f"{name:>{widths[name]}}" for name in columns))
    for name, summary in summaries:
        figures = "".join(f"{summary.counts[column]:>{widths[column]}}" for column in columns)
        say(f"{name:<26}{summary.read:>6}{figures}")
        if summary.stopped:
            say(f"  stopped: {summary.stopped}")
    read = sum(summary.read for _, summary in summaries)
    outcomes = sum(s.before + sum(s.counts.values()) for _, s in summaries)
    say(f"\n{read} rows read, {outcomes} outcomes, {created} records in the sandbox's CRM")
    say(f"in {seconds:.0f} s. Rows that are wrong on purpose are named in *.failed.csv.")
    say(f"The files are in {folder}")
