"""
Imports a million rows on the page: how much memory that takes, and how soon Cancel ends it.

    python -m benchmarks.page_memory [--rows 1000000] [--seconds 120] [--spoiled]

The page and a sandbox without limits are processes of their own, and the list is uploaded. For each
phase it prints how long it takes, and the most memory of the page and what it has started. Reading,
checking and sending are ended once before they are done, sending after `--seconds`. With
`--spoiled` one row in a hundred has a problem.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "support"))

from visitor import Visitor

from benchmarks.checking import write_spoiled_list
from benchmarks.processes import megabytes
from benchmarks.reading import write_list
from importer.ui.server import Page

_EVERY = 0.1
_KEY = "vapk_test_" + "5a" * 24


def tree(pid: int) -> list[int]:
    """Return a process and all that it has started, and those have."""
    found = [pid]
    try:
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                found += tree(int(child))
    except OSError:  # it has just ended
        pass
    return found


class Memory:
    """Looks all the time how much memory a process and what it has started take."""

    def __init__(self, pid: int) -> None:
        self.most = 0.0
        self._pid = pid
        threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self) -> None:
        while True:
            total = 0.0
            for pid in tree(self._pid):
                try:
                    total += megabytes(pid)
                except (OSError, IndexError):
                    continue
            self.most = max(self.most, total)
            time.sleep(_EVERY)

    @contextmanager
    def during(self, phase: str) -> Iterator[None]:
        """Print how long a phase takes, and the most memory in it."""
        self.most = 0.0
        began = time.perf_counter()
        yield
        took = time.perf_counter() - began
        print(f"{phase:<28} {took:7.1f} s {self.most:7.0f} MB", flush=True)


@contextmanager
def program(*arguments: str, **environment: str) -> Iterator[tuple[int, dict[str, str]]]:
    """Start the importer, and hand out its number and what it tells first."""
    command = [sys.executable, "-m", "importer", *arguments, "--json"]
    told = {**os.environ, **environment}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=told) as run:
        assert run.stdout is not None
        try:
            yield run.pid, json.loads(run.stdout.readline())
        finally:
            run.terminate()
            run.wait(60)


def settled(visitor: Visitor) -> None:
    """Wait for what is under way, on a busy computer longer than a visitor has patience."""
    while "data-events=" in visitor.text:
        time.sleep(1)
        visitor.answer = visitor.client.get(visitor.answer.url)


def cancelled(visitor: Visitor, begin: Callable[[], object], after: float) -> None:
    """Begin something, and cancel it."""
    begin()
    time.sleep(after)
    fields = {"token": visitor.form("/language")["token"]}
    began = time.perf_counter()
    visitor.client.post(f"{visitor.base}/cancel", data=fields)
    while 'class="tag busy"' in visitor.client.get("/").text:
        time.sleep(_EVERY)
    print(f"  cancelled in {time.perf_counter() - began:.1f} s", flush=True)


def main() -> None:
    """Import the list, and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--spoiled", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        source = Path(name) / "list.csv"
        (write_spoiled_list if asked.spoiled else write_list)(source, asked.rows)
        print(f"{asked.rows:,} rows, {source.stat().st_size / 1e6:.0f} MB", flush=True)
        limits = ("--rate-limit", "90000", "--tenant-limit", "90000")
        with (
            program("sandbox", "--port", "0", *limits, VOREL_SANDBOX_API_KEY=_KEY) as (_, box),
            program("ui", "--no-browser", "--folder", f"{name}/kept", "--base-url", box["url"]) as (
                pid,
                told,
            ),
        ):
            page = Page(told["url"], told["start"], Path(told["file"]))
            _import(Visitor(page), Memory(pid), source, box["url"], asked.seconds)


def _import(visitor: Visitor, memory: Memory, source: Path, url: str, seconds: float) -> None:
    with memory.during("at rest"):
        time.sleep(1)
    with memory.during("upload and read"):
        visitor.upload(source)
    read = {**visitor.form(f"{visitor.base}/read"), "header_rows": "1", "then": "read"}
    with memory.during("read, cancelled"):
        path = f"{visitor.base}/read"
        cancelled(visitor, lambda: visitor.client.post(path, data=read), 0.1)
    with memory.during("read"):
        visitor.go("read")
    with memory.during("match"):
        visitor.send("read", then="match")
        visitor.send("match", then="match", region="AE")
    matched = {**visitor.form(f"{visitor.base}/match"), "then": "check", "region": "AE"}
    with memory.during("check, cancelled"):
        path = f"{visitor.base}/match"
        cancelled(visitor, lambda: visitor.client.post(path, data=matched), 6)
    with memory.during("check"):
        visitor.send("match", then="check", region="AE")
        settled(visitor)
    print(f"  {visitor.heading}", flush=True)
    for step in ("rows", "pairs?kind=repeats", "check"):
        with memory.during(f"page {step}"):
            visitor.go(step)
    with memory.during("key"):
        visitor.key(_KEY, url)
        settled(visitor)
    with memory.during("sending"):
        fields = {**visitor.form(f"{visitor.base}/start"), "what": "all"}
        visitor.client.post(f"{visitor.base}/start", data=fields)
        time.sleep(seconds)
    with memory.during("sending, stopped"):
        visitor.answer = visitor.client.get(f"{visitor.base}/send")
        began = time.perf_counter()
        visitor.client.post(
            f"{visitor.base}/stop", data={**visitor.form(f"{visitor.base}/stop"), "how": "stop"}
        )
        visitor.go("send?again=1")
    print(f"  stopped in {time.perf_counter() - began:.1f} s: {visitor.heading}", flush=True)


if __name__ == "__main__":
    main()
