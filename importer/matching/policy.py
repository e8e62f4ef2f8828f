"""The settings by which rows are matched with records."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from importer.writer.state.idempotency_keys import IdempotencyKeys, KeyState

_SURELY_REMEMBERED = 5 / 6
"""
A key is sent again only for this part of its lifetime: a request may be tried for hours, and the
service may count from an earlier one.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """
    How a run decides about rows that were seen before; see `importer.run.config.ImportConfig`.

    `on_duplicate` is None if nobody has said what to do with rows that are equal only in what is
    sent: then a few of them are possible duplicates, and more stop the run. The age of keys is that
    at the time `now`.
    """

    retry: Literal["all", "transient", "none"] = "all"
    on_duplicate: Literal["skip", "send"] | None = None
    on_change: Literal["report", "send"] = "report"
    key_lifetime: timedelta | None = None
    now: datetime | None = None
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

    def is_too_old(self, request: KeyState, keys: IdempotencyKeys) -> bool:
        """
        Return whether the service may have forgotten a key that may have made a record.

        A presumed request always counts as too old: it may have had another key.
        """
        if self.key_lifetime is None or self.clears(request):
            return False
        sure = self.key_lifetime * _SURELY_REMEMBERED
        if request.is_presumed or self.now is None:
            return True
        return keys.is_older(request, sure, self.now)
