"""A CRM that stops answering at a point, and what a process leaves behind that is killed there."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from referee.crm import Answer, Crm, Request
from referee.world import World

__all__ = ["Left", "Stopping", "made_of"]


def made_of(crm: Crm) -> Counter[str]:
    """Count the records by all that was sent for them."""
    return Counter(
        json.dumps([one.object, one.fields], sort_keys=True, ensure_ascii=False)
        for one in crm.records.values()
    )


@dataclass
class Stopping(Crm):
    """
    A CRM that answers `left` more requests as usual, and the others with `then`.

    It keeps only keys whose requests had no clear answer: all others must be in the results file.
    At the request `looks_at`, counted from 0, `look` is called, before or after its record is made.
    """

    left: int | None = None
    then: Answer | None = None
    looks_at: int | None = None
    looks_before: bool = False
    look: Callable[[], None] | None = None
    _seen: int = 0
    _unclear: set[str] = field(default_factory=set)

    def stop(self, left: int, then: Answer) -> None:
        """Answer so many more requests as usual, and all later ones with `then`."""
        self.left, self.then = left, then

    def be_well(self) -> None:
        """Answer everything as usual again, with only those keys in mind that it must keep."""
        self.left = self.then = self.looks_at = None
        self._memory = {key: told for key, told in self._memory.items() if key[1] in self._unclear}

    def keep(self, keys: set[str]) -> None:
        """Keep these keys: whoever sent them may not have had the answer."""
        self._unclear |= keys

    def watch(self, request: int, look: Callable[[], None], *, before: bool) -> None:
        """Call `look` once, at a request, before or after its record is made."""
        self.looks_at, self.look, self.looks_before, self._seen = request, look, before, 0

    def _answer(self, request: Request) -> Answer:
        is_watched = self.looks_at is not None and self._seen == self.looks_at
        self._seen += 1
        if is_watched and self.looks_before and self.look is not None:
            self.look()
        answer = self._usual(request)
        if is_watched and not self.looks_before and self.look is not None:
            self.look()
        return answer

    def _usual(self, request: Request) -> Answer:
        if self.left is None or self.then is None:
            return super()._answer(request)
        if self.left > 0:
            self.left -= 1
            return super()._answer(request)
        if self.then.status is None or self.then.status >= 500:
            self._unclear.add(request.key)
        if self.then.effect.name == "MADE":
            self._make(request)
        elif self.then.effect.name == "MADE_LATER":
            self._on_the_way.append(request)
        return self.then


@dataclass
class Left:
    """What a process leaves of a folder and of a CRM if it is killed at this moment."""

    world: World
    crm: Stopping
    copy: Path
    records: dict[str, Request] = field(default_factory=dict)
    memory: dict[tuple[str, str], Request | Answer] = field(default_factory=dict)
    is_taken: bool = False

    def take(self) -> None:
        """Note how everything is."""
        shutil.rmtree(self.copy, ignore_errors=True)
        self.copy.mkdir(parents=True)
        for path in [*self.world.folder.iterdir()]:
            with suppress(FileNotFoundError):  # a file that was about to get its name
                shutil.copy2(path, self.copy / path.name)
        self.records, self.memory = {**self.crm.records}, {**self.crm._memory}
        self.is_taken = True

    def put_back(self) -> None:
        """Make everything as it was, as if the process had not done any more."""
        for path in [*self.world.folder.iterdir()]:
            path.unlink()
        for path in self.copy.iterdir():
            shutil.copy2(path, self.world.folder / path.name)
        answered = {
            line["idempotency_key"]
            for path in self.world.folder.glob("*.results.jsonl")
            for line in map(json.loads, path.read_text(encoding="utf-8").splitlines())
            if line["kind"] == "row" and line["status"] == "created"
        }
        self.crm.keep({key for _, key in self.memory} - answered)
        self.crm.records, self.crm._memory = {**self.records}, {**self.memory}
        self.crm.be_well()
