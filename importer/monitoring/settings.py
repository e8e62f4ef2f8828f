"""The settings of monitoring: where to log, and whom to tell."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator

from importer.logs import LogFormat
from importer.settings import CheckedSettings
from importer.shared import LOOPBACK

__all__ = ["MonitoringSettings"]


class MonitoringSettings(CheckedSettings):
    """
    Where a run is logged, and who is told how it ended. Raises `ConfigError`.

        >>> MonitoringSettings(ping="https://hc-ping.com/1b2c", log_format="json").log_format
        'json'

    `ping` is an address for the protocol of healthchecks.io, `notify` one that takes messages as
    Slack does. They are secrets, since anyone who knows them can send there. `notify_command` is a
    command line that is run without a shell. docs/nightly.md says what is sent when.
    """

    log_file: Path | None = None
    log_format: LogFormat = "text"
    metrics_file: Path | None = None
    ping: SecretStr | None = None
    notify: SecretStr | None = None
    notify_command: str | None = Field(default=None, repr=False)

    @property
    def tells_anybody(self) -> bool:
        """Whether anything but a log is to be written or sent."""
        told = (self.metrics_file, self.ping, self.notify, self.notify_command)
        return any(one is not None for one in told)

    @property
    def notifies(self) -> bool:
        """Whether somebody gets a message when there is news."""
        return self.notify is not None or self.notify_command is not None

    def replace(self, **changes: Any) -> Self:
        """Return these settings with some of them changed. Raises `ConfigError`."""
        return self.model_validate({**dict(self), **changes})

    @field_validator("ping", "notify")
    @classmethod
    def _safe_url(cls, url: SecretStr | None) -> SecretStr | None:
        if url is None:
            return None
        try:
            parts = urlsplit(url.get_secret_value())
            _ = parts.port
        except ValueError:
            raise ValueError("it is not an address such as https://hooks.example.com/…") from None
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("it is not an address such as https://hooks.example.com/…")
        if parts.username or parts.password:
            raise ValueError("the address may hold no user name and no password")
        if parts.scheme == "http" and parts.hostname not in LOOPBACK:
            raise ValueError("http would show the address to everyone on the way; use https")
        return url

    @field_validator("notify_command")
    @classmethod
    def _command_line(cls, line: str | None) -> str | None:
        if line is not None:
            try:
                words = shlex.split(line)
            except ValueError as error:
                raise ValueError(f"it is not a command line ({error})") from None
            if not words:
                raise ValueError("it names no command")
        return line
