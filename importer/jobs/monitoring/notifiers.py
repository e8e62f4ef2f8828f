"""Sends messages about a run, in threads, so that the run does not wait for them for long."""

from __future__ import annotations

import json
import math
import os
import shlex
import subprocess
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from pydantic import SecretStr

from importer.core import systems
from importer.core.errors import ConfigError
from importer.core.plugins import NOTIFIERS, Plugin, plugin_of

if TYPE_CHECKING:
    from importer.jobs.monitoring.monitoring_settings import EmailSettings

_MARGIN = 0.5
_SHARE_FOR_EARLIER = 0.2
_TEXT = "text/plain; charset=utf-8"

_GRACE = 1.0

REQUEST = 10.0
COMMAND = 30.0
"""How many seconds a request and a command may take."""


class Call:
    """
    A slow piece of work in a thread of its own; `name` is the flag that asked for it.

    `work` returns None, or the reason of its failure.
    """

    def __init__(self, name: str, work: Callable[[], str | None], *, seconds: float) -> None:
        self._name = name
        self._work = work
        self._failure: str | None = f"there was no answer within {seconds:g} s"
        self._until = time.monotonic() + seconds + _MARGIN
        # A thread that hangs must not keep the process from ending.
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._failure = self._work()
        except Exception as error:  # noqa: BLE001 - whatever it is, it may not harm the run
            self._failure = f"it failed ({type(error).__name__})"

    def wait(self, at_most: float = math.inf) -> str | None:
        """Wait until it ends or its time is over. Returns None, or a notice."""
        self._thread.join(min(at_most, max(0.0, self._until - time.monotonic())))
        return None if self._failure is None else f"{self._name}: {self._failure}"


def ping(address: SecretStr, what: str, text: str, *, after: Call | None = None) -> Call:
    """
    Post to `<address>/<what>`: "start", or an exit code with a text.

    The earlier ping `after` arrives first, unless it takes long.
    """
    parts = urlsplit(address.get_secret_value())
    url = parts._replace(path=f"{parts.path.rstrip('/')}/{what}").geturl()

    patience = 0.0 if after is None else REQUEST * _SHARE_FOR_EARLIER

    def work() -> str | None:
        from importer.jobs.monitoring.http import post  # it needs httpx

        if after is not None:
            after.wait(patience)
        return post(url, text.encode(), _TEXT, seconds=REQUEST)

    return Call("--ping", work, seconds=REQUEST + patience)


def notify(address: SecretStr, text: str, *, exit_code: int, job: str) -> Call:
    """Post a message as Slack takes it, or hand it to the plugin for such an address."""
    url = address.get_secret_value()
    if (plugin := plugin_of(NOTIFIERS, url)) is not None:
        told = partial(_tell_plugin, plugin, url, text, exit_code=exit_code, job=job)
        return Call("--notify", told, seconds=COMMAND)
    # Slack reads these three signs as markup: <!channel> would call everybody.
    plain = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    body = json.dumps({"text": plain}).encode()

    def work() -> str | None:
        from importer.jobs.monitoring.http import post

        return post(url, body, "application/json", seconds=REQUEST)

    return Call("--notify", work, seconds=REQUEST)


def _tell_plugin(plugin: Plugin, address: str, text: str, **about: Any) -> str | None:
    """Hand a message to a plugin. Returns None, or what failed, without a word of its own."""
    try:
        tell = plugin.load()
    except ConfigError as error:
        return error.message
    try:
        tell(address, text, **about)
    except Exception as error:  # noqa: BLE001 - its words may quote the address
        return f"{plugin} has failed ({type(error).__name__})"
    return None


def email(settings: EmailSettings, text: str) -> Call:
    """Send a message by email."""

    def work() -> str | None:
        from importer.jobs.monitoring.smtp import send_email  # a quiet night needs no SMTP

        return send_email(settings, text, seconds=REQUEST)

    return Call("email", work, seconds=COMMAND)


def notify_command(line: str, text: str, *, exit_code: int, job: str) -> Call:
    """
    Run a command line without a shell, with a message on its standard input.

    What it prints is dropped, and it does not get the API key. It has failed if it does not end
    with 0. After `COMMAND` seconds it is killed, with all that it has started.
    """
    variables = {name: value for name, value in os.environ.items() if name != "VOREL_API_KEY"}
    variables |= {"VOREL_EXIT_CODE": str(exit_code), "VOREL_JOB": job}

    def work() -> str | None:
        try:
            process = subprocess.Popen(  # noqa: S603 - the command is the user's own
                shlex.split(line),
                env=variables,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else type(error).__name__
            return f"the command cannot be started ({reason})"
        try:
            process.communicate(f"{text}\n".encode("utf-8", "backslashreplace"), timeout=COMMAND)
        except subprocess.TimeoutExpired:
            systems.current.end_process(process)
            if process.stdin is not None:
                process.stdin.close()
            process.wait(_GRACE)
            return f"the command did not end within {COMMAND:g} s"
        if process.returncode:
            return f"the command ended with exit code {process.returncode}"
        return None

    return Call("--notify-command", work, seconds=COMMAND)
