"""The names of the results file of an import and of its derived files."""

from __future__ import annotations

import re
from pathlib import Path, PurePath

from importer import reader
from importer.core.errors import ConfigError
from importer.core.shared import FORMAT_SUFFIXES
from importer.core.systems.folders import state_folder
from importer.run.config import ImportConfig

_PACKED = {".gz", ".bz2", ".xz", ".zst", ".zip"}
_STAMP = re.compile(
    r"(?:(?:19|20)\d{2}([-_. ]?)\d{2}\1\d{2}|\d{2}([-_. ])\d{2}\2(?:19|20)\d{2})"
    r"(?:[-_T ]?\d{2}[-_.:]?\d{2}(?:[-_.:]?\d{2})?Z?)?",
    re.ASCII,
)
_LISTS = {".txt"}.union(*FORMAT_SUFFIXES.values())


def results_path(config: ImportConfig) -> Path:
    """Return the path of the results file. Raises `ConfigError` if it has to be given."""
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
    if source.name in {"", ".."}:  # the folder of the command, or the one above it
        source = source.resolve()
    earlier = source.with_name(f"{source.stem}.results.jsonl")
    return earlier if earlier.exists() else source.with_name(f"{_stem(source)}.results.jsonl")


def _stem(source: Path) -> str:
    """Return the name of a file without its endings (`list.csv.gz` has two)."""
    inner = Path(source.stem)
    is_packed = source.suffix.lower() in _PACKED and inner.suffix.lower() in _LISTS
    return inner.stem if is_packed and source.is_file() else source.stem


def without_stamp(name: str) -> str:
    """
    Return a file name without its folder, and with `#` for a date or a time in it.

    >>> without_stamp("exports/people-2026-11-25.csv")
    'people-#.csv'
    """
    return _STAMP.sub("#", PurePath(name).name)


def is_of_list(source: str, list_: str) -> bool:
    """
    Return whether the file `source` is of a list, by the names of its files without dates.

    >>> is_of_list("people-2026-11-25.csv", "people-2026-11-26.csv")
    True
    """
    return without_stamp(source) in {without_stamp(name) for name in list_.split(", ")}


def page_folder() -> Path:
    """Return the folder of the page, next to the folder that runs of this user share."""
    return state_folder() / "page"


def page_results(folder: Path) -> Path:
    """Return where the page with this folder keeps the results files of lists it has copied."""
    return folder / "results"
