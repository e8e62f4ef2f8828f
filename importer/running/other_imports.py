"""Finds the results files of other imports: beside the list, beside its own, or the page's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from importer.running.file_names import page_folder, page_results
from importer.running.job import Job
from importer.writer import is_results_file

__all__ = ["other_results_files"]


def other_results_files(job: Job) -> Iterator[Path]:
    """
    Yield the results files of other imports.

    They are in the folder of the list (if it is a link, also in that of the file it points to), in
    that of its own results file, or in that of the page: a list that was dropped there may be
    imported on the command line as well.
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
