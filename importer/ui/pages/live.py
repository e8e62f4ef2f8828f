"""Tells an open page how far the sending is, as it happens."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from importer.ui.site import Site, Visit
from importer.ui.words.show import Show
from importer.ui.work.sending import Sending

if TYPE_CHECKING:
    from importer.ui.work.tasks import Task

__all__ = ["events"]

_EVERY = 0.5
_BEAT = 2.0


def events(site: Site) -> Callable[[Request], object]:
    """Return what answers an EventSource: an event when something has changed, or every 2 s."""

    async def answer(request: Request) -> Response:
        one = site.store.get(request.path_params["id"])
        task = site.tasks.of(one) if one is not None else None
        if task is None:
            return Response(status_code=204)  # an EventSource does not ask again
        return StreamingResponse(
            _stream(task, Visit(request, site)), headers={"Content-Type": "text/event-stream"}
        )

    return answer


async def _stream(task: Task, visit: Visit) -> AsyncIterator[str]:
    last, quiet = "", 0
    duration = Show(visit.language).duration
    while not await visit.request.is_disconnected():
        is_running = task.is_running
        shown = task.shown() if isinstance(task, Sending) else _progress(task)
        if isinstance(task, Sending):
            shown["left_text"] = duration(float(shown["seconds_left"]))
            shown["wait_text"] = duration(float((shown["waiting"] or {}).get("seconds", 0)))
        text = json.dumps(shown)
        quiet += 1
        if text != last or quiet * _EVERY >= _BEAT:  # a program that is stopped says nothing
            last, quiet = text, 0
            yield f"data: {text}\n\n"
        if not is_running:
            yield "event: end\ndata: {}\n\n"
            return
        await asyncio.sleep(_EVERY)


def _progress(task: Task) -> dict[str, Any]:
    return {"running": task.is_running, "done": task.done, "total": task.total or 0}
