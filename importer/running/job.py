"""Turns settings into a job: which files, how they are read, how they are mapped. Sends nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from importer import mapper, reader
from importer.config import ImportConfig
from importer.errors import ConfigError, SourceError
from importer.mapper import Mapper
from importer.paths import walk_leaves, walk_paths
from importer.reader import Batch, Layout, SourceFile
from importer.records import AlreadyCreated, Decision, Postponed, Record, Rejected, Row
from importer.running.derived import results_named, views_refused
from importer.settings import ReadOptions
from importer.shared import FORMAT_SUFFIXES
from importer.writer import ExportDialect, Ledger, Policy, RunLine

__all__ = ["Job", "Survey", "output_stem", "prepare", "read_survey", "results_path"]

_PACKED = {".gz", ".bz2", ".xz", ".zst", ".zip"}
_LISTS = {".txt"}.union(*FORMAT_SUFFIXES.values())


_COUNTED_BYTES = 8 * 1024 * 1024
"""Counting the rows of a file up to this size takes a tenth of a second: nobody waits for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """
    What one pass over the sources found.

    `columns` are the sources' own columns in order of appearance (for JSONL the dotted paths
    of its leaves); `rows` counts all records, refused ones too; where they are not counted it is
    what the size of the files and their first lines tell, and `is_about` is True. `refs` are, for
    each file, the results files that its rows name, each with whether the rows are a mere view of a
    JSON list: only derived files name any. `stamps` tell whether a file has changed since. `found`
    is what else there is to tell, from the files that have been read to their end since.
    """

    files: tuple[tuple[SourceFile, Layout], ...]
    options: ReadOptions
    columns: tuple[str, ...]
    paths: frozenset[str]
    has_header: bool
    rows: int
    is_about: bool
    size: int
    sha256: str
    notices: tuple[str, ...]
    refs: Sequence[Mapping[str, bool]] = ()
    stamps: Sequence[tuple[int, ...]] = ()
    found: dict[str, None] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What the results file calls the sources."""
        return ", ".join(file.name for file, _ in self.files)

    @property
    def dialect(self) -> ExportDialect:
        """How derived files are written so that the same settings read them back."""
        layouts = [layout for _, layout in self.files]
        delimiters = [layout.delimiter for layout in layouts if layout.delimiter]
        encodings = {layout.encoding for layout in layouts if layout.delimiter}
        return ExportDialect(
            # One encoding of several might lack letters that the others have.
            encoding=encodings.pop() if len(encodings) == 1 else "utf-8",
            delimiter=delimiters[0] if delimiters else ",",
            has_objects=len(delimiters) < len(layouts),
            has_sources=len(layouts) > 1,
        )

    def changed(self) -> list[str]:
        """Return the names of the files that are no longer those which the survey began with."""
        return [
            file.name
            for (file, _), stamp in zip(self.files, self.stamps, strict=True)
            if _stamp(file) != stamp
        ]

    @property
    def is_derived(self) -> bool:
        """Whether the sources are derived files of an import, and none is a list of its own."""
        return bool(self.refs) and all(self.refs)

    @property
    def read_as(self) -> tuple[str, ...]:
        """How each file is read, and what speaks for it: what `check` prints."""
        return tuple(
            f"{file.name}: {', '.join((layout.encoding.upper(), *layout.evidence))}"
            for file, layout in self.files
        )

    def batches(self) -> Iterator[Batch]:
        """Yield the rows of every file, in order, in batches."""
        for file, layout in self.files:
            with reader.open_source(file, layout, self.options) as rows:
                yield from reader.batches(rows)
                self.found.update(dict.fromkeys(_notices(file, rows.notices)))

    def hashed(self) -> Iterator[tuple[str, Batch, int]]:
        """
        Yield every row of every file, in order, by its source hash.

        The row itself is `batch.row(index)`: most rows of a nightly list are never looked at.
        """
        for batch in self.batches():
            for index, source_hash in enumerate(batch.hashes):
                yield source_hash, batch, index


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """An import that could start: sources surveyed, mapping checked against their columns."""

    config: ImportConfig
    object: str
    survey: Survey
    mapper: Mapper
    mapping_sha256: str
    results: Path
    notices: tuple[str, ...]

    def open_ledger(
        self, *, salt: str = "", now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> Ledger:
        """Return a ledger that decides as the settings say; nothing is loaded yet."""
        rerun = self.config.rerun
        policy = Policy(
            retry=rerun.retry,
            on_duplicate=rerun.on_duplicate,
            on_change=rerun.on_change,
            namespace=rerun.namespace,
            key_lifetime=timedelta(seconds=rerun.key_lifetime),
            resend_unknown=rerun.resend_unknown,
            decides=self.decides,
        )
        return Ledger(policy, salt=salt, now=now)

    @property
    def decides(self) -> str:
        """What decides which rows are the same record: equal for two runs that agree."""
        return RunLine.decided_by(self.object, self.mapping_sha256, self.config.stated())

    def decisions(self, ledger: Ledger) -> Iterator[Decision]:
        """
        Yield what is to be done, row after row in source order, by what is on record.

        Rows that earlier runs created and that follow each other are one `AlreadyCreated`. Rows
        that are `Postponed` come last: those that failed before, and those about which other rows
        decide.
        """
        postponed: list[tuple[Row | Rejected, str, int]] = []
        for batch in self.survey.batches():
            reached = 0
            for index, occurrence in ledger.skip_settled(batch.hashes):
                if index > reached:
                    yield AlreadyCreated(index - reached)
                reached = index + 1
                mark = batch.marks.get(index)
                if mark is not None and mark.has_record:
                    yield AlreadyCreated()
                    continue
                row, source_hash = batch.row(index), batch.hashes[index]
                decision = self.decide(row, source_hash, occurrence, ledger)
                if isinstance(decision, Postponed):
                    postponed.append((row, source_hash, occurrence))
                else:
                    yield decision
            if len(batch) > reached:
                yield AlreadyCreated(len(batch) - reached)
        self.find_owners(ledger)
        for row, source_hash, occurrence in postponed:
            yield self.decide(row, source_hash, occurrence, ledger, is_last_chance=True)

    def decide(
        self,
        row: Row | Rejected,
        source_hash: str,
        occurrence: int,
        ledger: Ledger,
        *,
        is_last_chance: bool = False,
    ) -> Decision:
        """Map one row that `ledger.skip_settled` has returned, and return what is to be done."""
        mapped = row if isinstance(row, Rejected) else self.mapper.map(row)
        if isinstance(mapped, Rejected):
            return ledger.refuse(mapped, source_hash, occurrence, is_last_chance=is_last_chance)
        return ledger.decide(mapped, source_hash, occurrence, is_last_chance=is_last_chance)

    def find_owners(self, ledger: Ledger) -> None:
        """Tell the ledger what the rows that it wants to know of are by today's mapping."""
        wanted = ledger.wanted
        for source_hash, batch, index in self.survey.hashed() if wanted else ():
            if source_hash not in wanted:
                continue
            row = batch.row(index)
            mapped = row if isinstance(row, Rejected) else self.mapper.map(row)
            if isinstance(mapped, Record):
                ledger.note_owner(mapped, source_hash)

    def list_hashes(self) -> Iterator[Sequence[str]]:
        """Yield the source hashes of all rows, in batches."""
        return (batch.hashes for batch in self.survey.batches())


def prepare(config: ImportConfig, *, spool: Path, counted: bool = True) -> Job:
    """
    Read the mapping and survey the sources. `spool` is a folder for standard input.

    Without `counted`, the rows of a large CSV file are not counted: they are about as many as its
    size tells, and the first of them can be sent at once.
    Raises `UsageError` (exit code 2) for whatever the user has to correct first.
    """
    results = results_path(config)
    mapping = config.mapping
    if isinstance(mapping, Path):
        mapping = mapper.load_mapping(mapping)
    object_ = config.object or (mapping.object if mapping else None)
    if object_ is None:
        raise ConfigError(
            "no object type given",
            hint='Use --object contact (or lead, deal, appointment, case), or object = "contact" '
            "in the mapping file.",
        )
    if mapping and mapping.object not in {None, object_}:
        raise ConfigError(
            f"--object says {object_}, the mapping file {mapping.object}",
            hint="Drop one of the two.",
        )
    own = mapper.load_own_fields(config.schema_file) if config.schema_file else None
    options = config.read.over(mapping.read) if mapping else config.read
    try:
        survey = read_survey(config.sources, options, spool=spool, counted=counted)
    except OSError as error:
        raise SourceError(
            f"{', '.join(config.sources)}: cannot be read to its end ({error.strerror or error})",
            hint="Nothing was sent. Mend the disk, or import a copy of the list.",
        ) from error
    derived = [(file.name, refs) for (file, _), refs in zip(survey.files, survey.refs, strict=True)]
    views_refused(derived)
    if config.results is None:
        results = results_named(derived) or results
    if mapping is None:
        mapping = mapper.automatic_mapping(survey.columns, object_, own)
    if own is not None:
        mapping = mapping.with_fields(own)
    row_mapper = Mapper(mapping, object_, null=options.null, strict=config.strict)
    if survey.has_header:
        notices = row_mapper.check_columns(survey.columns)
    else:
        notices = row_mapper.check_keys(survey.paths)
    return Job(
        config=config,
        object=object_,
        survey=survey,
        mapper=row_mapper,
        mapping_sha256=mapping.sha256,
        results=results,
        notices=(*survey.notices, *notices),
    )


def results_path(config: ImportConfig) -> Path:
    """Return where the results file lies. Raises `ConfigError` where it must be named."""
    if config.results is not None:
        return config.results
    if len(config.sources) > 1 or config.sources[0] == "-" or not Path(config.sources[0]).exists():
        if len(config.sources) == 1 and not set("*?[-") & set(config.sources[0]):
            reader.find_sources(config.sources)  # says what is wrong with the path
        raise ConfigError(
            "with several sources, or standard input, the results file must be named",
            hint="Use --results import.results.jsonl, the same one each time.",
        )
    source = Path(config.sources[0])
    earlier = source.with_name(f"{source.stem}.results.jsonl")
    return earlier if earlier.exists() else source.with_name(f"{_stem(source)}.results.jsonl")


def _stem(source: Path) -> str:
    """Return a file's name without its ending; `list.csv.gz` has two."""
    inner = Path(source.stem)
    is_packed = source.suffix.lower() in _PACKED and inner.suffix.lower() in _LISTS
    return inner.stem if is_packed and source.is_file() else source.stem


def output_stem(results: Path) -> str:
    """Return what the names of the derived files begin with: that of their results file."""
    return results.name.removesuffix(".jsonl").removesuffix(".results")


def read_survey(
    sources: tuple[str, ...], options: ReadOptions, *, spool: Path, counted: bool = True
) -> Survey:
    """
    Read all sources once and return what is in them. Raises `SourceError`.

    Without `counted` the rows of large CSV files are not looked at, but every byte is: it is known
    whether a file can be read in its encoding.
    """
    files = reader.find_sources(sources, spool=spool, options=options)
    stamps = [_stamp(file) for file in files]
    size, sha256 = reader.fingerprint(files)
    found: list[tuple[SourceFile, Layout]] = []
    columns: dict[str, None] = {}
    paths: set[str] = set()
    notices: list[str] = []
    refs: list[dict[str, bool]] = []
    rows = 0
    has_header = is_about = False
    for file in files:
        layout = reader.detect_layout(file, options)
        found.append((file, layout))
        refs.append({})
        with reader.open_source(file, layout, options) as stream:
            if stream.columns is not None:
                has_header = True
                columns |= dict.fromkeys(stream.columns)
            is_small = file.content.size <= _COUNTED_BYTES
            if counted or is_small or stream.columns is None or stream.is_derived:
                for batch in reader.batches(stream):
                    rows += len(batch)
                    _note_refs(batch, refs[-1])
                    if stream.columns is None:
                        for form in batch.key_samples():
                            columns |= dict.fromkeys(path for path, _ in walk_leaves(form))
                            paths |= {path for path, _ in walk_paths(form)}
            else:
                rows += file.content.estimated_lines
                is_about = True
            notices += _notices(file, stream.notices)
    return Survey(
        files=tuple(found),
        options=options,
        columns=tuple(columns),
        paths=frozenset(paths),
        has_header=has_header,
        rows=rows,
        is_about=is_about,
        size=size,
        sha256=sha256,
        notices=tuple(notices),
        refs=tuple(refs),
        stamps=stamps,
    )


def _stamp(file: SourceFile) -> tuple[int, ...]:
    """Return what is another once somebody has written to a file or put another in its place."""
    try:
        found = file.path.stat()
    except OSError:
        return ()
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


def _note_refs(batch: Batch, refs: dict[str, bool]) -> None:
    """Note the results files that rows name, each with whether one of them is in a mere view."""
    for mark in batch.marks.values():
        if mark.ref is not None:
            refs[mark.ref.results] = refs.get(mark.ref.results, False) or mark.ref.is_view


def _notices(file: SourceFile, notices: Sequence[str]) -> list[str]:
    return [f"{file.name}: {notice}" for notice in notices]
