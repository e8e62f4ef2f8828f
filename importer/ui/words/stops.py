"""What a person can do on the page after sending has stopped."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from importer.core.locale import N_
from importer.core.records import Summary
from importer.sender.delivery.breaker import NEVER_REACHED
from importer.sender.vorel.answers import KEY_REFUSALS

__all__ = ["HINTS", "Stop", "stop_of"]

Stop = Literal["", "key", "unreached", "outage", "errors"]
"""Why a run has stopped, as far as the page says by itself what to do: else empty."""

_OUTAGE_EXIT, _ERRORS_EXIT = 5, 4
HINTS: Mapping[str, str] = {
    "key": N_(
        "You get a key in the CRM, under Settings > Integrations > API keys. It needs the scope "
        "crm:write."
    ),
    "unreached": N_(
        "Check the internet connection, and the address of the service. Then continue."
    ),
    "outage": N_("The service did not answer for a long time. Continue once it does."),
    "errors": N_("Look at the rows with problems before you continue."),
}


def stop_of(summary: Summary) -> Stop:
    """Return why a run has stopped."""
    if not summary.stopped:
        return ""
    if summary.cause in KEY_REFUSALS:
        return "key"
    if summary.cause == NEVER_REACHED:
        return "unreached"
    ends: Mapping[int, Stop] = {_OUTAGE_EXIT: "outage", _ERRORS_EXIT: "errors"}
    return ends.get(summary.exit_code, "")
