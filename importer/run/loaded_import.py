"""Loads what earlier runs have recorded: the next run and `check` decide by it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Self

from importer.core.errors import ResultsInUse
from importer.core.shared import OVERLAP_EXIT
from importer.run.file_names import page_folder, page_results
from importer.run.job import Job
from importer.run.mapping_history import EarlierMappings, mapping_line
from importer.run.target import check_target, has_other_target
from importer.writer.index.match_hash_index import MatchHashIndex
from importer.writer.lines.run_line import MappingLine
from importer.writer.loading import load_results
from importer.writer.results import LineStore, OpenStore, has_lines, is_results_file
from importer.writer.state.history import History
from importer.writer.state.journal_state import JournalState


@dataclass(frozen=True, slots=True)
class LoadedResults:
    """
    What one results file says.

    `name` is its path. `state` is what it says of keys, rows and runs. `earlier` are
    the mappings of these runs, without today's. `hashes` finds requests by their match hashes.
    """

    name: str
    state: JournalState
    earlier: EarlierMappings
    hashes: MatchHashIndex | None


@dataclass(frozen=True, slots=True)
class LoadedImport:
    """
    Everything on record of an import. Close it after use, or use it in `with`.

    `own` is from the results file of the import. `others` loads the results files of other imports
    in the same folder, when it is first called. `mapping` is today's mapping if it has to be
    recorded, else None. With `is_elsewhere` the results file belongs to another target: the run
    has to set it aside.
    """

    own: LoadedResults
    others: Callable[[], Sequence[LoadedResults]]
    mapping: MappingLine | None
    is_elsewhere: bool
    opened: ExitStack

    @property
    def history(self) -> History:
        """The runs of the import."""
        return self.own.state.history

    @property
    def state(self) -> JournalState:
        """What is on record of the import."""
        return self.own.state

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the results files that were read."""
        self.opened.close()


def load_import(job: Job, *, salt: str = "", is_locked: bool = False) -> LoadedImport:
    """
    Load the results file of an import, if there is one.

    `salt` is that of the hashes in a new file. If the file `is_locked`, its index is updated
    (`scan_results`). Raises `QuestionError` if only a person knows whether the file belongs to this
    import, or whether another import has created its rows.
    """
    today = mapping_line(job)
    with ExitStack() as opened:
        state = JournalState(decides=job.decides, salt=salt)
        own = _load(job.results, job, state, opened, keeps_index=is_locked)
        history = state.history
        is_new_import = job.config.new_import or any(
            run.settings.get("new_import") for run in history.runs
        )
        is_elsewhere = check_target(job, history)
        on_record = any(line.is_of_the_same_file(today) for line in history.mappings)
        left_open = opened.pop_all()
        return LoadedImport(
            own=own,
            others=cache(lambda: () if is_new_import else _load_others(job, left_open)),
            mapping=None if on_record else today,
            is_elsewhere=is_elsewhere,
            opened=left_open,
        )


def _load(
    path: Path, job: Job, state: JournalState, opened: ExitStack, *, keeps_index: bool = False
) -> LoadedResults:
    """Load a results file into a state, if it is there; `opened` closes it."""
    hashes = None
    if has_lines(path):
        load_results(path, state, keeps_index=keeps_index)
        index = MatchHashIndex(path, keeps_index=keeps_index)
        hashes = opened.enter_context(closing(index))
    columns = {*job.survey.columns, *job.survey.paths}
    earlier = EarlierMappings(state.history.mappings, mapping_line(job), columns)
    return LoadedResults(str(path), state, earlier, hashes)


def _load_others(job: Job, opened: ExitStack) -> Sequence[LoadedResults]:
    """Load the results files of other imports with the same target; `opened` closes them."""
    found = []
    for path in other_results_files(job):
        with suppress(OSError):
            one = _load(path, job, JournalState(), opened)
            last = one.state.history.last_with_records
            if last is not None and not has_other_target(last, job):
                found.append(one)
    return found


def open_results(
    job: Job, open_store: OpenStore, *, salt: str
) -> tuple[LineStore, LoadedImport, Path | None]:
    """
    Open the results file of an import with `open_store`, and load it.

    A file of another target is set aside if a person has agreed: then its new path is the last
    value, else None. Raises `ResultsError`, and `QuestionError` like `load_import`.
    """
    try:
        results = open_store(job.results)
    except ResultsInUse as error:
        if job.config.job is not None:
            error.exit_code = OVERLAP_EXIT
        raise
    try:
        loaded = load_import(job, salt=salt, is_locked=True)
        if not loaded.is_elsewhere:
            return results, loaded, None
        loaded.close()
        aside = results.set_aside()
        results = open_store(job.results)
        return results, load_import(job, salt=salt, is_locked=True), aside
    except BaseException:
        results.close()
        raise


def other_results_files(job: Job) -> Iterator[Path]:
    """
    Yield the results files of other imports.

    It searches the folder of the list (and of the file that a link leads to), the folder of the
    results file, and that of the page: somebody may import a list on the page and on the command
    line.
    """
    own = job.results.resolve()
    sources = [Path(source) for source in job.config.sources if source != "-"]
    sources += [one.resolve() for one in sources if one.is_symlink()]
    folders = [job.results.parent, *(one if one.is_dir() else one.parent for one in sources)]
    folders.append(page_results(page_folder()))
    seen = {own}
    for folder in {one.resolve(): one for one in folders}.values():
        found: list[Path] = []
        with suppress(OSError):
            found = sorted(folder.glob("*.jsonl"))
        for path in found:
            if path.resolve() not in seen and is_results_file(path):
                seen.add(path.resolve())
                yield path
