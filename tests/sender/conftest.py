"""Clocks on which no test waits for real time to pass, and a client of a scripted server."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import anyio.lowlevel
import pytest
import respx
import trio
import trio.testing
from pydantic import SecretStr
from stages.answers import HOST, KEY

from importer.core.clock import NANOSECONDS, Clock
from importer.core.records import Record, Row, Send
from importer.sender.vorel.client import Client
from importer.sender.vorel.tls import shared_ssl_context

_TLS = shared_ssl_context(HOST)  # as the workers of a run share one
START = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test that takes `virtual_clock` in virtual time alone, and others on both loops."""
    if "anyio_backend" in metafunc.fixturenames:
        virtual = "virtual_clock" in metafunc.fixturenames
        loops = ["virtual"] if virtual else ["asyncio", "trio"]
        metafunc.parametrize("anyio_backend", loops, indirect=True)


@pytest.fixture
def anyio_backend(request: pytest.FixtureRequest) -> str | tuple[str, dict[str, Any]]:
    """In virtual time: trio on a clock that jumps to the next deadline when all tasks wait."""
    if request.param == "virtual":
        return "trio", {"clock": trio.testing.MockClock(autojump_threshold=0)}
    return str(request.param)


@pytest.fixture
def virtual_clock() -> Clock:
    """The injected clock of a test in virtual time."""
    return Clock(
        monotonic_ns=lambda: round(trio.current_time() * NANOSECONDS),
        now=lambda: START + timedelta(seconds=trio.current_time()),
        random=random.Random(1).random,
    )


@pytest.fixture
def stepped() -> tuple[Clock, list[float]]:
    """A clock for either loop whose sleeps take no time but move it on, and its sleeps."""
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        await anyio.lowlevel.checkpoint()

    clock = Clock(
        monotonic_ns=lambda: NANOSECONDS + round(sum(slept) * NANOSECONDS),
        now=lambda: START + timedelta(seconds=sum(slept)),
        sleep=sleep,
        random=lambda: 0.5,
    )
    return clock, slept


@pytest.fixture
def row() -> Send:
    source = Row(number=7, line=8, source="people.csv", values={"Name": "Ada"})
    return Send(
        record=Record(row=source, object="contact", fields={"name": "Ada"}),
        key="vi1-" + "0" * 64,
        row_hash="a" * 64,
        source_hash="b" * 64,
        occurrence=1,
        unclear=False,
    )


@pytest.fixture
def server() -> Iterator[respx.MockRouter]:
    with respx.mock(assert_all_called=False) as router:
        router.route(host="elsewhere.test").respond(200)
        yield router


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    async with Client(
        base_url=HOST,
        api_key=SecretStr(KEY),
        connect_timeout=1,
        request_timeout=2,
        verify=_TLS,
    ) as client:
        yield client
