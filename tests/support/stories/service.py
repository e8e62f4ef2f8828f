"""A CRM that forgets keys as early as it may, and kills a process when a request arrives."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random
from unittest import mock

from referee import Answer, Crm, dropped, late, lost, refusal

from importer.sender.delivery import breaker
from importer.sender.pacing import backpressure

__all__ = ["NO", "Service", "fates", "short_waits"]

NO = refusal("validation_error")
_CONFLICT = 409
FATES = {
    "lost": lost,
    "dropped": dropped,
    "late": late,
    "refused": NO,
    "refused and remembered": refusal("validation_error", kept=True),
    "busy": refusal("vendor_unavailable"),
    "bad request": refusal("bad_request", 400),
    "failed": refusal("internal_error", 500),
    "unauthorized": refusal("unauthorized", 401),
}


def fates(chance: Random, most: int = 3) -> tuple[str, ...]:
    """Return what becomes of the next requests about a person."""
    return tuple(chance.choices([*FATES], k=chance.randint(1, most)))


@dataclass
class Service(Crm):
    """
    A CRM that can forget a key once a request with it has got a clear answer.

    What then keeps a person from being made twice must be the results file. `victim` is a process
    that is killed when the `fuse`-th request arrives, before or after its record is made.
    `conflicts` counts the requests whose key had been used for other values.
    """

    victim: subprocess.Popen[str] | None = None
    fuse: int = 0
    kills_before: bool = False
    unclear: set[str] = field(default_factory=set)
    conflicts: int = 0

    def tell(self, person: str, *names: str) -> None:
        """Let the next requests about a person meet these fates."""
        self.script(person, *(FATES[name] for name in names))

    def be_well(self) -> None:
        """Answer everything as usual from now on."""
        self._scripts.clear()

    def forget_answered(self) -> None:
        """Forget all keys but those of requests without a clear answer, or still on their way."""
        kept = self.unclear | {request.key for request in self._on_the_way}
        self._memory = {key: told for key, told in self._memory.items() if key[1] in kept}

    def forget_refusals(self) -> None:
        """Forget all refusals that were remembered under their keys."""
        for key, told in [*self._memory.items()]:
            if isinstance(told, Answer):
                del self._memory[key]

    @property
    def has_late_ones(self) -> bool:
        """Return whether requests are still on their way."""
        return bool(self._on_the_way)

    def receive(self, api_key: str, body: bytes) -> Answer:
        """Take one request and return what is answered."""
        key = str(json.loads(body)["idempotency_key"])
        if self._kills() and self.kills_before:
            return self._die(key, dropped)
        answer = super().receive(api_key, body)
        if self._kills():
            return self._die(key, lost)
        if answer.status is None or answer.status >= 500 or self.victim is not None:
            self.unclear.add(key)
        elif answer.effect is lost.effect and key not in self._keys_on_the_way():
            self.unclear.discard(key)
        self.fuse -= 1
        self.conflicts += answer.status == _CONFLICT
        return answer

    def _kills(self) -> bool:
        return self.victim is not None and self.fuse <= 0

    def _die(self, key: str, answer: Answer) -> Answer:
        assert self.victim is not None
        self.unclear.add(key)  # first: the story goes on as soon as the process is dead
        self.victim.kill()
        return answer

    def _keys_on_the_way(self) -> set[str]:
        return {request.key for request in self._on_the_way}


@contextmanager
def short_waits() -> Iterator[None]:
    """Wait hundredths of a second before another try; what is decided is the same."""
    with (
        mock.patch.object(backpressure, "_WAIT_INITIAL", 0.01),
        mock.patch.object(breaker, "_PROBE_WAITS", (0.01,)),
    ):
        yield
