"""The settings of an import: frozen, keyword-only, checked when built, secrets masked."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, Self, TypedDict, Unpack
from urllib.parse import urlsplit

from pydantic import (
    Field,
    InstanceOf,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)

from importer.addresses import ADDRESS, Address, is_remote, unwritable
from importer.errors import ConfigError
from importer.mapper import FieldMap
from importer.settings import (
    CheckedSettings,
    ErrorLimit,
    ReadOptions,
    RowLimit,
    Seconds,
    Settings,
    describe_faults,
)
from importer.shared import LOOPBACK, ObjectName, UpdateForm

__all__ = [
    "DEFAULT_BASE_URL",
    "Guards",
    "ImportConfig",
    "ImportSettings",
    "Limits",
    "Pacing",
    "Rerun",
]

DEFAULT_BASE_URL = "https://app.vorel.ai"

_KEY_FORM = re.compile(r"[!-~]+")


class Pacing(CheckedSettings):
    """
    How fast requests leave: at most `rate` a minute, `concurrency` at once.

    `pace` spreads them evenly, or sends each as early as the rate allows ("burst").
    """

    rate: int = Field(default=200, ge=1)
    pace: Literal["spread", "burst"] = "spread"
    concurrency: int = Field(default=8, ge=1, le=64)


class Limits(CheckedSettings):
    """
    When a run ends early, and how long a request may take. Times are in seconds, or texts: "15m".

    At most `limit` rows are sent. The run stops when more than `max_errors` rows were refused, when
    the service was unreachable for `max_outage`, or after `time_limit`.
    """

    limit: int | None = Field(default=None, ge=0)
    max_errors: ErrorLimit = ErrorLimit(share=0.2)
    max_outage: Seconds = Field(default=900, ge=0)
    time_limit: Seconds | None = Field(default=None, gt=0)
    connect_timeout: Seconds = Field(default=10, gt=0)
    request_timeout: Seconds = Field(default=30, gt=0)


class Guards(CheckedSettings):
    """
    How much a list may differ from the one that the last run with this results file read.

    A run is stopped before its first request if the list has lost more than `max_shrink` of its
    rows, or if more than `max_new` of its rows look new. Without `max_new`, that is judged by how
    much the list has grown before. It is stopped too if more than `max_changed` of its known
    rows have changed; without it, that is judged by what has changed before. With `accept_list` the
    list is taken as it is.
    """

    max_shrink: RowLimit = RowLimit(share=0.2)
    max_new: RowLimit | None = None
    max_changed: RowLimit | None = None
    accept_list: bool = False


class Rerun(CheckedSettings):
    """
    What a run does with rows that it has seen before, in this list or in an earlier run.

    `retry` says which failed rows are sent again, `on_duplicate` what happens to the second of two
    equal rows (None: judged by what makes them equal, see docs/reliability.md), and `on_change`
    what happens to a row that was created with other content. With `plan`, the id that a check has
    shown, a run carries out that plan and no other.

    `namespace` keeps the keys of this import apart from those of others. A row without a clear
    answer is sent again for `key_lifetime` seconds after its first request; with `resend_unknown`,
    however old it is.

    A results file belongs to one service, one account and one object. `same_service` says that
    another address is the same service, `same_account` that another key is of the same account.
    `new_import` sets a results file of another service, account or object aside, and creates rows
    even if other results files have them.
    """

    retry: Literal["all", "transient", "none"] = "all"
    on_duplicate: Literal["skip", "send"] | None = None
    on_change: Literal["report", "send"] = "report"
    namespace: str = ""
    key_lifetime: Seconds = Field(default=24 * 3600, ge=0)
    resend_unknown: bool = False
    same_service: bool = False
    same_account: bool = False
    new_import: bool = False
    plan: str | None = Field(default=None, pattern=r"\A[0-9a-f]{16}\z")


class ImportSettings(TypedDict, total=False):
    """The arguments of `ImportConfig`: its fields, and the fields of its groups."""

    sources: str | Path | Sequence[str | Path]
    called: Sequence[str]
    object: ObjectName | None
    mapping: str | Path | FieldMap | None
    schema_file: str | Path | None
    strict: bool
    results: str | Path | None
    report: bool
    failed_as: Literal["csv", "xlsx"]
    updates: UpdateForm | None
    compact: bool
    corrections: str | Path | None
    job: str | Path | None
    output: str | Path | Address | None
    read: ReadOptions
    base_url: str
    api_key: str | SecretStr | None
    pacing: Pacing
    limits: Limits
    rerun: Rerun
    guards: Guards

    rate: int
    pace: Literal["spread", "burst"]
    concurrency: int

    limit: int | None
    max_errors: ErrorLimit
    max_outage: float | str
    time_limit: float | str | None
    connect_timeout: float | str
    request_timeout: float | str

    max_shrink: RowLimit
    max_new: RowLimit | None
    max_changed: RowLimit | None
    accept_list: bool

    retry: Literal["all", "transient", "none"]
    on_duplicate: Literal["skip", "send"] | None
    on_change: Literal["report", "send"]
    namespace: str
    key_lifetime: float | str
    resend_unknown: bool
    same_service: bool
    same_account: bool
    new_import: bool
    plan: str | None


class ImportConfig(Settings):
    """
    The settings of one import. Raises `ConfigError` that names each invalid setting.

        >>> ImportConfig(sources="contacts.csv", object="contact", rate=100).pacing.rate
        100

    `sources` are files, folders, globs, or "-" for standard input. If they are copies of what is
    elsewhere, `called` says what a person is shown in their place. `mapping` is a TOML file, a
    mapping that was loaded or built, or None if every header is an exact name or alias of a field.
    `results` may be None for a single file: the default is `<stem>.results.jsonl` in the folder of
    the source. Without `report`, a run writes none; `failed_as` is the format of its failed file.
    `updates` is the CRM for whose own update import it writes what has changed.
    With `compact`, `importer.jobs.make_smaller` makes the results file smaller when that pays.
    `job` is the job file that the list comes from. `output` is a folder that keeps the files of
    each run, or an address to which they are copied (`importer.jobs.keep_files`). `corrections` is
    a file with corrected rows of the list, as in a failed file: each is imported in place of the
    row that its `vorel_ref` names.
    `schema_file` is a JSON Schema with fields of your own; `strict` refuses mappings that name
    fields which no schema describes.

    The other settings are in four groups: `pacing`, `limits`, `rerun` and `guards`. A setting of a
    group can also be given by its own name: `rate=100` is `pacing=Pacing(rate=100)`.
    """

    sources: tuple[str, ...] = Field(min_length=1)
    called: tuple[str, ...] = ()
    object: ObjectName | None = None
    mapping: Path | InstanceOf[FieldMap] | None = None
    schema_file: Path | None = None
    strict: bool = False
    results: Path | None = None
    report: bool = True
    failed_as: Literal["csv", "xlsx"] = "csv"
    updates: UpdateForm | None = None
    compact: bool = False
    corrections: Path | None = None
    job: Path | None = None
    output: Path | InstanceOf[Address] | None = None
    read: ReadOptions = ReadOptions()
    base_url: str = DEFAULT_BASE_URL
    api_key: SecretStr | None = None
    pacing: Pacing = Pacing()
    limits: Limits = Limits()
    rerun: Rerun = Rerun()
    guards: Guards = Guards()

    def __init__(self, **settings: Unpack[ImportSettings]) -> None:
        given: dict[str, Any] = {**settings}
        super().__init__(**given)

    @model_validator(mode="wrap")
    @classmethod
    def _group(cls, data: Any, build: Callable[[Any], Self]) -> Self:
        """Move each setting of a group into its group, and report all invalid settings at once."""
        if not isinstance(data, Mapping):
            return build(data)
        settings = dict(data)
        faults = list(_build_groups(settings))
        try:
            built = build(settings)
        except ValidationError as error:
            raise ConfigError("\n".join([describe_faults(error), *faults])) from None
        if faults:
            raise ConfigError("\n".join(faults))
        return built

    @field_validator("sources", mode="before")
    @classmethod
    def _as_texts(cls, sources: Any) -> Any:
        if isinstance(sources, str | Path):
            sources = (sources,)
        found = []
        for source in sources if isinstance(sources, Iterable) else [sources]:
            if not isinstance(source, str | Path):
                kind = type(source).__name__
                raise ValueError(  # noqa: TRY004 - pydantic reports it with the others
                    f"a {kind} is no path; rows go to run_import(rows, results=…) as they are"
                )
            found.append(str(source))
        return tuple(found)

    @field_validator("output", mode="before")
    @classmethod
    def _writable(cls, output: Any) -> Any:
        if isinstance(output, str) and is_remote(output):
            output = Address(output)
        if isinstance(output, Address) and (fault := unwritable(output)) is not None:
            raise ValueError(fault)
        return output

    @field_validator("base_url")
    @classmethod
    def _safe_url(cls, url: str) -> str:
        parts = urlsplit(url)
        try:
            _ = parts.port
        except ValueError as error:
            raise ValueError(f"{url!r} has an invalid port (0 to 65535)") from error
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError(f"{url!r} is not an http(s) address such as {DEFAULT_BASE_URL}")
        if parts.username or parts.password or parts.query or parts.fragment:
            raise ValueError("the address may hold a host and a path, nothing else")
        if parts.scheme == "http" and parts.hostname not in LOOPBACK:
            raise ValueError("http would show the API key to everyone on the way; use https")
        return url.rstrip("/")

    @field_validator("api_key")
    @classmethod
    def _sendable_key(cls, key: SecretStr | None) -> SecretStr | None:
        if key is not None and not _KEY_FORM.fullmatch(key.get_secret_value()):
            raise ValueError("the key has characters that no API key has (spaces, line ends, …)")
        return key

    @property
    def mapping_path(self) -> Path | None:
        """The file of the mapping, or None if there is none."""
        return self.mapping.path if isinstance(self.mapping, FieldMap) else self.mapping

    def required_api_key(self) -> SecretStr:
        """Return the API key. Raises `ConfigError` if there is none."""
        if self.api_key is None:
            raise ConfigError(
                "there is no API key",
                hint="Set VOREL_API_KEY, or name a file with --api-key-file.",
            )
        return self.api_key

    def replace(self, **changes: Unpack[ImportSettings]) -> ImportConfig:
        """Return these settings with some of them changed. Raises `ConfigError`."""
        return ImportConfig(**{**dict(self), **changes})

    def stated(self) -> dict[str, Any]:
        """
        Return the settings that differ from the defaults, by their own names, as JSON values.

        The results file keeps these for each run. The API key is not among them, a mapping is given
        by the path of its file only, and `ADDRESS` stands for an address with a secret.
        """
        secret = {"api_key", "mapping", "output"}
        stated = self.model_dump(mode="json", exclude_defaults=True, exclude=secret)
        for name in _GROUPS:
            stated |= stated.pop(name, {})
        if self.output is not None:
            output = self.output
            is_secret = isinstance(output, Address) and str(output) != output.whole
            stated["output"] = ADDRESS if is_secret else str(output)
        path = self.mapping_path
        return stated if path is None else {**stated, "mapping": str(path)}


_GROUPS: Mapping[str, type[CheckedSettings]] = {
    "pacing": Pacing,
    "limits": Limits,
    "rerun": Rerun,
    "guards": Guards,
}


def _build_groups(settings: dict[str, Any]) -> Iterator[str]:
    """Build each group from its settings. Yields what is wrong with groups that cannot be built."""
    for name, group in _GROUPS.items():
        single = {each: settings.pop(each) for each in group.model_fields if each in settings}
        given = settings.pop(name, {})
        if single and isinstance(given, group | Mapping):
            given = {**dict(given), **single}
        try:
            settings[name] = group.model_validate(given)
        except ConfigError as error:
            yield error.message
