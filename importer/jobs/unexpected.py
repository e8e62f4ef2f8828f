"""Puts errors into words that the importer did not raise on purpose."""

from __future__ import annotations

import traceback
from pathlib import Path

from importer.core.errors import ImporterError, StopRun
from importer.core.locale.message import Message, foreign

_PACKAGE = Path(__file__).parents[1]
_FRAMES_SHOWN = 3
_AGAIN = Message(
    "What the run has sent is on record: once this is solved, the same command continues."
)


class EndedByOthers(StopRun):
    """A command or a job that was ended by an error that the importer did not raise itself."""

    def __init__(
        self,
        message: Message,
        *,
        hint: Message | None = None,
        code: int = 3,
        kind: Message | None = None,
    ) -> None:
        super().__init__(message, hint=hint)
        self.exit_code = code
        self._kind = kind

    @property
    def cause(self) -> Message:
        """The kind of an error whose words may quote anything, else the message."""
        return self._kind or super().cause


def explained(error: BaseException) -> ImporterError:
    """Return an error of the importer as it is, and any other with a message for a person."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    if isinstance(error, ImporterError):
        return error
    # Its own words may quote anything, so that only its kind is logged and sent.
    kind = Message("an error that should not have happened (%(type)s)", type=type(error).__name__)
    found = EndedByOthers(_sentence(error), hint=_AGAIN, kind=kind)
    found.__cause__ = error
    return found


def _sentence(error: BaseException) -> Message:
    """Return the message for an error of Python itself, or of a library."""
    if isinstance(error, MemoryError):
        return Message("there is not enough memory")
    if isinstance(error, OSError):
        if not error.filename:
            return foreign(str(error))
        return Message("%(path)s: %(fault)s", path=error.filename, fault=error.strerror)
    places = [
        f"{Path(frame.filename).relative_to(_PACKAGE.parent)}:{frame.lineno}"
        for frame in traceback.extract_tb(error.__traceback__)
        if Path(frame.filename).is_relative_to(_PACKAGE)
    ]
    what = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return Message(
        "this should not have happened, please report it: %(text)s (%(place)s)",
        text=what,
        place=places[-_FRAMES_SHOWN:],
    )
