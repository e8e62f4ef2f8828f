"""The settings of an import: frozen, keyword-only, checked when built, secrets masked."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)

from importer.errors import ConfigError
from importer.shared import LOOPBACK, FormatName, ObjectName

__all__ = [
    "DEFAULT_BASE_URL",
    "ErrorLimit",
    "ImportConfig",
    "ReadOptions",
    "describe_faults",
]

DEFAULT_BASE_URL = "https://app.vorel.ai"

_KEY_FORM = re.compile(r"[!-~]+")


def describe_faults(error: ValidationError) -> str:
    """Return pydantic's faults as `setting: what is wrong` lines, without the values."""
    lines = []
    for fault in error.errors(include_url=False, include_input=False, include_context=False):
        where = ".".join(str(part) for part in fault["loc"]) or "settings"
        lines.append(f"{where}: {fault['msg'].removeprefix('Value error, ')}")
    return "\n".join(lines)


class _Settings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class ReadOptions(_Settings):
    """
    How to read a source; what is None is detected.

    `null` lists the cell texts that mean "empty", the empty text always among them. `quote` and
    `escape` may be "": there is none. `skip_lines` stand above the header, which has
    `header_rows` rows (0 is the same as `no_header`); lines that begin with `comment` are none.
    `record_path` says where in a JSON object the list stands: names with dots between them.
    """

    format: FormatName | None = None
    encoding: str | None = None
    delimiter: Annotated[str, Field(min_length=1, max_length=2)] | None = None
    quote: Annotated[str, Field(max_length=1)] | None = None
    escape: Annotated[str, Field(max_length=1)] | None = None
    no_header: bool = False
    header_rows: int | None = Field(default=None, ge=0, le=9)
    skip_lines: int | None = Field(default=None, ge=0)
    comment: Annotated[str, Field(min_length=1, max_length=8)] | None = None
    null: tuple[str, ...] = ()
    max_row_bytes: int = Field(default=1024 * 1024, ge=1024)
    max_ratio: int = Field(default=200, ge=1)
    sheet: str | None = None
    record_path: Annotated[str, Field(min_length=1)] | None = None

    @field_validator("encoding")
    @classmethod
    def _known_encoding(cls, name: str | None) -> str | None:
        if name is not None:
            try:
                "".encode(name)
            except (LookupError, UnicodeError) as error:
                raise ValueError(f"{name!r} is no encoding Python knows") from error
        return name

    def over(self, other: ReadOptions) -> ReadOptions:
        """Return these options, with what they leave open taken from `other`."""
        return ReadOptions(**{**other.model_dump(), **self.model_dump(exclude_unset=True)})


class ErrorLimit(_Settings):
    """
    How many refused rows end a run: `count` rows, or `share` of at least 100 outcomes.

    Written `50` or `20%` on the command line.
    """

    count: int | None = None
    share: float | None = None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `N` or `N%`. Raises `ValueError` for anything else."""
        match = re.fullmatch(r"([0-9]+)(?:\.([0-9]+))?(%?)", text.strip())
        if match is None or (match[2] and not match[3]):
            raise ValueError(f"{text!r} is neither a number of rows nor a percentage such as 20%")
        if match[3]:
            return cls(share=float(f"{match[1]}.{match[2] or 0}") / 100)
        return cls(count=int(match[1]))

    def exceeded(self, *, refused: int, outcomes: int) -> bool:
        """Tell whether `refused` of `outcomes` rows are too many."""
        if self.count is not None:
            return refused > self.count
        if self.share is not None:
            return outcomes >= 100 and refused > self.share * outcomes  # noqa: PLR2004
        return False


class ImportConfig(_Settings):
    """
    One import. Raises `ConfigError` naming each setting at fault.

    `rate` is in requests a minute; time-outs, limits and `key_lifetime` are in seconds. `mapping`
    is a TOML file, or None where every header is an exact name or alias of a field. `results` may
    be None for a single file: then it lies beside the source as `<stem>.results.jsonl`.
    `schema_file` is a JSON Schema of fields of one's own; `strict` refuses mappings of fields no
    schema knows.
    """

    sources: tuple[str, ...] = Field(min_length=1)
    object: ObjectName | None = None
    mapping: Path | None = None
    schema_file: Path | None = None
    strict: bool = False
    results: Path | None = None
    read: ReadOptions = ReadOptions()
    base_url: str = DEFAULT_BASE_URL
    api_key: SecretStr | None = None
    rate: int = Field(default=200, ge=1)
    pace: Literal["spread", "burst"] = "spread"
    concurrency: int = Field(default=8, ge=1, le=64)
    limit: int | None = Field(default=None, ge=0)
    max_errors: ErrorLimit = ErrorLimit(share=0.2)
    retry: Literal["all", "transient", "none"] = "all"
    on_duplicate: Literal["skip", "send"] = "skip"
    on_change: Literal["report", "send"] = "report"
    namespace: str = ""
    max_outage: float = Field(default=900, ge=0)
    time_limit: float | None = Field(default=None, gt=0)
    connect_timeout: float = Field(default=10, gt=0)
    request_timeout: float = Field(default=30, gt=0)
    key_lifetime: float = Field(default=24 * 3600, ge=0)
    resend_unknown: bool = False
    force: bool = False

    @model_validator(mode="wrap")
    @classmethod
    def _clear_errors(cls, data: Any, build: Callable[[Any], Self]) -> Self:
        try:
            return build(data)
        except ValidationError as error:
            raise ConfigError(describe_faults(error)) from None

    @field_validator("sources", mode="before")
    @classmethod
    def _as_texts(cls, sources: Any) -> Any:
        if isinstance(sources, str | Path):
            sources = (sources,)
        return tuple(str(source) for source in sources)

    @field_validator("base_url")
    @classmethod
    def _safe_url(cls, url: str) -> str:
        parts = urlsplit(url)
        try:
            _ = parts.port
        except ValueError as error:
            raise ValueError(f"{url!r} has a port that is none: it is from 0 to 65535") from error
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError(f"{url!r} is no http(s) address such as {DEFAULT_BASE_URL}")
        if parts.username or parts.password or parts.query or parts.fragment:
            raise ValueError("the address may hold a host and a path, nothing else")
        if parts.scheme == "http" and parts.hostname not in LOOPBACK:
            raise ValueError("http would show the API key to everyone on the way; use https")
        return url.rstrip("/")

    def required_api_key(self) -> SecretStr:
        """Return the API key. Raises `ConfigError` where there is none."""
        if self.api_key is None:
            raise ConfigError(
                "there is no API key",
                hint="Set VOREL_API_KEY, or name a file with --api-key-file.",
            )
        return self.api_key

    @field_validator("api_key")
    @classmethod
    def _sendable_key(cls, key: SecretStr | None) -> SecretStr | None:
        if key is not None and not _KEY_FORM.fullmatch(key.get_secret_value()):
            raise ValueError("the key has characters that no API key has (spaces, line ends, …)")
        return key
