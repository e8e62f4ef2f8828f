"""The names of the results file of an import and of its derived files."""

from __future__ import annotations

from pathlib import Path

from importer import reader
from importer.core.errors import ConfigError
from importer.core.shared import FORMAT_SUFFIXES
from importer.core.systems.folders import state_folder
from importer.run.config import ImportConfig

_PACKED = {".gz", ".bz2", ".xz", ".zst", ".zip"}
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


def page_folder() -> Path:
    """Return the folder of the page, next to the folder that runs of this user share."""
    return state_folder() / "page"


def page_results(folder: Path) -> Path:
    """Return where the page with this folder keeps the results files of lists it has copied."""
    return folder / "results"
