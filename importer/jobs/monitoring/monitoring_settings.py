"""The settings of monitoring: the log, and who gets messages."""

from __future__ import annotations

import os
import re
import shlex
from pathlib import Path
from typing import Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    ConfigDict,
    Field,
    SecretStr,
    ValidationInfo,
    field_validator,
    model_validator,
)

from importer.core.locale.message import Message
from importer.core.logs.handlers import LogFormat
from importer.core.plugins import NOTIFIERS, plugin_of
from importer.core.settings import CheckedSettings, HelpGroup, Settings, declared_settings, setting
from importer.core.shared import LOOPBACK

_PORTS = {"tls": 465, "starttls": 587, "none": 25}
_ADDRESS = re.compile(r"[^\s@<>,;\"]+@[^\s@<>,;\"]+")


class EmailSettings(Settings):
    """
    Who gets messages by email, and the server that sends them (SMTP).

        >>> EmailSettings(to="ops@example.com", sender="vorel@example.com", host="mail").real_port
        587

    In a job file `sender` is called `from`. The password is in a file that only its owner can read,
    or in an environment variable. Without `security` others can read the message on its way: use
    that only for a server on this computer.
    """

    model_config = ConfigDict(populate_by_name=True)

    to: tuple[str, ...] = Field(min_length=1)
    sender: str = Field(alias="from")
    host: str = Field(min_length=1)
    port: int | None = Field(default=None, ge=1, le=65535)
    user: str | None = None
    password_file: Path | None = None
    password_env: str | None = None
    security: Literal["starttls", "tls", "none"] = "starttls"

    @property
    def real_port(self) -> int:
        """The stated port, or the usual one for the kind of security."""
        return self.port or _PORTS[self.security]

    def read_password(self) -> str | None:
        """Return the password, or None if there is none. Raises `OSError`."""
        if self.password_file is not None:
            return self.password_file.read_text(encoding="utf-8").strip()
        return None if self.password_env is None else os.environ.get(self.password_env)

    @field_validator("to", mode="before")
    @classmethod
    def _as_tuple(cls, to: Any) -> Any:
        return (to,) if isinstance(to, str) else to

    @field_validator("to", "sender")
    @classmethod
    def _addresses(cls, value: Any) -> Any:
        for one in (value,) if isinstance(value, str) else value:
            if not _ADDRESS.fullmatch(one):
                raise ValueError(Message("it is not an address such as ops@example.com"))
        return value

    @model_validator(mode="after")
    def _safe(self) -> Self:
        if self.security == "none" and self.host not in LOOPBACK:
            raise ValueError(
                Message('security = "none" shows the message on its way; use "starttls"')
            )
        return self


class MonitoringSettings(CheckedSettings):
    """
    The log of a run, and who gets messages about its end. Raises `ConfigError`.

        >>> MonitoringSettings(ping="https://hc-ping.com/1b2c", log_format="json").log_format
        'json'

    `ping` is an address for the protocol of healthchecks.io, `notify` one that takes messages as
    Slack does, or one of a plugin (`importer.core.plugins`). They are secrets, since anyone who
    knows them can send there. `notify_command` is a command line that is run without a shell,
    `email` says who gets a message by SMTP. docs/nightly.md says what is sent when.
    """

    log_file: Path | None = setting(
        "Write a log. It is renamed at 10 MB; five older ones are kept.", HelpGroup.TOLD
    )
    log_format: LogFormat = setting(
        "json: one object an event, in the log and in place of messages.",
        HelpGroup.TOLD,
        default="text",
    )
    metrics_file: Path | None = setting(
        "Write figures for node_exporter's textfile collector.", HelpGroup.TOLD
    )
    ping: SecretStr | None = setting(
        "Ping URL/start and URL/<exit code>, as for healthchecks.io.", HelpGroup.TOLD, metavar="URL"
    )
    notify: SecretStr | None = setting(
        "Post to Slack when a run fails, has new problems, or is in order again.",
        HelpGroup.TOLD,
        metavar="URL",
    )
    notify_command: str | None = setting(
        "Run a command with the message of --notify on its standard input.",
        metavar="COMMAND",
        repr=False,
    )
    email: EmailSettings | None = setting("Send the message by email.", has_flag=False)

    @property
    def recipients(self) -> tuple[str | None, ...]:
        """Who gets a message when there is news: one text for each notifier, None if not used."""
        return (
            None if self.notify is None else self.notify.get_secret_value(),
            self.notify_command,
            None if self.email is None else ", ".join(self.email.to),
        )

    @property
    def notifies(self) -> bool:
        """Whether somebody gets a message when there is news."""
        return any(self.recipients)

    @property
    def tells_anybody(self) -> bool:
        """Whether anything besides a log is written or sent."""
        return self.notifies or self.metrics_file is not None or self.ping is not None

    def replace(self, **changes: Any) -> Self:
        """Return these settings with some of them changed. Raises `ConfigError`."""
        return self.model_validate({**dict(self), **changes})

    @field_validator("ping", "notify")
    @classmethod
    def _safe_url(cls, url: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        text = "" if url is None else url.get_secret_value()
        if url is None or (info.field_name == "notify" and plugin_of(NOTIFIERS, text)):
            return url
        try:
            parts = urlsplit(text)
            _ = parts.port
        except ValueError:
            raise ValueError(
                Message("it is not an address such as https://hooks.example.com/…")
            ) from None
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError(Message("it is not an address such as https://hooks.example.com/…"))
        if parts.username or parts.password:
            raise ValueError(Message("the address may hold no user name and no password"))
        if parts.scheme == "http" and parts.hostname not in LOOPBACK:
            raise ValueError(
                Message("http would show the address to everyone on the way; use https")
            )
        return url

    @field_validator("notify_command")
    @classmethod
    def _command_line(cls, line: str | None) -> str | None:
        if line is not None:
            try:
                words = shlex.split(line)
            except ValueError as error:
                raise ValueError(
                    Message("it is not a command line (%(reason)s)", reason=error)
                ) from None
            if not words:
                raise ValueError(Message("it names no command"))
        return line


MONITORING = declared_settings(MonitoringSettings)
"""The settings of monitoring by their names."""
