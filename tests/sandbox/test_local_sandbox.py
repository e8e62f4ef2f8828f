"""A sandbox starts, says where it is, and stops."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import uvicorn

from importer.core.errors import ConfigError
from importer.sandbox import Sandbox, SandboxConfig, running

if TYPE_CHECKING:
    from tests.sandbox.conftest import Caller


def test_it_listens_inside_the_block_and_not_after_it() -> None:
    with running() as sandbox:
        assert sandbox.url == f"http://127.0.0.1:{sandbox.port}"
        assert httpx.get(sandbox.url, trust_env=False).status_code == 200
    with pytest.raises(httpx.ConnectError):
        httpx.get(sandbox.url, trust_env=False)


def test_a_port_can_be_used_again_at_once() -> None:
    with running() as sandbox:
        httpx.get(sandbox.url, trust_env=False)
    with running(port=sandbox.port) as again:
        assert again.url == sandbox.url


def test_a_port_in_use_is_a_clear_error() -> None:
    with (
        running() as sandbox,
        pytest.raises(ConfigError, match="is in use") as caught,
        running(port=sandbox.port),
    ):
        pass
    assert "--port" in str(caught.value)


@pytest.mark.parametrize(("host", "port"), [("no.such.host.invalid", 0), ("127.0.0.1", 70_000)])
def test_an_address_that_is_none_is_a_clear_error(host: str, port: int) -> None:
    with (
        pytest.raises(ConfigError, match=r"cannot listen|0 to 65535"),
        running(host=host, port=port),
    ):
        pass


@pytest.mark.skipif(not socket.has_ipv6, reason="needs IPv6")
def test_an_ipv6_address_is_written_with_brackets() -> None:
    try:
        with running(host="::1") as sandbox:
            assert sandbox.url == f"http://[::1]:{sandbox.port}"
            assert httpx.get(sandbox.url, trust_env=False).status_code == 200
    except ConfigError:
        pytest.skip("this machine has no IPv6 loopback")


def test_all_addresses_are_shown_as_the_local_one() -> None:
    with running(host="0.0.0.0") as sandbox:  # noqa: S104
        assert sandbox.url.startswith("http://127.0.0.1:")


def test_a_server_that_does_not_start_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    async def never(self: uvicorn.Server, sockets: Any = None) -> None:
        del sockets
        self.should_exit = True

    monkeypatch.setattr(uvicorn.Server, "startup", never)
    monkeypatch.setattr("importer.sandbox.serving._START_SECONDS", 0.05)
    with pytest.raises(RuntimeError, match="did not start"), running():
        pass


def test_what_arrived_is_on_record(caller: Caller) -> None:
    caller.create()
    caller.clock.now += 0.5
    caller.create({"email": "nobody"})
    sandbox: Sandbox = caller.sandbox
    assert sandbox.requests == 2
    assert sandbox.arrivals == [1_800_000_000.0, 1_800_000_000.5]
    assert sandbox.counters["created"] == 1
    assert sandbox.counters["soft_failures"] == 1
    assert sandbox.refusals()[0]["code"] == "validation_error"


@pytest.mark.parametrize(
    "settings",
    [
        {"crm": "pipedrive"},
        {"rate_limit": 0},
        {"tenant_limit": 0},
        {"key_ttl": 0},
        {"window": float("nan")},
        {"api_key": "secret"},
        {"api_key": "vapk_test_" + "A" * 48},
    ],
)
def test_settings_that_make_no_sense_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(ConfigError) as caught:
        SandboxConfig(**settings)
    assert "secret" not in str(caught.value)


def test_the_api_key_is_not_part_of_what_a_config_shows() -> None:
    assert "vapk" not in repr(SandboxConfig(api_key="vapk_test_" + "0" * 48))
