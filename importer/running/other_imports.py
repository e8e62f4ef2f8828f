"""Finds rows that other imports have created, by results files beside the list or the page's."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from importer.errors import QuestionError
from importer.records import Record, Row, Send
from importer.running.earlier_mappings import EarlierMappings, mapping_line
from importer.running.file_names import page_folder, page_results
from importer.running.job import Job
from importer.running.target import has_other_target
from importer.writer import Elsewhere, History, Ledger, MarksIndex, is_results_file, load_results

__all__ = ["OtherResultsFiles", "check_other_imports"]

_LOOKED_AT = 200
"""How many rows whose content is in none of the files are looked up by their keys and marks."""


class OtherResultsFiles:
    """
    The results files of other imports with the same target.

    They are in the folder of the list (if it is a link, also in that of the file it points to), in
    that of its own results file, or in that of the page: a list that was dropped there may be
    imported on the command line as well.

    No file is read before the first row is looked up. Then `ledgers` has the ledger of each, with
    the mappings of its runs.
    """

    def __init__(self, job: Job) -> None:
        self._job = job
        self._files: list[tuple[str, Ledger]] | None = None
        self.ledgers: list[tuple[Ledger, EarlierMappings]] = []
        self._indexes: list[MarksIndex] = []

    def find(self, send: Send) -> Elsewhere | None:
        """Return the record that another import has created from this row, or a similar one."""
        for name, ledger in self.files():
            record = ledger.record_of(send)
            if record is not None:
                return Elsewhere(name, record)
        return None

    def files(self) -> list[tuple[str, Ledger]]:
        """Return the path and the ledger of each file."""
        if self._files is None:
            self._files = [*self._load()]
        return self._files

    def _load(self) -> Iterator[tuple[str, Ledger]]:
        for path in _other_results_files(self._job):
            ledger = self._job.open_ledger()
            try:
                history = load_results(path, ledger)
                index = MarksIndex(path)
            except OSError:
                continue
            last = history.last_with_records
            if last is None or has_other_target(last, self._job):
                continue
            self._indexes.append(index)
            earlier = EarlierMappings(history.mappings, mapping_line(self._job))
            ledger.recognise_by(marks=index, earlier=earlier)
            self.ledgers.append((ledger, earlier))
            yield str(path), ledger

    def close(self) -> None:
        """Close the files."""
        for index in self._indexes:
            index.close()


def _other_results_files(job: Job) -> Iterator[Path]:
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


def check_other_imports(
    job: Job, history: History, others: OtherResultsFiles, ledger: Ledger
) -> None:
    """
    Check whether another import has created some of the rows, before the first request.

    Raises `QuestionError` if one has, since the list may have been renamed. An import that has
    created records itself is not stopped: such rows are held back one by one.
    """
    if history.last_with_records is not None or not others.files():
        return
    counts = dict.fromkeys((name for name, _ in others.files()), 0)
    looked_at = rows = 0
    for batch in job.survey.batches():
        rows += len(batch)
        created = {name: other.have_created(batch.hashes) for name, other in others.files()}
        for name, are_created in created.items():
            counts[name] += sum(are_created)
        for index, is_created in enumerate(map(any, zip(*created.values(), strict=True))):
            if looked_at == _LOOKED_AT:
                break
            if is_created:
                continue
            looked_at += 1
            row = batch.row(index)
            mapped = job.mapper.map(row) if isinstance(row, Row) else None
            if isinstance(mapped, Record):
                found = others.find(ledger.as_sent(mapped, batch.hashes[index]))
                if found is not None:
                    counts[found.results] += 1
    if not any(counts.values()):
        return
    most = max(counts, key=lambda name: counts[name])
    raise QuestionError(
        f"{most} is the results file of an import that has created {counts[most]} of the {rows} "
        f"rows of {job.survey.name}",
        hint=f"To continue it, add --results {shlex.quote(most)}; to create all rows once more, "
        "add --new-import.",
        answers={
            f"continue {most}": {"results": most},
            "create all rows once more": {"new_import": True},
        },
    )
