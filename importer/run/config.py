"""The settings of an import: frozen, keyword-only, checked when built, secrets masked."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypedDict, Unpack
from urllib.parse import urlsplit

from pydantic import (
    Field,
    InstanceOf,
    SecretStr,
    field_validator,
)

from importer.core.addresses import ADDRESS, Address, is_remote, unwritable
from importer.core.errors import ConfigError
from importer.core.locale.message import Message
from importer.core.settings import (
    CheckedSettings,
    ErrorLimit,
    HelpGroup,
    ReadOptions,
    RowLimit,
    Seconds,
    declared_settings,
    setting,
)
from importer.core.shared import LOOPBACK, ObjectName, UpdateForm

if TYPE_CHECKING:
    from importer.mapper.mapping.model import FieldMap
else:
    FieldMap = Any  # The mapper takes long to load, and `--help` does not need it.

DEFAULT_BASE_URL = "https://app.vorel.ai"

_KEY_FORM = re.compile(r"[!-~]+")


class ImportSettings(TypedDict, total=False):
    """
    The arguments of `ImportConfig`: its fields.

    They are written down again for type checkers, since more types are taken than are kept, such as
    a text for a path.
    """

    sources: str | Path | Sequence[str | Path]
    called: Sequence[str]
    object: ObjectName | None
    mapping: str | Path | FieldMap | None
    schema_file: str | Path | None
    strict: bool
    results: str | Path | None
    report: bool
    failed_as: Literal["csv", "xlsx"]
    account: str | None
    operator: str | None
    updates: UpdateForm | None
    compact: bool
    corrections: str | Path | None
    job: str | Path | None
    output: str | Path | Address | None
    read: ReadOptions
    base_url: str
    api_key: str | SecretStr | None

    rate: int
    pace: Literal["spread", "burst"]
    concurrency: int

    limit: int | None
    max_errors: ErrorLimit | int | str
    max_outage: float | str
    time_limit: float | str | None
    connect_timeout: float | str
    request_timeout: float | str

    max_shrink: RowLimit | int | str
    max_new: RowLimit | int | str | None
    max_changed: RowLimit | int | str | None
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


class ImportConfig(CheckedSettings):
    """
    The settings of one import. Raises `ConfigError` that names each invalid setting.

        >>> ImportConfig(sources="contacts.csv", object="contact", rate=100).rate
        100

    `sources` are files, folders, globs, or "-" for standard input. If they are copies of what is
    elsewhere, `called` says what a person is shown in their place. `mapping` is a TOML file, a
    mapping that was loaded or built, or None if every header is an exact name or alias of a field.
    `results` may be None for a single file. With `compact` the results file is made smaller when
    that pays (`importer.jobs.output.make_smaller`); `keep_files` there keeps the files in `output`.
    `corrections` is a file with corrected rows of the list, as in a failed file: each is imported
    in place of the row that its `vorel_ref` names.

    Times are in seconds, or texts: `"15m"`. Without `max_new` and `max_changed`, a list is judged
    by how it has grown and changed before. Without `on_duplicate`, what makes two rows equal
    decides (docs/reliability.md). A results file belongs to one service, one account and one
    object: `same_service`, `same_account` and `new_import` say what another one means.
    """

    sources: tuple[str, ...] = Field(min_length=1)
    called: tuple[str, ...] = ()
    job: Path | None = setting(
        "A job file (list, key and settings of a nightly import), or a folder of them. Flags take "
        "precedence.",
        HelpGroup.IMPORTED,
        has_key=False,
    )
    object: ObjectName | None = setting("What the rows are.", HelpGroup.IMPORTED, has_key=False)
    mapping: Path | FieldMap | None = setting(
        "The mapping file (TOML).", HelpGroup.IMPORTED, has_key=False
    )
    schema_file: Path | None = setting("Fields of your own (JSON Schema).", flag="--schema")
    strict: bool = setting("Refuse fields that no schema describes.", default=False)
    results: Path | None = setting(
        "The results file.", HelpGroup.IMPORTED, shown="<stem>.results.jsonl beside the source"
    )
    failed_as: Literal["csv", "xlsx"] = setting(
        "The format of the failed file; xlsx is for spreadsheet programs.",
        default="csv",
        in_check=False,
    )
    report: bool = setting(
        "Write <stem>.report.html.",
        default=True,
        flag="--report/--no-report",
        in_check=False,
        once=True,
    )
    account: str | None = setting(
        "What the account is called, for the report.",
        has_flag=False,
        in_check=False,
        max_length=200,
    )
    operator: str | None = setting(
        "Who imports the list, for the report.", has_flag=False, in_check=False, max_length=200
    )
    updates: UpdateForm | None = setting(
        "Write changes for the CRM's own update import.", has_flag=False
    )
    compact: bool = setting(
        "First make the results file smaller, if that saves a quarter.",
        default=False,
        shown="with --job",
        flag="--compact/--no-compact",
        in_check=False,
    )
    output: Path | InstanceOf[Address] | None = setting(
        "Keep the files of each run in a folder by date in DIR, or copy them to an address such "
        "as s3://bucket/people/.",
        metavar="DIR|ADDRESS",
        in_check=False,
    )
    corrections: Path | None = setting(
        "A file of corrected rows, each of which is imported in place of another.", has_flag=False
    )
    read: ReadOptions = ReadOptions()
    base_url: str = setting(
        "The service.",
        HelpGroup.SPEED,
        default=DEFAULT_BASE_URL,
        metavar="URL",
        variable="VOREL_BASE_URL",
    )
    api_key: SecretStr | None = setting(
        "The API key.", has_flag=False, has_key=False, variable="VOREL_API_KEY"
    )

    # How fast requests leave
    rate: int = setting("Requests a minute.", HelpGroup.SPEED, default=200, ge=1)
    pace: Literal["spread", "burst"] = setting(
        "Send evenly, or as early as the limit allows.", HelpGroup.SPEED, default="spread"
    )
    concurrency: int = setting(
        "Requests in flight at once.", default=8, in_check=False, ge=1, le=64
    )

    # How much a list may differ from the one that the last run with this results file read
    max_shrink: RowLimit = setting(
        "Send nothing if more rows are gone since the last run.",
        HelpGroup.STOP,
        default=RowLimit(share=0.2),
    )
    max_new: RowLimit | None = setting(
        "Send nothing if more rows are new.",
        HelpGroup.STOP,
        shown="by how the list has grown before",
    )
    max_changed: RowLimit | None = setting(
        "Send nothing if more known rows have changed.",
        HelpGroup.STOP,
        shown="20%, or three times the usual",
    )
    accept_list: bool = setting(
        "Send the list, however much it differs from the last one.",
        HelpGroup.STOP,
        default=False,
        has_key=False,  # a job would take each list as it is from then on
        once=True,
    )

    # When a run ends early, and how long a request may take
    limit: int | None = setting("Send at most N rows.", HelpGroup.IMPORTED, once=True, ge=0)
    max_errors: ErrorLimit = setting(
        "Stop when more rows were refused; a percentage counts from 100 rows on.",
        HelpGroup.STOP,
        default=ErrorLimit(share=0.2),
        in_check=False,
    )
    max_outage: Seconds = setting(
        "Stop when the service was unreachable for longer.",
        HelpGroup.SPEED,
        default=15 * 60,
        in_check=False,
        ge=0,
    )
    time_limit: Seconds | None = setting(
        "Stop cleanly after this time, e.g. 8h.", HelpGroup.SPEED, in_check=False, once=True, gt=0
    )
    connect_timeout: Seconds = setting(
        "Wait this long for a connection.", default=10, in_check=False, gt=0
    )
    request_timeout: Seconds = setting(
        "Wait this long for an answer.", default=30, in_check=False, gt=0
    )

    # What a run does with rows that it has seen before, in this list or in an earlier run
    retry: Literal["all", "transient", "none"] = setting(
        "Which failed rows to send again.", HelpGroup.SEEN_BEFORE, default="all"
    )
    on_duplicate: Literal["skip", "send"] | None = setting(
        "The second of two equal rows.",
        HelpGroup.SEEN_BEFORE,
        shown="skip what is surely one, ask about the rest",
    )
    on_change: Literal["report", "send"] = setting(
        "A row that has changed since its record was made.", HelpGroup.SEEN_BEFORE, default="report"
    )
    namespace: str = setting(
        "Keep this import's keys apart from others.", default="", metavar="TEXT"
    )
    key_lifetime: Seconds = setting(
        "How long the service remembers a request. Rows without a clear answer are sent again "
        "only within this time.",
        default=24 * 3600,
        ge=0,
    )
    resend_unknown: bool = setting(
        "Send rows without a clear answer, however old. Check first that the CRM lacks them.",
        default=False,
        once=True,
    )
    same_service: bool = setting(
        "Continue: the service has a new address.", HelpGroup.SEEN_BEFORE, default=False, once=True
    )
    same_account: bool = setting(
        "Continue: the account has a new API key.", HelpGroup.SEEN_BEFORE, default=False, once=True
    )
    new_import: bool = setting(
        "Set another import's results file aside. Create rows again that other imports or a lost "
        "results file knew, also in later runs.",
        HelpGroup.SEEN_BEFORE,
        default=False,
        once=True,
    )
    plan: str | None = setting(
        "Carry out the plan with this id, which check printed; if anything has changed since, "
        "send nothing.",
        HelpGroup.STOP,
        metavar="ID",
        has_key=False,
        in_check=False,
        once=True,
        pattern=r"\A[0-9a-f]{16}\z",
    )

    def __init__(self, **settings: Unpack[ImportSettings]) -> None:
        given: dict[str, Any] = {**settings}
        super().__init__(**given)

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
                    Message(
                        "a %(kind)s is no path; rows go to run_import(rows, results=…) as they are",
                        kind=kind,
                    )
                )
            found.append(str(source))
        return tuple(found)

    @field_validator("mapping", mode="before")
    @classmethod
    def _readable(cls, mapping: Any) -> Any:
        if isinstance(mapping, str) and "\n" in mapping:
            raise ValueError(
                Message("it is the text of a mapping file: parse_mapping makes one from it")
            )
        if mapping is None or isinstance(mapping, str | Path):
            return mapping and Path(mapping)
        from importer.mapper.mapping.model import FieldMap

        if not isinstance(mapping, FieldMap):
            raise ValueError(  # noqa: TRY004 - pydantic reports it with the others
                Message(
                    "a %(type)s is neither the path of a mapping file nor a mapping; "
                    "parse_mapping makes one from the text of such a file",
                    type=type(mapping).__name__,
                )
            )
        return mapping

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
            raise ValueError(
                Message("%(value)s has an invalid port (0 to 65535)", value=url)
            ) from error
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError(
                Message(
                    "%(value)s is not an http(s) address such as %(path)s",
                    value=url,
                    path=DEFAULT_BASE_URL,
                )
            )
        if parts.username or parts.password or parts.query or parts.fragment:
            raise ValueError(Message("the address may hold a host and a path, nothing else"))
        if parts.scheme == "http" and parts.hostname not in LOOPBACK:
            raise ValueError(
                Message("http would show the API key to everyone on the way; use https")
            )
        return url.rstrip("/")

    @field_validator("api_key")
    @classmethod
    def _sendable_key(cls, key: SecretStr | None) -> SecretStr | None:
        if key is not None and not _KEY_FORM.fullmatch(key.get_secret_value()):
            raise ValueError(
                Message("the key has characters that no API key has (spaces, line ends, …)")
            )
        return key

    @property
    def named(self) -> str:
        """What a person is shown of the sources."""
        return ", ".join(self.called or self.sources)

    @property
    def mapping_path(self) -> Path | None:
        """The file of the mapping, or None if there is none."""
        found = self.mapping
        return found if found is None or isinstance(found, Path) else found.path

    def required_api_key(self) -> SecretStr:
        """Return the API key. Raises `ConfigError` if there is none."""
        if self.api_key is None:
            if self.job is not None:
                raise ConfigError(
                    "there is no API key: [job] of %(path)s has no api_key",
                    path=self.job,
                    hint='Say there where it is: api_key = { file = "…" }',
                )
            raise ConfigError(
                "there is no API key",
                hint="Set VOREL_API_KEY, or name a file with --api-key-file; "
                "a program gives api_key.",
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
        if self.output is not None:
            output = self.output
            is_secret = isinstance(output, Address) and str(output) != output.whole
            stated["output"] = ADDRESS if is_secret else str(output)
        path = self.mapping_path
        return stated if path is None else {**stated, "mapping": str(path)}


SETTINGS = declared_settings(ImportConfig)
"""The settings of an import by their names, without those of reading (`ReadOptions`)."""


def from_environment(name: str) -> str | None:
    """Return what the environment variable of a setting says, or None if it says nothing."""
    variable = SETTINGS[name].variable
    return None if variable is None else os.environ.get(variable, "").strip() or None
