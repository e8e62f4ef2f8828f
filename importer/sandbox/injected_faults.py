"""Decides which requests get a fault, by rate or by script, and reads both from a file."""

from __future__ import annotations

import difflib
import json
import random
import threading
import tomllib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any

from importer.core.errors import ConfigError

_DEFAULT_SECONDS = {"latency": 0.5, "hang": 3600.0, "hang_after": 3600.0}
_NUMBER = (int, float)
_OPTIONS: dict[str, tuple[type, ...]] = {
    "seconds": _NUMBER,
    "retry_after": (int,),
    "error": (str,),
    "stored": (bool,),
}
_WHEN: dict[str, tuple[type, ...]] = {
    "nth": (int, list),
    "from": (int,),
    "to": (int,),
    "from_seconds": _NUMBER,
    "to_seconds": _NUMBER,
}
_WORDS = {
    int: "an integer",
    float: "a number",
    str: "a text",
    bool: "true or false",
    list: "a list",
}


class FaultPlace(Enum):
    """Where a request fails, which decides whether its record is stored."""

    WAY = "on the way to the service"
    SERVICE = "in the service, before anything is stored"
    CRM = "in the CRM, which stores nothing"
    ANSWER = "after the record is stored"
    DELAY = "nowhere, it is only slow"


KINDS: dict[str, FaultPlace] = {
    "latency": FaultPlace.DELAY,
    "reset_before": FaultPlace.WAY,
    "hang": FaultPlace.WAY,
    "error_502_html": FaultPlace.WAY,
    "error_503": FaultPlace.WAY,
    "html_200": FaultPlace.WAY,
    "empty_204": FaultPlace.WAY,
    "error_500": FaultPlace.SERVICE,
    "throttle_429": FaultPlace.SERVICE,
    "rate_limited": FaultPlace.CRM,
    "auth_failed": FaultPlace.CRM,
    "validation_error": FaultPlace.CRM,
    "crm_error": FaultPlace.CRM,
    "reset_after": FaultPlace.ANSWER,
    "half_body": FaultPlace.ANSWER,
    "error_500_after": FaultPlace.ANSWER,
    "hang_after": FaultPlace.ANSWER,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """
    One fault. Options that its kind does not use are ignored.

    `seconds` is how long `latency` and the hangs last, `retry_after` the seconds that
    `throttle_429` and `error_503` ask to wait, `error` the word of a `crm_error`. `stored` keeps
    an injected refusal under the idempotency key, so that the same key gets it again.
    Raises `ConfigError` for an unknown kind or an option out of range.
    """

    kind: str
    seconds: float | None = None
    retry_after: int = 1
    error: str = "vendor_unavailable"
    stored: bool = False

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ConfigError(f"unknown fault {self.kind!r}")
        if self.seconds is not None and not self.seconds >= 0:
            raise ConfigError(f"{self.kind}: seconds must not be negative, is {self.seconds}")
        if self.retry_after < 1:
            raise ConfigError(f"{self.kind}: retry_after must be at least 1")

    @property
    def place(self) -> FaultPlace:
        """Return where this fault strikes."""
        return KINDS[self.kind]

    @property
    def duration(self) -> float:
        """Return `seconds`, or the default for the kind."""
        return _DEFAULT_SECONDS.get(self.kind, 0.0) if self.seconds is None else self.seconds


@dataclass(frozen=True, slots=True)
class Rate:
    """A fault that strikes a share (0 to 1) of all requests, at random."""

    fault: Fault
    share: float

    def __post_init__(self) -> None:
        if not 0 <= self.share <= 1:
            raise ConfigError(f"{self.fault.kind}: a share lies between 0 and 1, not {self.share}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """
    A fault that strikes known requests: by number (from 1), or by seconds since the start.

    All ends are included; None leaves one open.
    """

    fault: Fault
    from_request: int | None = None
    to_request: int | None = None
    from_seconds: float | None = None
    to_seconds: float | None = None

    def strikes(self, number: int, seconds: float) -> bool:
        """Return whether request `number`, `seconds` after the start, is one of them."""
        return _within(number, self.from_request, self.to_request) and _within(
            seconds, self.from_seconds, self.to_seconds
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """
    The faults to inject. Raises `ConfigError` if the shares of `rates` add up to more than 1.

    The first matching entry of the script comes before the rates. Latency is drawn independently
    and is added to any other fault. After `revoke_key_after` requests, the key of the last of them
    is revoked.
    """

    seed: int | None = None
    rates: tuple[Rate, ...] = ()
    script: tuple[Step, ...] = ()
    revoke_key_after: int | None = None

    def __post_init__(self) -> None:
        total = sum(rate.share for rate in self.rates if rate.fault.place is not FaultPlace.DELAY)
        if total > 1 + 1e-9:
            raise ConfigError(f"the rates of faults add up to {total:g}, more than every request")


NO_FAULTS = Faults()


@dataclass(frozen=True, slots=True)
class Draw:
    """The draw for one request: its number, a delay in seconds, and maybe a fault."""

    number: int
    delay: float = 0.0
    fault: Fault | None = None
    revoke: bool = False


@dataclass(slots=True)
class FaultDice:
    """
    Draws for one request after the other; the same seed and order give the same faults.

    Numbers and seconds count from the creation of the dice. `clock` returns seconds.
    """

    faults: Faults
    clock: Callable[[], float]
    seed: int | None = None
    _random: random.Random = field(init=False)
    _started: float = field(init=False)
    _number: int = field(default=0, init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)

    def __post_init__(self) -> None:
        seed = self.faults.seed if self.seed is None else self.seed
        self._random = random.Random(seed)  # noqa: S311 - repeatable, not secret
        self._started = self.clock()

    def draw(self) -> Draw:
        """Return the draw for the next request."""
        with self._lock:
            self._number += 1
            # Always two numbers a request, so that a script does not shift what rates hit.
            slow, wrong = self._random.random(), self._random.random()
            scripted = self._scripted(self.clock() - self._started)
            delay = _pick(self.faults.rates, slow, delays=True)
            fault = _pick(self.faults.rates, wrong, delays=False)
            if scripted is not None and scripted.place is FaultPlace.DELAY:
                delay = scripted
            elif scripted is not None:
                fault = scripted
            return Draw(
                self._number,
                delay.duration if delay else 0.0,
                fault,
                revoke=self._number == self.faults.revoke_key_after,
            )

    def _scripted(self, seconds: float) -> Fault | None:
        for step in self.faults.script:
            if step.strikes(self._number, seconds):
                return step.fault
        return None


def _pick(rates: tuple[Rate, ...], number: float, *, delays: bool) -> Fault | None:
    reached = 0.0
    for rate in rates:
        if (rate.fault.place is FaultPlace.DELAY) is delays:
            reached += rate.share
            if number < reached:
                return rate.fault
    return None


def _within(value: float, low: float | None, high: float | None) -> bool:
    return (low is None or value >= low) and (high is None or value <= high)


def load_faults(path: Path) -> Faults:
    """Return the faults that a file describes. Raises `ConfigError`, naming file and entry."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        data = json.loads(text) if path.suffix.lower() == ".json" else tomllib.loads(text)
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}") from error
    except ValueError as error:  # both parsers' errors, and a wrong encoding
        form = "JSON" if path.suffix.lower() == ".json" else "TOML"
        raise ConfigError(f"{path} is not {form}: {error}") from error
    try:
        return parse(data)
    except ConfigError as error:
        raise ConfigError(f"{path}: {error.message}", hint=error.hint) from error


def parse(data: Any) -> Faults:
    """Return the faults that a parsed file describes. Raises `ConfigError`, naming the entry."""
    keys = {"seed": (int,), "rates": (object,), "script": (object,), "revoke_key_after": (int,)}
    table = _checked(data, keys, "the file")
    rates = _checked(table.pop("rates", {}), dict.fromkeys(KINDS, (object,)), "rates")
    script = table.pop("script", [])
    if not isinstance(script, list):
        raise ConfigError("script: must be a list of entries ([[script]])")
    return Faults(
        rates=tuple(_rate(kind, value) for kind, value in rates.items()),
        script=tuple(
            step for number, entry in enumerate(script, 1) for step in _steps(entry, number)
        ),
        **table,
    )


def _rate(kind: str, value: Any) -> Rate:
    where = f"rates.{kind}"
    table = value if isinstance(value, dict) else {"share": value}
    options = _checked(table, {"share": _NUMBER, **_OPTIONS}, where)
    if "share" not in options:
        raise ConfigError(f"{where}: needs a share, as in {kind} = 0.05")
    share = options.pop("share")
    return Rate(Fault(kind=kind, **options), share)


def _steps(entry: Any, number: int) -> list[Step]:
    where = f"script entry {number}"
    options = _checked(entry, {"fault": (str,), **_WHEN, **_OPTIONS}, where)
    if "fault" not in options:
        raise ConfigError(f"{where}: needs a fault, as in fault = 'error_503'")
    _refuse_unknown(options["fault"], KINDS, where)
    when = {name: options.pop(name, None) for name in _WHEN}
    fault = Fault(kind=options.pop("fault"), **options)
    nth = when.pop("nth")
    if nth is None:
        first, last = when.pop("from"), when.pop("to")
        return [Step(fault=fault, from_request=first, to_request=last, **when)]
    if any(one is not None for one in when.values()):
        raise ConfigError(f"{where}: nth names requests alone, without from or to")
    numbers = nth if isinstance(nth, list) else [nth]
    if not all(type(number) is int for number in numbers):
        raise ConfigError(f"{where}: nth must hold integers")
    return [Step(fault=fault, from_request=each, to_request=each) for each in numbers]


def _checked(value: Any, keys: Mapping[str, tuple[type, ...]], where: str) -> dict[str, Any]:
    """Return a table with known names and values of their types (`object` for any), if it is."""
    if not isinstance(value, dict):
        raise ConfigError(f"{where}: must be a table, is {value!r}")
    given = {name: one for name, one in value.items() if one is not None}
    for name in value:
        _refuse_unknown(name, keys, where)
    for name, one in given.items():
        types = keys[name]
        if type(one) not in types and object not in types:
            words = " or ".join(_WORDS[kind] for kind in types)
            raise ConfigError(f"{where}: {name} must be {words}, is {one!r}")
    return given


def _refuse_unknown(name: str, known: Collection[str], where: str) -> None:
    if name not in known:
        close = difflib.get_close_matches(name, known, n=1)
        hint = f"Did you mean {close[0]!r}?" if close else f"Known names: {', '.join(known)}."
        raise ConfigError(f"{where}: unknown name {name!r}", hint=hint)
