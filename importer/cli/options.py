"""The flags that several commands share, and how they become settings."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from importer.errors import ConfigError
from importer.shared import FORMAT_NAMES, OBJECTS, parse_time

if TYPE_CHECKING:
    from importer.config import ImportConfig

__all__ = [
    "accept_list_option",
    "at_once_option",
    "build_config",
    "failed_as_option",
    "import_options",
    "is_person_there",
    "json_option",
    "load_api_key",
    "monitoring_options",
    "pace_options",
    "read_options",
    "schema_option",
    "source_type",
    "time_limit_option",
]

_Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]
_READ_NAMES = (
    "format", "encoding", "delimiter", "quote", "escape", "no_header", "header_rows",
    "skip_lines", "comment", "max_row_bytes",
    "max_ratio", "sheet", "record_path",
)  # fmt: skip


def is_person_there() -> bool:
    """Return whether a person can be asked: both ends are a terminal."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def _chain(*options: _Decorator) -> _Decorator:
    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed(options):
            function = option(function)
        return function

    return decorate


class Duration(click.ParamType):  # type: ignore[type-arg]  # generic from click 8.4 on
    """A time in seconds, or with a unit after it: `90m`, `24h`, `7d`."""

    name = "time"

    def __init__(self, *, allows_zero: bool = True, least: float = 0) -> None:
        self._allows_zero = allows_zero
        self._least = least

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        try:
            seconds = parse_time(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)
        if seconds < self._least or (seconds == 0 and not self._allows_zero):
            self.fail(f"{value!r} is too short a time", param, ctx)
        return seconds


source_type = click.Path(readable=False, allow_dash=True)
"""A list: a file, a folder, a glob or an address. Shells complete the names of files."""

read_options = _chain(
    click.option("--format", type=click.Choice(FORMAT_NAMES), help="What the sources are."),
    click.option("--encoding", metavar="NAME", help="The text encoding, e.g. windows-1256."),
    click.option("--delimiter", metavar="TEXT", help="The text between cells, e.g. ';' or '||'."),
    click.option("--quote", metavar="CHAR", help="The quote of cells, or none.  [default: found]"),
    click.option(
        "--escape", metavar="CHAR", help="What escapes a quote, or none.  [default: found]"
    ),
    click.option(
        "--no-header", is_flag=True, default=None, help="The first line is a row: number columns."
    ),
    click.option(
        "--header-rows",
        type=click.IntRange(0, 9),
        metavar="N",
        help="How many rows the header has.  [default: found]",
    ),
    click.option(
        "--skip-lines",
        type=click.IntRange(min=0),
        metavar="N",
        help="How many lines are above the header.  [default: found]",
    ),
    click.option("--comment", metavar="TEXT", help="Skip lines that begin with TEXT."),
    click.option(
        "--max-row-bytes",
        type=click.IntRange(min=1024),
        metavar="N",
        help="Refuse larger rows.  [default: 1048576]",
    ),
    click.option(
        "--sheet",
        metavar="NAME",
        help="The sheet of a spreadsheet.  [default: the first with a list]",
    ),
    click.option(
        "--record-path", metavar="PATH", help="Where in a JSON object the list is, e.g. data.items."
    ),
    click.option(
        "--max-ratio",
        type=click.IntRange(min=1),
        metavar="N",
        help="Refuse archives that unpack to more than N times their size.  [default: 200]",
    ),
)

schema_option = click.option(
    "--schema",
    "schema_file",
    type=click.Path(),
    metavar="FILE",
    help="Fields of your own (JSON Schema).",
)

accept_list_option = click.option(
    "--accept-list",
    is_flag=True,
    default=None,
    help="Send the list, however much it differs from the last one.",
)

import_options = _chain(
    click.argument("sources", nargs=-1, metavar="SOURCE...", type=source_type),
    click.option(
        "--job",
        type=click.Path(),
        metavar="FILE",
        help="A job file (list, key and settings of a nightly import), or a folder of them. Flags "
        "take precedence.",
    ),
    click.option("--object", type=click.Choice(OBJECTS), help="What the rows are."),
    click.option("--mapping", type=click.Path(), metavar="FILE", help="The mapping file (TOML)."),
    schema_option,
    click.option(
        "--strict", is_flag=True, default=None, help="Refuse fields that no schema describes."
    ),
    click.option(
        "--results",
        type=click.Path(),
        metavar="FILE",
        help="The results file.  [default: <stem>.results.jsonl beside the source]",
    ),
    read_options,
    click.option(
        "--retry",
        type=click.Choice(["all", "transient", "none"]),
        help="Which failed rows to send again.  [default: all]",
    ),
    click.option(
        "--on-duplicate",
        type=click.Choice(["skip", "send"]),
        help="The second of two equal rows.  [default: skip]",
    ),
    click.option(
        "--on-change",
        type=click.Choice(["report", "send"]),
        help="A row that has changed since its record was made.  [default: report]",
    ),
    click.option(
        "--key-lifetime",
        type=Duration(),
        metavar="TIME",
        help="How long the service remembers a request. Rows without a clear answer are sent again "
        "only within this time.  [default: 24h]",
    ),
    click.option(
        "--resend-unknown",
        is_flag=True,
        default=None,
        help="Send rows without a clear answer, however old. Check first that the CRM lacks them.",
    ),
    click.option("--base-url", metavar="URL", help="The service.  [default: https://app.vorel.ai]"),
    click.option(
        "--same-service",
        is_flag=True,
        default=None,
        help="Continue: the service has a new address.",
    ),
    click.option(
        "--same-account",
        is_flag=True,
        default=None,
        help="Continue: the account has a new API key.",
    ),
    click.option(
        "--new-import",
        is_flag=True,
        default=None,
        help="Set another import's results file aside. Create rows again that other imports or a "
        "lost results file knew.",
    ),
    click.option("--namespace", metavar="TEXT", help="Keep this import's keys apart from others."),
    click.option("--limit", type=click.IntRange(min=0), metavar="N", help="Send at most N rows."),
    click.option(
        "--max-shrink",
        metavar="N|N%",
        help="Send nothing if more rows are gone since the last run.  [default: 20%]",
    ),
    click.option(
        "--max-new",
        metavar="N|N%",
        help="Send nothing if more rows are new.  [default: by how the list has grown before]",
    ),
    click.option(
        "--max-changed",
        metavar="N|N%",
        help="Send nothing if more known rows have changed.  [default: 20%, or three times the "
        "usual]",
    ),
    accept_list_option,
)

pace_options = _chain(
    click.option(
        "--rate", type=click.IntRange(min=1), metavar="N", help="Requests a minute.  [default: 200]"
    ),
    click.option(
        "--pace",
        type=click.Choice(["spread", "burst"]),
        help="Send evenly, or as early as the limit allows.  [default: spread]",
    ),
)

monitoring_options = _chain(
    click.option(
        "--log-file",
        type=click.Path(),
        metavar="FILE",
        help="Write a log. It is renamed at 10 MB; five older ones are kept.",
    ),
    click.option(
        "--log-format",
        type=click.Choice(["text", "json"]),
        help="json: one object an event, in the log and in place of messages.  [default: text]",
    ),
    click.option(
        "--metrics-file",
        type=click.Path(),
        metavar="FILE",
        help="Write figures for node_exporter's textfile collector.",
    ),
    click.option(
        "--ping",
        metavar="URL",
        help="Ping URL/start and URL/<exit code>, as for healthchecks.io.",
    ),
    click.option(
        "--notify",
        metavar="URL",
        help="Post to Slack when a run fails, has new problems, or is in order again.",
    ),
    click.option(
        "--notify-command",
        metavar="COMMAND",
        help="Run a command with the message of --notify on its standard input.",
    ),
)

at_once_option = click.option(
    "--at-once",
    type=click.IntRange(min=1),
    metavar="N",
    default=50,
    help="How many jobs of a folder run side by side.  [default: 50]",
)

time_limit_option = click.option(
    "--time-limit",
    type=Duration(allows_zero=False),
    metavar="TIME",
    help="Stop cleanly after this time, e.g. 8h.",
)

json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object on standard output."
)


failed_as_option = click.option(
    "--failed-as",
    type=click.Choice(["csv", "xlsx"]),
    help="The format of the failed file; xlsx is for spreadsheet programs.  [default: csv]",
)


def load_api_key(path: str | None, *, ask: bool) -> str | None:
    """
    Return the API key from a file, from VOREL_API_KEY, or from a prompt on the terminal.

    Returns None if there is none. Raises `ConfigError` for a file that cannot be read.
    """
    if path is not None:
        from importer.jobs.keys import read_key_file

        return read_key_file(Path(path), "--api-key-file")
    if key := os.environ.get("VOREL_API_KEY", "").strip():
        return key
    if ask and is_person_there():
        return str(click.prompt("API key (VOREL_API_KEY)", hide_input=True, err=True)).strip()
    return None


def build_config(
    *, api_key: str | None = None, of_job: Mapping[str, Any] | None = None, **flags: Any
) -> ImportConfig:
    """
    Return the settings for the flags of a command; flags that are None were not given.

    `of_job` are the settings of a job file: flags take precedence.

    The flags have whatever types click gives them: `ImportConfig` checks them.
    """
    from importer.config import DEFAULT_BASE_URL, ImportConfig
    from importer.settings import ErrorLimit, RowLimit

    given = {name: value for name, value in flags.items() if value is not None}
    read = {name: given.pop(name) for name in _READ_NAMES if name in given}
    if "delimiter" in read:
        read["delimiter"] = {"\\t": "\t", "tab": "\t"}.get(read["delimiter"], read["delimiter"])
    read |= {name: "" for name in ("quote", "escape") if read.get(name) == "none"}
    for name in ("max_errors", "max_shrink", "max_new", "max_changed"):
        kind = ErrorLimit if name == "max_errors" else RowLimit
        if name in given:
            try:
                given[name] = kind.parse(given[name])
            except ValueError as error:
                raise ConfigError(f"--{name.replace('_', '-')}: {error}") from None
    base_url = os.environ.get("VOREL_BASE_URL", "").strip() or DEFAULT_BASE_URL
    settings = {"base_url": base_url, **(of_job or {}), **given}
    return ImportConfig(**{**settings, "read": read, "api_key": api_key})
