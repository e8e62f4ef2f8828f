"""Makes the results file of an import smaller before a run."""

from __future__ import annotations

from importer.core.errors import ImporterError, ResultsInUse, UsageError
from importer.core.locale.message import Message
from importer.run.config import ImportConfig
from importer.run.file_names import results_path
from importer.run.memory import is_lost

__all__ = ["make_smaller"]


def make_smaller(config: ImportConfig) -> Message | None:
    """
    Make the results file of an import smaller if its `compact` is set and that pays.

    Returns why it could not be done, for a person to know, or None. The run goes on all the same.
    """
    if not config.compact or is_lost(config):  # of that the run says it
        return None
    from importer.writer.rewriting.compaction_policy import may_save_enough

    try:
        path = results_path(config)
        if may_save_enough(path):  # else what rewrites files is not even loaded
            from importer.writer.rewriting.compaction import compact_if_it_pays

            compact_if_it_pays(path)
    except (ResultsInUse, UsageError):  # the run itself says it
        return None
    except (ImporterError, OSError) as error:
        return Message("the results file could not be made smaller: %(reason)s", reason=error)
    return None
