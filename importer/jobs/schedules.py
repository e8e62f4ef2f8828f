"""Timer units for a job, or for a folder of them: systemd, cron, launchd and GitHub Actions."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from xml.sax.saxutils import escape

from importer.core.errors import ConfigError
from importer.core.locale.message import Message
from importer.jobs.job_file import JobFile

_VARIABLE = "VOREL_API_KEY"
_KEY_FILE = "/etc/vorel/key"
_KEY_FOLDER = "/etc/vorel/keys, a folder with a file for each"
_TO_STOP = 15
"""Minutes beside the time limit: for reading the list, and for the files at the end."""
_TEMPLATES = Path(__file__).parent / "timers"
_AT = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")


def hour_and_minute(name: str, at: str) -> tuple[int, int]:
    """Return the time of day of a setting with this name as numbers. Raises `ConfigError`."""
    match = _AT.fullmatch(at)
    if match is None:
        raise ConfigError(
            "%(name)s %(at)s: it must be a time of day such as 02:00", name=name, at=at
        )
    return int(match[1]), int(match[2])


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheduled:
    """
    What is started: a job file, or a folder of them. `folder` is where it runs.

    `command` starts `vorel-import`, with its whole path.
    """

    command: Sequence[str]
    path: Path
    name: str
    folder: Path
    jobs: Sequence[JobFile]

    @classmethod
    def of(cls, command: Sequence[str], path: Path, jobs: Sequence[JobFile]) -> Self:
        """Return what `run --job` would start for a path, with the jobs that it has."""
        path = path.resolve()
        if path.is_dir():
            name, folder = path.name, path
        else:
            name, folder = jobs[0].name, path.parent
        return cls(command=command, path=path, name=name, folder=folder, jobs=jobs)

    @property
    def words(self) -> list[str]:
        """What the timer starts."""
        return [*self.command, "run", "--job", str(self.path), "--no-input"]

    @property
    def variables(self) -> list[str]:
        """The environment variables that the API keys are in."""
        keys = (job.api_key for job in self.jobs)
        return sorted({key.env for key in keys if key is not None and key.env is not None})


def schedule_files(
    what: Scheduled, kind: str, *, at: str, key_file: Path | None = None
) -> Mapping[str, str]:
    """
    Return the text of each file that `kind` needs, by its name.

    `at` is the time of day, `HH:MM`, on the clock of that computer. `key_file` is the file of the
    API key, or a folder with a file for each key of a folder of jobs. Paths in the text are
    absolute. The API key is in none of them. Raises `ConfigError` for an invalid time of day, and
    for a key that is not where `kind` can find it.
    """
    hour, minute = hour_and_minute("--at", at)
    words = what.words
    name = f"vorel-import-{re.sub(r'[^A-Za-z0-9_-]+', '-', what.name)}"
    if kind == "systemd":
        return _systemd(what, name, f"{hour:02}:{minute:02}", key_file)
    if kind == "cron":
        log = shlex.quote(str(what.folder / f"{what.name}.cron.log"))
        begin = f"{minute} {hour} * * *  cd {shlex.quote(str(what.folder))} && umask 077"
        line = f"{begin} && {shlex.join(words)}"
        # cron ends the command at a percent sign that is not escaped.
        return {name: _filled("cron", name=name, line=f"{line} >>{log} 2>&1".replace("%", r"\%"))}
    if kind == "launchd":
        items = "\n".join(f"    <string>{escape(word)}</string>" for word in words)
        log = escape(str(what.folder / f"{what.name}.launchd.log"))
        label = f"ai.vorel.{name}"
        return {
            f"{label}.plist": _filled(
                "launchd.plist", label=escape(label), items=items, hour=hour, minute=minute,
                folder=escape(str(what.folder)), log=log,
            )
        }  # fmt: skip
    keys = "".join(
        f"\n          {one}: ${{{{ secrets.{one} }}}}" for one in what.variables or [_VARIABLE]
    )
    path = shlex.quote(what.path.name)
    return {
        f"{name}.yml": _filled(
            "github.yml", name=name, hour=hour, minute=minute, job=path, keys=keys
        )
    }


def _systemd(what: Scheduled, name: str, at: str, key_file: Path | None) -> Mapping[str, str]:
    folder = _unit(str(what.folder))
    owner = _owner(what)
    # Without this, root could not read a list that another user has exported.
    rights = "CAP_DAC_OVERRIDE" if owner is None else ""
    user = "" if owner is None else f"User={_unit(owner)}\n"
    hardened = _filled("systemd.hardened", writable=_writable(what), user=user, rights=rights)
    states = [[*what.command, "status", str(job.results.resolve())] for job in what.jobs]
    return {
        f"{name}.service": _filled(
            "systemd.service",
            name=name,
            job=what.name,
            folder=folder,
            load=_credentials(what, key_file) + _environment(what),
            command=_exec(what.words),
            longest=_longest(what),
            hardened=hardened,
        ),
        f"{name}.timer": _filled("systemd.timer", job=what.name, at=at),
        f"{name}-failed.service": _filled(
            "systemd-failed.service",
            # The hyphen: the next one runs even if there is no results file yet.
            job=what.name,
            commands="\n".join(f"ExecStart=-{_exec(state)}" for state in states),
            hardened=hardened,
        ),
    }


def _longest(what: Scheduled) -> str:
    """Return how long a start may take: a run stops by itself at its time limit."""
    limits = [job.config().time_limit for job in what.jobs]
    known = [limit for limit in limits if limit is not None]
    if len(known) < len(limits):
        return "23h"
    return f"{round(max(known)) // 60 + _TO_STOP}min"


def _writable(what: Scheduled) -> str:
    """Return the folders that the jobs write to, as systemd reads them."""
    folders = {what.folder}
    for job in what.jobs:
        folders.add(job.results.resolve().parent)
        for path in (job.monitoring.log_file, job.monitoring.metrics_file):
            folders |= set() if path is None else {path.resolve().parent}
        output = job.settings.get("output")
        folders |= {output.resolve()} if isinstance(output, Path) else set()
    inner = {one for one in folders if any(other in one.parents for other in folders)}
    # The hyphen: a folder that is not there yet is no reason to fail.
    return " ".join(f'"-{_unit(str(one))}"' for one in sorted(folders - inner))


def _owner(what: Scheduled) -> str | None:
    """Return who owns the results of the jobs, or the job file; None for root."""
    there = [job.results for job in what.jobs if job.results.exists()]
    with suppress(KeyError, NotImplementedError, OSError):  # Windows has no owners of this kind
        owner = (there or [what.path])[0].owner()
        return None if owner == "root" else owner
    return None


def _credentials(what: Scheduled, key_file: Path | None) -> str:
    """Return the lines that load the keys that are credentials of systemd."""
    keys = ((job, job.api_key) for job in what.jobs)
    named = {key.credential: job for job, key in keys if key is not None and key.credential}
    if not named:
        return ""
    if key_file is None:
        name, job = next(iter(named.items()))
        where = _KEY_FOLDER if what.path.is_dir() else _KEY_FILE
        raise ConfigError(
            "%(path)s: its key is the credential %(name)s, which a unit has to load",
            path=job.path,
            name=name,
            hint=Message("Say where the key is: --api-key-file %(path)s", path=where),
        )
    path = key_file.resolve()
    is_folder = what.path.is_dir() or path.is_dir()
    files = {name: path / name if is_folder else path for name in named}
    return "".join(f"LoadCredential={name}:{_unit(str(at))}\n" for name, at in files.items())


def _environment(what: Scheduled) -> str:
    if not what.variables:
        return ""
    lines = "".join(f"# Holds one line: {name}=the key\n" for name in what.variables)
    return f"{lines}EnvironmentFile=/etc/vorel/{_unit(what.name)}.env\n"


def _unit(text: str) -> str:
    """Return a text as systemd reads it: percent signs stand for themselves."""
    return text.replace("%", "%%")


def _exec(words: list[str]) -> str:
    """Return a command line of systemd."""
    quoted = (
        word
        if re.fullmatch(r"[\w@+=:,./-]+", word)
        else '"' + re.sub(r'(["\\])', r"\\\1", word) + '"'
        for word in words
    )
    return _unit(" ".join(quoted)).replace("$", "$$")


def _filled(template: str, **parts: object) -> str:
    """Return a file of the folder `timers`, with its gaps filled."""
    return (_TEMPLATES / template).read_text(encoding="utf-8").format(**parts)
