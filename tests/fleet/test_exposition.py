"""Metrics over HTTP: what Prometheus' own parser reads, and who may ask for it."""

from __future__ import annotations

import platform
import socket
import struct
import threading

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from importer.core.errors import ConfigError
from importer.core.problems import ErrorKind
from importer.fleet.showing.exposition import exposed
from importer.jobs.monitoring.figures import Figures
from importer.jobs.monitoring.metrics import Metrics, metrics_text

RUNNING = Figures(
    rows=10, before=2, counts={"created": 3, "failed": 1}, requests=5, pace=60.0,
    causes={ErrorKind("validation_error", "email"): 1},
)  # fmt: skip


def ended(job: str, code: int = 0) -> Metrics:
    return Metrics(
        job=job, object="contact", exit_code=code, ended=1000.5, last_success=900.25, duration=2.0
    )


def samples(text: str) -> dict[tuple[str, ...], float]:
    """Return the samples by name and values of labels; each name may come once."""
    found: dict[tuple[str, ...], float] = {}
    names = []
    for family in text_string_to_metric_families(text):
        names.append(family.name)
        for one in family.samples:
            labels = (value for _, value in sorted(one.labels.items()))
            found[one.name.removeprefix("vorel_import_"), *labels] = one.value
    assert len(names) == len(set(names))
    return found


def test_running_jobs_and_their_last_ends_are_shown_by_job() -> None:
    assert metrics_text({}, []) == ""
    found = samples(metrics_text({"b": RUNNING}, [ended("a"), ended("b", 1)]))
    assert (found["exit_code", "a"], found["exit_code", "b"]) == (0, 1)
    assert (found["requests", "a"], found["requests", "b"]) == (0, 5)
    assert found["last_success_timestamp_seconds", "a"] == 900.25
    assert {name for name in found if name[0] == "running"} == {("running", "b")}
    assert found["requests_per_minute", "b"] == 60
    assert found["left", "b"] == 4
    assert (found["rows", "b", "created_before"], found["rows", "b", "failed"]) == (2, 1)
    assert found["refusals", "b"] == 1


def test_a_job_that_this_host_cannot_run_is_shown_with_the_reason() -> None:
    text = metrics_text({}, [], {"clinic": "ConfigError"})
    assert samples(text) == {("hindered", platform.node(), "clinic", "ConfigError"): 1}


def test_what_is_not_known_is_not_shown() -> None:
    found = samples(metrics_text({"a": Figures()}, []))
    assert not {name[0] for name in found} & {"left", "requests_per_minute"}


@pytest.mark.parametrize("address", ["0", "127.0.0.1:0", "localhost:0", "[::1]:0"])
def test_prometheus_asks_over_http(address: str) -> None:
    try:
        with exposed(address, lambda: metrics_text({"clinic": RUNNING}, [])) as url:
            answer = httpx.get(url, trust_env=False)
            missing = httpx.get(url.replace("/metrics", "/"), trust_env=False)
    except ConfigError:
        if "::" in address:
            pytest.skip("there is no IPv6 here")
        raise
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert samples(answer.text)["running", "clinic"] == 1
    assert "server" not in answer.headers
    assert missing.status_code == 404


@pytest.mark.parametrize("address", ["", "x", "host", "127.0.0.1:", "1:2:3", "99999", "::1"])
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(ConfigError, match="--metrics"), exposed(address, str):
        pass


def test_a_port_that_is_in_use_is_refused() -> None:
    with exposed("0", str) as url:
        port = url.rpartition(":")[2].partition("/")[0]
        with pytest.raises(ConfigError, match="cannot be used"), exposed(port, str):
            pass


def test_who_goes_away_before_the_answer_is_no_error(capfd: pytest.CaptureFixture[str]) -> None:
    is_asked = threading.Event()
    is_gone = threading.Event()

    def text() -> str:
        is_asked.set()
        is_gone.wait()
        return "vorel 1\n"

    with exposed("0", text) as url:
        port = int(url.rpartition(":")[2].partition("/")[0])
        with socket.create_connection(("127.0.0.1", port)) as connection:
            # Closed with a reset, so that the answer cannot be written.
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connection.sendall(b"GET /metrics HTTP/1.0\r\n\r\n")
            assert is_asked.wait(30)
        is_gone.set()
    assert capfd.readouterr().err == ""


def test_a_connection_that_says_nothing_holds_nobody_up() -> None:
    with exposed("0", str) as url:
        port = int(url.rpartition(":")[2].partition("/")[0])
        with socket.create_connection(("127.0.0.1", port)):
            assert httpx.get(url, trust_env=False).status_code == 200
