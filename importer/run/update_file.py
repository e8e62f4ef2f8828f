"""Writes changed values of records as a file for the CRM's own update import."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

from importer.core.errors import ResultsError
from importer.core.keys import canonical_json
from importer.core.locale.message import Message
from importer.core.paths import walk_leaves
from importer.core.records import Outcome, Record, Row, Status
from importer.core.row_marks import RowRef
from importer.core.settings import ReadOptions
from importer.core.shared import JsonValue, UpdateForm
from importer.mapper.mapper import Mapper
from importer.reader.spool import spool_folder
from importer.run.survey import Survey, read_options_of, read_survey
from importer.writer.lines.run_line import RunLine
from importer.writer.loading import read_history
from importer.writer.outcome_index import OutcomeIndex
from importer.writer.placement import write_table
from importer.writer.results import LineStore, ResultsFile, torn_line_kept

_EMPTIED = "vorel_emptied"
_REF = "vorel_ref"
_FORMS = Path(__file__).with_name("update_forms.toml")


@dataclass(frozen=True, slots=True, kw_only=True)
class _FileForm:
    """
    How the update import of a CRM wants its file.

    `title` is its name, `id_column` the column of the record's id. `names` are its names of the
    canonical fields, by object; other fields keep their names, with `ending` if they are the user's
    own. `empties` is the text that empties a field, or None if its import cannot empty one.
    """

    title: str
    id_column: str
    names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    ending: str = ""
    keeps_paths: bool = False
    empties: str | None = None

    def column(self, object_: str, name: str) -> str:
        """
        Return the name of a field.

        >>> _form("hubspot").column("contact", "first_name")
        'firstname'
        >>> _form("salesforce").column("contact", "attributes.bedrooms")
        'bedrooms__c'
        """
        known = self.names.get(object_, {}).get(name)
        if known is not None:
            return known
        return name if self.keeps_paths else name.rpartition(".")[2] + self.ending


def _form(name: UpdateForm) -> _FileForm:
    return _FileForm(**tomllib.loads(_FORMS.read_text(encoding="utf-8"))[name])


@dataclass(frozen=True, slots=True, kw_only=True)
class Updates:
    """
    The path of the file, or None if no record has changed, and how many `records` it has.

    `fields` counts the values by field. `emptied` records have an empty field that the CRM's import
    leaves as it is. `whole` records have all fields in the file, since the changed ones are not
    known. `notices` are for the person.
    """

    path: Path | None = None
    records: int = 0
    fields: Counter[str] = field(default_factory=Counter)
    emptied: int = 0
    whole: int = 0
    notices: Sequence[Message] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Update:
    """
    The values of one record: None for a field that is empty now.

    With `whole` it has all fields, since the changed ones are not on record.
    """

    external_id: str
    ref: RowRef
    values: Mapping[str, str | None]
    whole: bool

    def is_emptied_in(self, form: _FileForm) -> bool:
        """Return whether it has an empty field that the import of a CRM leaves as it is."""
        return form.empties is None and None in self.values.values()


async def export_updates(
    results: Path, sources: tuple[str, ...], options: ReadOptions, form: UpdateForm
) -> Updates:
    """
    Write `<stem>.updates.csv`: today's values of the fields that have changed, one record a line.

    It has the rows of the list that were reported as `changed` and that nobody has dealt with. The
    `sources` are read and mapped as in the last run, except for the `options` that are set.
    `acknowledge` settles each row by its `vorel_ref`. Raises `ResultsError` if there is no such
    results file or a run is using it, `SourceError`, and `JournalError` if writing fails.
    """
    with spool_folder() as spool, closing(ResultsFile(results, is_there=True)) as opened:
        last, mapper = _last_run(results)
        survey = read_survey(sources, options.over(read_options_of(last)), spool=spool)
        found = await write_updates(opened, survey, mapper, form)
        return replace(found, notices=(*torn_line_kept(results, opened.torn), *found.notices))


async def write_updates(
    opened: LineStore, survey: Survey, mapper: Mapper, form: UpdateForm
) -> Updates:
    """Write the file beside an open results file, like `export_updates`."""
    file_form = _form(form)
    with closing(OutcomeIndex(opened.path)) as index:
        # The list may have two versions of a row: the record gets the values of the last one.
        last = {one.external_id: one for one in _changed(index, survey, mapper, opened.path)}
    updates = [*last.values()]
    path, notices = await write_table(opened, "updates", _rows(updates, mapper, file_form))
    return Updates(
        path=path,
        records=len(updates),
        fields=Counter(name for one in updates for name in one.values),
        emptied=sum(one.is_emptied_in(file_form) for one in updates),
        whole=sum(one.whole for one in updates),
        notices=notices,
    )


def _changed(
    index: OutcomeIndex, survey: Survey, mapper: Mapper, results: Path
) -> Iterator[_Update]:
    """Yield the changed rows of a list that nobody has dealt with."""
    seen: Counter[str] = Counter()
    for batch in survey.batches():
        open_ = set(index.not_created(batch.hashes))
        for at, source_hash in enumerate(batch.hashes):
            if source_hash not in open_:
                continue
            seen[source_hash] += 1
            where = source_hash, seen[source_hash]
            outcome = index.outcome(where)
            row = batch.row(at) if outcome is not None and _is_open(outcome) else None
            record = mapper.map(row) if isinstance(row, Row) else None
            if outcome is None or outcome.external_id is None or not isinstance(record, Record):
                continue
            ref = RowRef(results=results.name, where=where)
            yield _Update(
                external_id=outcome.external_id,
                ref=ref,
                values=_values(record, outcome.changed),
                whole=not outcome.changed,
            )


def _is_open(outcome: Outcome) -> bool:
    """Return whether an outcome is a change; that of another import's record may be a stranger."""
    is_change = outcome.status is Status.CHANGED and outcome.record_key is not None
    return is_change and not outcome.is_acknowledged


def _values(record: Record, changed: Sequence[str]) -> dict[str, str | None]:
    today = {path: _text(value) for path, value in walk_leaves(record.fields)}
    return {name: today.get(name) for name in changed or today}


def _text(value: JsonValue) -> str:
    if isinstance(value, list):
        return ";".join(map(_text, value))
    return value if isinstance(value, str) else canonical_json(value).decode()


def _rows(updates: Sequence[_Update], mapper: Mapper, form: _FileForm) -> Iterator[Sequence[str]]:
    """Yield the header and a row for each record; without records, nothing."""
    if not updates:
        return
    named = {name for one in updates for name in one.values}
    order = {plan.target: at for at, plan in enumerate(mapper.plans)}
    names = sorted(named, key=lambda name: (order.get(name, len(order)), name))
    columns = [form.column(mapper.schema.name, name) for name in names]
    has_emptied = any(one.is_emptied_in(form) for one in updates)
    own = [*([_EMPTIED] if has_emptied else []), _REF]
    yield [form.id_column, *columns, *own]
    for one in updates:
        gone = [name for name, value in one.values.items() if value is None]
        cells = [_cell(one.values, name, form) for name in names]
        yield [one.external_id, *cells, *(["; ".join(gone)] if has_emptied else []), str(one.ref)]


def _cell(values: Mapping[str, str | None], name: str, form: _FileForm) -> str:
    value = values.get(name, "")
    return (form.empties or "") if value is None else value


def _last_run(results: Path) -> tuple[RunLine, Mapper]:
    """Return the last run that read a list, and its mapping. Raises `ResultsError`."""
    history = read_history(results)
    last = next((run for run in reversed(history.runs) if run.is_of_list), None)
    for one in reversed(history.mappings):
        mapper = Mapper.on_record(one.mapping, one.object, null=one.null)
        if mapper is not None and last is not None and mapper.mapping.sha256 == last.mapping_sha256:
            return last, mapper
    raise ResultsError(
        "%(path)s: no run of a list with its mapping is on record",
        path=results,
        hint="Run the import once more; then its changes can be written.",
    )
