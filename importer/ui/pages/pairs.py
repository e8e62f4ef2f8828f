"""Repeats and possible duplicates beside what they are like, to be decided before they are sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import Response

from importer.core.records import Status
from importer.ui.site import Visit
from importer.ui.work.deciding import decide_before, foreseen

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Literal

_ON_A_PAGE = 10
_KINDS: Mapping[str, Status] = {
    "repeats": Status.DUPLICATE,
    "possible": Status.POSSIBLE_DUPLICATE,
}


def show(visit: Visit) -> Response:
    """Show some of the rows that would not be sent, since they are like others."""
    kind = _asked(visit.query("kind"))
    found, count = foreseen(visit.one, _KINDS[kind], visit.start(), _ON_A_PAGE)
    report = (visit.one.kept("check") or {}).get("report")
    counted = report["counts"].get(_KINDS[kind].value, 0) if report else count
    return visit.page(
        "pairs.html",
        step="check",
        kind=kind,
        pairs=found,
        **visit.paged(count, _ON_A_PAGE) | {"count": max(count, counted)},
        is_cut=counted > count,
        is_decided=any(pair.said for pair in found) and report is None,
    )


def decide(visit: Visit) -> Response:
    """Put on record what a person has decided about one row."""
    form = visit.form
    said: dict[str, Literal["same", "new"]] = {"same": "same", "new": "new"}
    if (chosen := said.get(form.get("said"))) is not None:
        decide_before(visit.one, chosen, form.get("ref"))
    query = {"from": start} if (start := form.get("from")) else {}
    return visit.step("pairs", kind=_asked(form.get("kind")), **query)


def _asked(kind: str) -> str:
    return kind if kind in _KINDS else "possible"
