"""What all tests share: both event loops, a sandbox, and a clean environment."""

from __future__ import annotations

import gc
import importlib
import os
import pkgutil
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from effort import NIGHTLY, PROFILE, examples
from hypothesis import settings
from postgres import NOT_HERE

import importer
from importer.run.guards import preparation
from importer.sandbox import Sandbox, SandboxConfig, running

# Speed is measured by benchmarks: a busy machine is no failing example.
settings.register_profile("suite", deadline=None, derandomize=True, max_examples=examples(100))
settings.register_profile("nightly", deadline=None, max_examples=examples(100))
settings.load_profile(PROFILE)

if sys.dont_write_bytecode:
    # Each worker and each command would compile all modules anew: a minute for the whole suite.
    sys.dont_write_bytecode = False
    sys.pycache_prefix = str(Path(__file__).parents[1] / ".pytest_cache" / "compiled")
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["PYTHONPYCACHEPREFIX"] = sys.pycache_prefix

_MEMORY = Path("/dev/shm")  # noqa: S108 - where there is one, files cost no disk
_ENOUGH = 2 << 30

if _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free > _ENOUGH and "TMPDIR" not in os.environ:
    os.environ["TMPDIR"] = tempfile.tempdir = str(_MEMORY)

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A shell ignores it for what it starts in the background, and so would all that tests start.
    signal.signal(signal.SIGINT, signal.default_int_handler)


gc.disable()  # what is collected is there until the end: it is searched for garbage once


def pytest_collection_finish() -> None:
    """
    Load the whole package: Hypothesis tries the constants of all modules that are loaded.

    A test's examples would else depend on which tests ran before it in the same worker.
    """
    for module in pkgutil.walk_packages(importer.__path__, "importer."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    gc.enable()
    gc.collect()
    gc.freeze()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin with the slowest tests, so that no worker is left with one at the end."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)
    if not NIGHTLY:
        left_out = [item for item in items if item.get_closest_marker("nightly")]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if not item.get_closest_marker("nightly")]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say loudly what was not looked at, since a skipped test is easily overlooked."""
    skipped = [
        one for one in terminalreporter.stats.get("skipped", ()) if "Chromium" in str(one.longrepr)
    ]
    if skipped:
        terminalreporter.section("THE PAGE WAS NOT SEEN IN A BROWSER", sep="!", red=True)
        terminalreporter.line(f"{len(skipped)} tests were skipped: there is no Chromium here.")
        terminalreporter.line("Install it (apt-get install chromium), or set VOREL_TEST_BROWSER.")
    skipped = [
        one for one in terminalreporter.stats.get("skipped", ()) if NOT_HERE in str(one.longrepr)
    ]
    if skipped:
        terminalreporter.section("THE FLEET WAS NOT TESTED", sep="!", red=True)
        terminalreporter.line(f"{len(skipped)} tests were skipped: {NOT_HERE}.")
        terminalreporter.line("Install it: apt-get install postgresql")


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(autouse=True)
def clean_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    for name in ("VOREL_API_KEY", "VOREL_BASE_URL", "VOREL_SANDBOX_API_KEY", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path_factory.getbasetemp() / "state"))
    monkeypatch.setattr(preparation, "STILL_SECONDS", 0.0)  # lists of tests are complete at once


@pytest.fixture
def start_sandbox() -> Iterator[Callable[..., Sandbox]]:
    """Start sandboxes that end with the test; the rate limit is out of the way by default."""
    with ExitStack() as stack:

        def start(**settings: object) -> Sandbox:
            config = {"rate_limit": 1_000_000, "tenant_limit": 1_000_000, **settings}
            return stack.enter_context(running(SandboxConfig(**config)))  # type: ignore[arg-type]

        yield start


@pytest.fixture
def sandbox(start_sandbox: Callable[..., Sandbox]) -> Sandbox:
    return start_sandbox()
