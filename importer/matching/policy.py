"""The settings by which rows are matched with records."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from importer.writer.state.idempotency_keys import KeyState


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """
    How a run decides about rows that were seen before; see `importer.run.config.Rerun`.

    `on_duplicate` is None if nobody has said what to do with rows that are equal only in what is
    sent: then a few of them are possible duplicates, and more stop the run.
    """

    retry: Literal["all", "transient", "none"] = "all"
    on_duplicate: Literal["skip", "send"] | None = None
    on_change: Literal["report", "send"] = "report"
    key_lifetime: timedelta | None = None
    resend_unknown: bool = False

    @property
    def sends_all(self) -> bool:
        """Whether each of several equal rows becomes a record of its own."""
        return self.on_duplicate == "send"

    def clears(self, request: KeyState) -> bool:
        """
        Return whether a request without a clear answer holds no row back.

        Either an export of the CRM has shown that it made no record, or `resend_unknown` says so.
        """
        return self.resend_unknown or request.is_cleared
