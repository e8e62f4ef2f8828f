"""Handles SIGINT and SIGTERM."""

from __future__ import annotations

import _thread
import os
import signal
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING, TypeVar

from importer.__main__ import end_at_once
from importer.cli.terminal_text import say
from importer.core.errors import Interrupted
from importer.core.locale.message import Message

if TYPE_CHECKING:
    from importer.core.control import StopControl, StopGroup
    from importer.core.events import Hook
    from importer.core.records import Summary
    from importer.run.config import ImportConfig

_Result = TypeVar("_Result")
_MOMENT = 0.01
_LOOK_EVERY = 0.25
"""Seconds until the main thread wakes up to see whether a signal has arrived."""
_LONGEST_END = 45.0
"""Seconds from a signal to the end of a command; telling others of it may take 30 of them."""
_NUMBERS = (signal.SIGINT, signal.SIGTERM)


class SignalReceived(BaseException):
    """Raised in the main thread of a command that sends nothing, so that it can clean up."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.exit_code = 128 + number


class CommandSignals:
    """
    Says whether a first signal is ignored: what the command found is printed then.

    `is_answered` says whether the object of `--json` has been printed. It is the object of the
    command's click context.
    """

    def __init__(self) -> None:
        self.are_ignored = False
        self.is_answered = False


@contextmanager
def raised() -> Iterator[CommandSignals]:
    """
    Let the first signal raise `SignalReceived`; the next one ends the process at once.

    The process also ends 45 s after the first signal if the command has not ended by then: Python
    may raise the exception just after a library has taken a lock. Nobody releases that lock, so
    whoever needs it would wait forever. Hands out what a command sets once its result is printed.
    """
    signals = CommandSignals()
    received: list[int] = []
    is_in_hook = False

    def on_signal(number: int) -> None:
        if is_in_hook:  # what is raised there is lost as well
            _send_again(number)
            return
        received.append(number)
        if len(received) > 1:
            os._exit(128 + number)
        if not signals.are_ignored:
            # One that needs no lock to start, unlike those of `threading`.
            _thread.start_new_thread(_end_later, (number, received, signals))
            raise SignalReceived(number)

    def on_unraisable(found: sys.UnraisableHookArgs) -> None:
        # Raised in a destructor or a callback, as imports have them, where Python cannot raise it.
        nonlocal is_in_hook
        is_in_hook = True
        try:
            if isinstance(found.exc_value, SignalReceived):
                _send_again(received.pop())
            else:
                sys.__unraisablehook__(found)
        finally:
            is_in_hook = False

    previous, sys.unraisablehook = sys.unraisablehook, on_unraisable
    try:
        with _handled(on_signal):
            yield signals
    finally:
        sys.unraisablehook = previous


def _end_later(number: int, received: list[int], signals: CommandSignals) -> None:
    """
    End the process, in a thread of its own, if the command has not ended by then.

    If Python has lost the exception, `received` is empty: the signal was sent again.
    """
    time.sleep(_LONGEST_END)
    if received:
        end_at_once(number, prints="--json" in sys.argv and not signals.is_answered)


def _send_again(number: int) -> None:
    """Send the process a signal once more, a moment later."""
    later = threading.Timer(_MOMENT, _interrupt, [number, threading.get_ident()])
    later.daemon = True
    later.start()


def _interrupt(number: int, thread: int) -> None:
    if sys.platform == "win32":
        _thread.interrupt_main(number)
    else:
        signal.pthread_kill(thread, number)


@contextmanager
def until_ended() -> Iterator[Callable[[], None]]:
    """
    Hand out a function that waits for a signal: for commands that have nothing else to do.

    It looks now and then: the signal may have gone to another thread, and once Polars is loaded,
    SIGINT interrupts no wait.
    """
    received = threading.Event()

    def wait() -> None:
        while not received.wait(_LOOK_EVERY):
            pass

    with _handled(lambda _: received.set()):
        yield wait


@contextmanager
def _handled(on_signal: Callable[[int], None]) -> Iterator[None]:
    """Call a function on each signal, in the main thread between two bytecodes."""

    def handle(number: int, frame: FrameType | None) -> None:
        del frame
        on_signal(number)

    previous = {number: signal.signal(number, handle) for number in _NUMBERS}
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def _say_to_person(text: Message) -> None:
    say(f"\n{text}", err=True, always=True)


def run_with_signals(
    config: ImportConfig, hooks: Sequence[Hook], tell: Callable[[Message], None] = _say_to_person
) -> Summary:
    """
    Import; the first SIGINT or SIGTERM waits for the requests in flight, the second one does not.

    After a second signal, the requests in flight are on record as unclear, and the next run sends
    them with the same keys. A third one ends the process, in case the disk hangs. `tell` is called
    with what a person should know after the first one.
    """
    from importer.core.control import StopControl
    from importer.run.pipeline import run_import

    control = StopControl()
    return until_stopped(lambda: run_import(config, hooks=hooks, control=control), control, tell)


def until_stopped(
    work: Callable[[], Awaitable[_Result]],
    control: StopControl | StopGroup,
    tell: Callable[[Message], None] = _say_to_person,
) -> _Result:
    """Run `work` in an event loop; signals stop it as they stop `run_with_signals`."""
    import asyncio

    import anyio

    early: list[int] = []
    received: list[int] = []

    async def main() -> _Result:
        loop = asyncio.get_running_loop()

        def look() -> None:
            # Python calls handlers in the main thread alone, between two bytecodes. If the kernel
            # gives a signal to another thread, this one would sleep on until the next answer.
            loop.call_later(_LOOK_EVERY, look)

        def on_signal(number: int) -> None:
            received.append(number)
            if len(received) > 2:
                os._exit(128 + number)
            loop.call_soon_threadsafe(_stop, control, tell, number, len(received) > 1)

        look()
        with _handled(on_signal):
            for number in early:
                on_signal(number)
            return await work()

    with _handled(early.append):
        return anyio.run(main)


def _stop(
    control: StopControl | StopGroup,
    tell: Callable[[Message], None],
    number: int,
    at_once: bool,
) -> None:
    """Stop a run because of a signal; `at_once` for a second one."""
    name = signal.Signals(number).name
    reason = Interrupted(
        "stopped by %(name)s",
        name=name,
        hint="Run the same command again to continue.",
        exit_code=128 + number,
    )
    if at_once:
        control.stop_at_once(reason)
        return
    tell(
        Message("%(name)s: waiting for the requests in flight; once more stops at once.", name=name)
    )
    control.stop(reason)
