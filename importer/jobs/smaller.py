"""Makes the results file of a job smaller before a run, where nobody else looks after it."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from importer.config import ImportConfig
from importer.errors import ImporterError, ResultsInUse, UsageError
from importer.running.file_names import results_path
from importer.writer import compact_if_it_pays

__all__ = ["make_smaller"]


def make_smaller(config: ImportConfig) -> str | None:
    """
    Make the results file of an import smaller if it is to be and that pays.

    Returns what a person should know: why it could not be done. The run goes on without it.
    """
    if not config.compact:
        return None
    with suppress(UsageError):  # the run itself says what is wrong with the path
        return _make_smaller(results_path(config))
    return None


def _make_smaller(results: Path) -> str | None:
    try:
        compact_if_it_pays(results)
    except ResultsInUse:  # the run says it too
        return None
    except (ImporterError, OSError) as error:
        return f"the results file could not be made smaller: {error}"
    return None
