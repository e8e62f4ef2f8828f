"""
Mends a list with thirteen kinds of problems on the page, by pressing buttons alone.

    python -m benchmarks.page [--rows 100000]

One row in a hundred has a problem. While the whole list is checked, pages are asked for all the
time: how long they take and how large they are is printed, as is how long each check takes.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import threading
import time
from collections import defaultdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "support"))

from thirteen import FAULTS, write_list
from visitor import Visitor, entrance, served

_PAGES = ("/", "read", "match", "check", "rows")
_PAUSE = 0.05


class Reader:
    """Asks for one page after the other, as somebody does who looks around meanwhile."""

    def __init__(self, visitor: Visitor) -> None:
        self.seconds: dict[str, list[float]] = defaultdict(list)
        self.bytes: dict[str, int] = defaultdict(int)
        self._tab = Visitor(visitor.page)
        self._tab.client.get(entrance(visitor.page))  # the address that was printed works once
        self._visitor = visitor
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._read)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._thread.join()

    def _read(self) -> None:
        while not self._is_over.is_set():
            for name in _PAGES:
                path = name if name == "/" else f"{self._visitor.base}/{name}"
                began = time.perf_counter()
                found = self._tab.client.get(path)
                self.seconds[name].append(time.perf_counter() - began)
                self.bytes[name] = max(self.bytes[name], len(found.content))
                time.sleep(_PAUSE)


def main() -> None:
    """Mend the list, and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    rows = parser.parse_args().rows
    with tempfile.TemporaryDirectory() as name:
        source = Path(name) / "list.csv"
        faulty = write_list(source, rows, good=5100, every=100)
        print(f"{rows:,} rows, {faulty:,} with one of 13 kinds of problems")
        with served(Path(name) / "kept") as visitor:
            visitor.upload(source)
            reader = Reader(visitor)
            with reader:
                _mend(visitor)
    for page, seconds in reader.seconds.items():
        usual, most = statistics.median(seconds) * 1000, max(seconds) * 1000
        size = reader.bytes[page] / 1000
        print(f"{page:<6} median {usual:.0f} ms, most {most:.0f} ms; at most {size:.0f} KB")


def _mend(visitor: Visitor) -> None:
    began = time.perf_counter()
    visitor.matched(region="AE", timezone="Asia/Dubai", month_first="day")
    while True:
        print(f"checked in {time.perf_counter() - began:.1f} s: {visitor.heading}")
        left = [one for one in FAULTS if f'name="field" value="{one}"' in visitor.text]
        if not left:
            return
        began = time.perf_counter()
        visitor.send("fix", field=left[0], fix="omit", value="")
        print(f"pressed 'leave these values out' for {left[0]}")


if __name__ == "__main__":
    main()
