"""Counts the modules through which a row walks, from its file to its line of the results file."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import anyio
from commands.process import environment

import importer
from importer import ImportConfig, run_import
from importer.core.events import Event, RowDone, RunStarted
from importer.core.records import Outcome, Record, Row, Send
from importer.mapper.block import MappedBlock
from importer.run.row_chunks import RowChunk
from importer.sandbox import Sandbox
from importer.sender.delivery.send_queue import QueuedRow
from importer.writer.lines.row_line import RowLine

ROOT = f"{Path(importer.__file__).parent}/"
WHOLE = (Row, RowChunk, MappedBlock, Record, Send, QueuedRow, Outcome, RowLine)
"""What a row is on its way."""


class Walk:
    """
    The way of a row: `stops` has the modules that hand it to another one, by part of the run.

    A module that only looks at the row, as one that counts, is none. The list has this row alone.
    """

    def __init__(self) -> None:
        self.part = "plan"
        self.stops: dict[str, dict[str, None]] = {"plan": {}, "send": {}, "end": {}}

    def hook(self, event: Event) -> None:
        if isinstance(event, RunStarted | RowDone):
            self.part = "send" if isinstance(event, RunStarted) else "end"

    @contextmanager
    def watched(self) -> Iterator[None]:
        threading.setprofile(self._see)
        sys.setprofile(self._see)
        try:
            yield
        finally:
            sys.setprofile(None)
            threading.setprofile(None)

    def _see(self, frame: FrameType, event: str, result: Any) -> None:
        code = frame.f_code
        if not code.co_filename.startswith(ROOT) or event not in {"call", "return"}:
            return
        names = code.co_varnames[: code.co_argcount + 1] or ("",)
        given = [frame.f_locals.get(name) for name in names]
        is_property = isinstance(getattr(type(given[0]), code.co_name, None), property)
        if not is_property and any(map(_is_row, given if event == "call" else [result])):
            hands, takes = _module(frame.f_back), _module(frame)
            if event == "return":
                hands, takes = takes, hands
            if hands is not None and takes not in {None, hands}:
                self.stops[self.part][hands] = None


def _is_row(value: object) -> bool:
    one = value[0] if isinstance(value, list | tuple) and len(value) == 1 else value
    return isinstance(one, WHOLE)


def _module(frame: FrameType | None) -> str | None:
    while frame is not None and not frame.f_code.co_filename.startswith(ROOT):
        frame = frame.f_back
    return None if frame is None else frame.f_code.co_filename.removeprefix(ROOT)


def walk(folder: Path, url: str, key: str) -> dict[str, list[str]]:
    """Import a list of one row. Returns the modules that hand the row on, by part of the run."""
    assert not [*folder.iterdir()]
    people, mapping, results = (folder / name for name in ("l.csv", "m.toml", "r.jsonl"))
    people.write_text("First,Email\nAda,ada@example.com\n")
    mapping.write_text('object = "contact"\n[fields]\nfirst_name = "First"\nemail = "Email"\n')
    config = ImportConfig(
        sources=(str(people),), mapping=mapping, results=results, base_url=url, api_key=key
    )
    walked = Walk()

    async def run() -> int:
        return (await run_import(config, hooks=[walked.hook])).exit_code

    with walked.watched():
        assert anyio.run(run) == 0
    return {part: list(stops) for part, stops in walked.stops.items()}


def test_a_row_is_handed_on_by_few_modules_and_through_each_room_once(
    tmp_path: Path, sandbox: Sandbox
) -> None:
    """The row walks in a process of its own: nothing that other tests have left hands it on."""
    folder = tmp_path / "list"
    folder.mkdir()
    command = [sys.executable, __file__, str(folder), sandbox.url, sandbox.api_key]
    # The page keeps imports in the folder of the user's state, and runs look for them there.
    state = str(tmp_path / "state")
    env = environment(PYTHONPATH=os.pathsep.join(sys.path), XDG_STATE_HOME=state)
    ended = subprocess.run(command, env=env, capture_output=True, text=True, check=True)
    stops = json.loads(ended.stdout)
    plan, send = stops["plan"], stops["send"]
    assert {"run/planning.py", "sender/delivery/delivery.py", "run/journal.py"} <= {
        *plan,
        *send,
    }
    assert len({*plan, *send}) == 14, ended.stdout
    assert _rooms(plan) == ["reader", "mapper"]
    assert _rooms(send) == ["reader", "mapper", "sender", "writer"]


def _rooms(stops: list[str]) -> list[str]:
    """Return the rooms that a row enters, without the one that leads it and what all may use."""
    rooms = [room for one in stops if (room := one.partition("/")[0]) not in {"run", "core"}]
    return [room for at, room in enumerate(rooms) if at == 0 or room != rooms[at - 1]]


if __name__ == "__main__":
    sys.stdout.write(json.dumps(walk(Path(sys.argv[1]), *sys.argv[2:])))
