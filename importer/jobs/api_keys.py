"""Where the API key of a job is: in the environment, in a file, or a credential of systemd."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Self

from pydantic import model_validator

from importer.core.errors import ConfigError
from importer.core.locale.message import Message
from importer.core.settings import Settings


class KeySource(Settings):
    """
    A reference to an API key, which itself is in no job file: one of the three is set.

    `env` is the name of a variable, `file` a path, and `credential` the name that `LoadCredential=`
    of a systemd unit gives it.
    """

    env: str | None = None
    file: Path | None = None
    credential: str | None = None

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if sum(one is not None for one in (self.env, self.file, self.credential)) != 1:
            raise ValueError(
                'it must be one of { env = "…" }, { file = "…" }, { credential = "…" }'
            )
        return self

    def read(self, folder: Path) -> str:
        """Return the key; a relative path is one from `folder`. Raises `ConfigError`."""
        if self.env is not None:
            key = os.environ.get(self.env, "").strip()
            if not key:
                raise ConfigError(
                    "api_key: the environment has no variable %(key)s",
                    key=self.env,
                    hint=Message(
                        'Set %(key)s, or name a file: api_key = { file = "…" }', key=self.env
                    ),
                )
            return key
        if self.file is not None:
            return read_key_file(folder / self.file, "api_key")
        credentials = os.environ.get("CREDENTIALS_DIRECTORY")
        if not credentials:
            raise ConfigError(
                "api_key: there is no credential %(key)s: this is no unit of systemd",
                key=self.credential,
                hint=Message(
                    "Add LoadCredential=%(key)s:/path/to/key to the service (vorel-import schedule"
                    " prints one), or start it with systemctl.",
                    key=self.credential,
                ),
            )
        return read_key_file(Path(credentials, str(self.credential)), "api_key")


def read_key_file(path: Path, name: str) -> str:
    """Return the API key in a file. Raises `ConfigError`, which begins with `name`."""
    hint = "Write the key into this file, alone, and let only yourself read it (chmod 600)."
    try:
        key = path.read_text(encoding="utf-8-sig").strip()
    except OSError as error:
        raise ConfigError(
            "%(name)s %(path)s: cannot be read (%(fault)s)",
            name=name,
            path=path,
            fault=error.strerror,
            hint=hint,
        ) from None
    except UnicodeDecodeError:
        raise ConfigError(
            "%(name)s %(path)s: the file is no text", name=name, path=path, hint=hint
        ) from None
    if not key:
        raise ConfigError("%(name)s %(path)s: the file is empty", name=name, path=path, hint=hint)
    return key
