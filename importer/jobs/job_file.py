"""Reads a job file: a mapping file with a table `[job]`."""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError

from importer.core.addresses import is_remote, is_secret, shown
from importer.core.errors import ConfigError
from importer.core.locale.message import Message, joined
from importer.core.settings import Settings, describe_faults
from importer.jobs.api_keys import KeySource
from importer.jobs.lists import ListSource
from importer.jobs.monitoring.monitoring_settings import MONITORING, MonitoringSettings
from importer.mapper.headers.names import no_such_key
from importer.run.config import DEFAULT_BASE_URL, SETTINGS, ImportConfig, from_environment

_SETTINGS = {name: one for name, one in SETTINGS.items() if one.has_key}
_TOLD = MONITORING.keys() - {"log_file", "log_format"}
_JOB_TABLE = re.compile(r"^\s*\[job\][^\n]*\n((?:(?!\s*\[)[^\n]*\n?)*)", re.MULTILINE)
_HINT = Message(
    "`vorel-import map SOURCE --object contact --as-job -o FILE` writes a job file for a list."
)


class JobFile(Settings):
    """
    A job: the list, the mapping, the key and the settings of an import that is run again and again.

    Paths are relative to the folder of the job file. `settings` are those of `ImportConfig`, by
    their own names; `monitoring` says who is told of its runs.
    """

    path: Path
    name: str
    source: ListSource
    mapping: Path | None = None
    api_key: KeySource | None = None
    settings: Mapping[str, Any] = Field(default_factory=dict)
    monitoring: MonitoringSettings = MonitoringSettings()

    @property
    def folder(self) -> Path:
        """The folder of the job file."""
        return self.path.parent

    @property
    def results(self) -> Path:
        """The results file: `<name>.results.jsonl` beside the job file, unless it is stated."""
        return Path(self.settings.get("results") or self.folder / f"{self.name}.results.jsonl")

    def config_settings(self) -> dict[str, Any]:
        """Return the settings for `ImportConfig`, without the sources and the key."""
        return {
            "compact": True,
            **self.settings,
            "results": self.results,
            "mapping": self.mapping or self.path,
        }

    def config(self) -> ImportConfig:
        """Return the settings as the file states them, for no run. Raises `ConfigError`."""
        return ImportConfig(
            **self.config_settings(), job=self.path, sources=self.source.patterns(self.folder)
        )

    def run_config(self, files: Sequence[str], **given: Any) -> ImportConfig:
        """
        Return the settings of a run of the job whose list is in these files. Raises `UsageError`.

        What is `given` takes precedence; its `api_key` may be a `KeySource`. What nobody has stated
        of service and key is that of the environment.
        """
        key = given.get("api_key", self.api_key)
        own_key = key.read(self.folder) if isinstance(key, KeySource) else key
        given["api_key"] = own_key or from_environment("api_key")
        own = {
            "base_url": from_environment("base_url") or DEFAULT_BASE_URL,
            **self.config_settings(),
            "called": self.source.called(),
            "job": self.path,
        }
        return ImportConfig(**{**own, **given, "sources": tuple(files)})


class _JobTable(ListSource):
    """The table `[job]`, without the settings of `ImportConfig`."""

    name: str | None = None
    mapping: Path | None = None
    api_key: KeySource | None = None


KEYS = tuple(sorted({*_JobTable.model_fields, *_SETTINGS, *MONITORING}))
"""The keys of the table `[job]`."""


def load_job(path: Path) -> JobFile:
    """
    Read a job file. Raises `ConfigError` that names the file and each invalid key.

        job = load_job(Path("clinic.toml"))
        with job.source.found(job.folder) as files:
            summary = anyio.run(run_import, job.run_config(files))
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        is_written = isinstance(error, tomllib.TOMLDecodeError)
        again = Message("Correct that place, then: vorel-import check --job %(path)s", path=path)
        raise ConfigError(
            "%(path)s is not a job file: %(fault)s",
            path=path,
            fault=_reason(error),
            hint=again if is_written else _HINT,
        ) from None
    table = document.get("job")
    if not isinstance(table, dict):
        raise ConfigError(
            "%(path)s is not a job file: it has no table [job]",
            path=path,
            hint=joined(
                [
                    Message(
                        "A job needs its list at least: [job], and below it sources = "
                        '["people.csv"].'
                    ),
                    _HINT,
                ],
                "sentences",
            ),
        )
    faults = [
        Message("%(key)s: it is for one run: use the flag, once.", key=name)
        if name in SETTINGS and SETTINGS[name].once
        else no_such_key(name, KEYS)
        for name in table.keys() - set(KEYS)
    ]
    try:
        job = _job(path, table)
        job.config()
        if not faults:
            return job
    except ValidationError as error:
        faults += describe_faults(error).each_line()
    except ConfigError as error:
        faults += error.message.each_line()
    lines = (Message("%(path)s: job.%(fault)s", path=path, fault=one) for one in faults)
    raise ConfigError(joined(lines, "lines"), hint=_HINT)


def _reason(error: OSError | ValueError) -> Message:
    """Return why a file cannot be read as TOML."""
    if isinstance(error, OSError):
        return Message("it cannot be read (%(fault)s)", fault=error.strerror)
    if isinstance(error, UnicodeDecodeError):
        return Message("it is no text")
    return Message("it is no TOML (%(reason)s)", reason=error)


def _job(path: Path, table: Mapping[str, Any]) -> JobFile:
    """Return the job in a table. Raises `ValidationError` and `ConfigError`."""
    names = table.keys() & _JobTable.model_fields.keys()
    checked = _JobTable.model_validate({name: table[name] for name in names})
    return JobFile(
        path=path,
        name=checked.name or path.stem,
        source=checked,
        mapping=None if checked.mapping is None else path.parent / checked.mapping,
        api_key=checked.api_key,
        settings=_settings({n: v for n, v in table.items() if n in _SETTINGS}, path.parent),
        monitoring=MonitoringSettings.model_validate(
            _settings({n: v for n, v in table.items() if n in MONITORING}, path.parent)
        ),
    )


def told_of_mistakes(path: Path) -> MonitoringSettings:
    """
    Return who is to be told that a job file has a mistake: what can be read of its table.

    A key that is wrong is left out; where the file is no TOML, each line of the table is read by
    itself. Logs are left out too.
    """
    found: dict[str, Any] = {}
    for name, value in _readable(path).items():
        with suppress(ValidationError, ConfigError):
            given = _settings({name: value}, path.parent) if name in _TOLD else {}
            MonitoringSettings.model_validate(given)
            found |= given
    return MonitoringSettings.model_validate(found)


def _readable(path: Path) -> Mapping[str, Any]:
    """Return the keys of `[job]` that can be read."""
    try:
        text = path.read_bytes().decode("utf-8-sig", "replace")
    except OSError:
        return {}
    with suppress(ValueError):
        table = tomllib.loads(text).get("job")
        return table if isinstance(table, dict) else {}
    found: dict[str, Any] = {}
    for line in "".join(_JOB_TABLE.findall(text)).splitlines():
        with suppress(ValueError):
            found |= tomllib.loads(line)
    return found


def find_jobs(folder: Path) -> list[Path]:
    """
    Return the job files in a folder, sorted by name, or the one that it is itself.

    Raises `ConfigError` if there are none.
    """
    if folder.is_file():
        return [folder]
    if not folder.is_dir():
        raise ConfigError("%(path)s: no such folder or job file", path=folder, hint=_HINT)
    found = [path for path in sorted(folder.glob("*.toml")) if b"[job]" in path.read_bytes()]
    if not found:
        raise ConfigError(
            "%(path)s: the folder has no job file",
            path=folder,
            hint=joined(
                [Message("A job file is a .toml file with a table [job]."), _HINT], "sentences"
            ),
        )
    return found


def _settings(given: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """Return the settings as `ImportConfig` takes them."""
    settings: dict[str, Any] = {}
    for name, value in given.items():
        is_address = name == "output" and isinstance(value, str) and is_remote(value)
        is_path = {**_SETTINGS, **MONITORING}[name].type is Path
        if is_path and isinstance(value, str) and not is_address:
            value = Path(os.path.normpath(folder / value))  # noqa: PLW2901
        if name == "email" and isinstance(value, dict) and "password_file" in value:
            path = os.path.normpath(folder / str(value["password_file"]))
            value = {**value, "password_file": path}  # noqa: PLW2901
        settings[name] = value
    return settings


_TABLE = Path(__file__).with_name("job_table.txt")
_NEWEST = "newest = true                   # of the files with such a name, the one written last\n"
_INCOMPLETE = (
    "  # without its user, password or query: add them, and let nobody else read this file"
)
_OF_TODAY = "  # with the day of the run in its name"
_FIXED = "  # is the date the same tomorrow? %Y, %m and %d stand for the day of the run"
_FORMATS = ("%Y{0}%m{0}%d", "%d{0}%m{0}%Y", "%m{0}%d{0}%Y")
_DATE = re.compile(
    r"(?<!\d)(?:\d{4}([-_.]?)\d\d\1\d\d|\d\d([-_.]?)\d\d\2\d{4})(?P<time>[-_.T ]?\d{2,6})*(?!\d)"
)


def job_table(source: str, output: Path) -> str:
    """
    Return a table for the list `source`, to be added to the mapping file `output`.

    A date in the name of the list would be another one tomorrow: that of today becomes a pattern
    for the day of the run. Of another one, or one with a time behind it, each digit becomes `?`,
    and the newest such file is taken. The table has nothing of an address that could be a secret.

    >>> print(job_table("lists/people.csv", Path("lists/clinic.toml")).splitlines()[2])
    sources = ["people.csv"]
    """
    if is_remote(source):
        pattern = _dated(shown(source))
        note = _INCOMPLETE if is_secret(source) else _FIXED if pattern is None else ""
        return _written(output, pattern or shown(source), note)
    if source == "-":
        return _written(output, source, "")
    path = os.path.relpath(source, output.parent)
    whole = path.replace("%", "%%")
    of_today = _dated(whole)
    if of_today is not None and of_today != whole:
        return _written(output, of_today, _OF_TODAY)
    of_any = _DATE.sub(_wild, whole)
    if of_any != whole:
        return _written(output, of_any, "", newest=_NEWEST)
    return _written(output, whole if "%" in path else path, "")


def _written(output: Path, pattern: str, note: str, newest: str = "") -> str:
    sources = json.dumps([pattern], ensure_ascii=False)
    table = _TABLE.read_text(encoding="utf-8")
    return table.format(name=output.name, sources=sources, note=note, newest=newest)


def _dated(path: str) -> str | None:
    """Return a path with today's date as a pattern, or None if it has another one, or several."""
    today = date.today()  # noqa: DTZ011 - that of the person who reads the name
    found = [match for match in _DATE.finditer(path) if _is_date(match[0])]
    if not found:
        return path
    if len(found) > 1 or found[0]["time"]:
        return None
    separator = found[0][1] or found[0][2] or ""
    fits = [
        pattern
        for form in _FORMATS
        if today.strftime(pattern := form.format(separator)) == found[0][0]
    ]
    if len(fits) != 1:
        return None
    return path[: found[0].start()] + fits[0] + path[found[0].end() :]


def _wild(found: re.Match[str]) -> str:
    return re.sub(r"\d", "?", found[0]) if _is_date(found[0]) else found[0]


def _is_date(text: str) -> bool:
    """Return whether digits are a date of this or the last century, and not a number."""
    digits = re.sub(r"\D", "", text)[:8]
    for form in _FORMATS:
        with suppress(ValueError):
            if datetime.strptime(digits, form.format("")).year >= 1970:  # noqa: DTZ007 - a day
                return True
    return False
