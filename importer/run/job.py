"""Prepares an import: finds and reads the sources, checks the mapping. Sends nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from importer.core.errors import ConfigError, SourceError
from importer.core.locale.message import Message
from importer.core.records import Row
from importer.mapper.columns import header_notices
from importer.mapper.mapper import Mapper
from importer.mapper.mapping.automatic import automatic_mapping
from importer.mapper.mapping.file import load_mapping
from importer.mapper.mapping.model import FieldMap
from importer.mapper.regions import region_notices
from importer.mapper.schema.own_fields import load_own_fields
from importer.matching.policy import Policy
from importer.reader.csv.profile import looks_like_name
from importer.reader.csv.structure import second_header
from importer.run.config import ImportConfig
from importer.run.corrections import CorrectedRows, read_corrected
from importer.run.derived_sources import (
    refuse_list_and_derived_file,
    refuse_views,
    results_file_named_by,
)
from importer.run.file_names import results_path
from importer.run.survey import Survey, read_survey
from importer.writer.lines.run_line import RunLine
from importer.writer.state.history import History
from importer.writer.workbook import FailedWorkbook

_IN_DOUBT = "Nothing is sent before that is said."


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """An import that is ready to start: the sources are surveyed and the mapping fits them."""

    config: ImportConfig
    object: str
    survey: Survey
    mapper: Mapper
    mapping_sha256: str
    results: Path
    notices: tuple[Message, ...]
    corrected: CorrectedRows = field(default_factory=CorrectedRows)

    @property
    def policy(self) -> Policy:
        """The settings by which rows are matched with records."""
        config = self.config
        return Policy(
            retry=config.retry,
            on_duplicate=config.on_duplicate,
            on_change=config.on_change,
            key_lifetime=timedelta(seconds=config.key_lifetime),
            resend_unknown=config.resend_unknown,
        )

    @property
    def decides(self) -> str:
        """A text of all the settings by which two rows are the same record."""
        return RunLine.decided_by(self.object, self.mapping_sha256, self.config.stated())

    @property
    def workbook(self) -> FailedWorkbook | None:
        """How the failed rows are shown, if they are to be in a workbook."""
        if self.config.failed_as != "xlsx":
            return None
        return FailedWorkbook(columns=self.mapper.mapping.columns_of_fields)


def prepare(config: ImportConfig, *, spool: Path) -> Job:
    """
    Read the mapping and survey the sources. `spool` is a folder for standard input.

    Raises `UsageError` (exit code 2) if the user has to correct something.
    """
    results = results_path(config)
    mapping = config.mapping
    if isinstance(mapping, Path):
        mapping = load_mapping(mapping)
    object_ = config.object or (mapping.object if mapping else None)
    if object_ is None:
        raise ConfigError(
            "no object type given",
            hint='Use --object contact (or lead, deal, appointment, case), or object = "contact" '
            "in the mapping file.",
        )
    if mapping and mapping.object not in {None, object_}:
        raise ConfigError(
            "--object says %(object)s, the mapping file %(object_2)s",
            object=object_,
            object_2=mapping.object,
            hint="Drop one of the two.",
        )
    corrections = config.corrections
    corrected = read_corrected(corrections, spool=spool) if corrections else CorrectedRows()
    own = load_own_fields(config.schema_file) if config.schema_file else None
    options = config.read.over(mapping.read) if mapping else config.read
    try:
        survey = read_survey(config.sources, options, spool=spool)
    except OSError as error:
        raise SourceError(
            "%(name)s: cannot be read to its end (%(fault)s)",
            name=config.named,
            fault=error.strerror or error,
            hint="Nothing was sent. Repair the disk, or import a copy of the list.",
        ) from error
    derived = [(file.name, refs) for (file, _), refs in zip(survey.files, survey.refs, strict=True)]
    refuse_views(derived)
    if config.results is None:
        results = results_file_named_by(derived) or results
    refuse_list_and_derived_file(derived, results)
    _refuse_unclear_header(survey, object_)
    if mapping is None:
        first = (*config.called, *config.sources)[0]
        mapping = automatic_mapping(survey.columns, object_, own, source=first)
    if own is not None:
        mapping = mapping.with_fields(own)
    row_mapper = Mapper(mapping, object_, null=options.null, strict=config.strict)
    return Job(
        config=config,
        object=object_,
        survey=survey,
        mapper=row_mapper,
        mapping_sha256=mapping.sha256,
        results=results,
        notices=(*survey.notices, *_notices(row_mapper, survey)),
        corrected=corrected,
    )


def _refuse_unclear_header(survey: Survey, object_: str) -> None:
    """Raise `SourceError` if a row may be the header, and nobody has said what it is."""
    for file, layout in survey.files:
        if doubt := layout.details.doubt:
            raise SourceError("%(name)s: %(what)s", name=file.name, what=doubt, hint=_IN_DOUBT)
    options = survey.options
    is_stated = options.header_rows is not None or options.no_header or survey.is_derived
    if is_stated or not survey.has_header:
        return
    first = next((batch.row(0) for batch in survey.batches() if len(batch)), None)
    if not isinstance(first, Row) or first.line == 1:
        return
    cells = [one for one in first.values.values() if isinstance(one, str) and one.strip()]
    # Few first rows have no number and no address. Only for those the words are looked up.
    if all(map(looks_like_name, cells)):
        from importer.mapper.suggest.columns.headers import are_names

        if are_names(cells, object_):
            what = second_header(first.line)
            raise SourceError("%(name)s: %(what)s", name=first.source, what=what, hint=_IN_DOUBT)


def _notices(row_mapper: Mapper, survey: Survey) -> list[Message]:
    """Compare the mapping with the sources. Returns what a person should know."""
    if survey.has_header:
        notices = row_mapper.check_columns(survey.columns)
        mapped = row_mapper.mapped_columns
        notices += header_notices(row_mapper.mapping, mapped, survey.headers)
    else:
        notices = row_mapper.check_keys(survey.paths)
    return notices + region_notices(row_mapper.plans, survey.first_rows)


def workbook_of_last_run(history: History, failed_as: str | None) -> FailedWorkbook | None:
    """Return the form of the failed rows: the requested one, or that of the last run."""
    runs, mappings = history.runs, history.mappings
    stated = failed_as or (runs[-1].settings.get("failed_as") if runs else None)
    if stated != "xlsx":
        return None
    last = FieldMap.from_json(mappings[-1].mapping) if mappings else None
    return FailedWorkbook(columns=last.columns_of_fields if last is not None else {})
