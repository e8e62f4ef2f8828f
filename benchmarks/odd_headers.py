"""
Checks and maps lists with headers as no person writes them: very long ones, and very many.

    python -m benchmarks.odd_headers [--length 900000] [--columns 20000]

Each takes seconds: what is looked at of a header is bounded, and no step compares each column with
each line of the mapping.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PEOPLE = "First Name,E-mail"
MAPPING = 'object = "contact"\n[fields]\nfirst_name = "First Name"\nemail = "E-mail"\n'


def write_lists(folder: Path, length: int, columns: int) -> dict[str, str]:
    """Write the lists. Returns the mapping file of each."""
    (folder / "people.toml").write_text(MAPPING, encoding="utf-8")
    headers = {
        "one word": "x" * length,
        "many words": "ab cd " * (length // 6),
        "many dots": "a." * (length // 2),
        "many quotes": '"' + 'a""' * (length // 3) + '"',
    }
    for name, header in headers.items():
        text = f"{PEOPLE},{header}\nOmar,omar@example.com,1\n"
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    names = [f"c{n}" for n in range(columns)]
    cells = [f"v{n}" for n in range(columns)]
    (folder / "many columns.csv").write_text(f"{','.join(names)}\n{','.join(cells)}\n")
    row = json.dumps(dict(zip(names, cells, strict=True)))
    (folder / "many columns.jsonl").write_text(f"{row}\n")
    fields = "".join(f'"attributes.{name}" = "{name}"\n' for name in names[1:])
    whole = f'object = "contact"\n[fields]\nfirst_name = "c0"\n{fields}'
    (folder / "columns.toml").write_text(whole, encoding="utf-8")
    return {f"{name}.csv": "people.toml" for name in headers} | dict.fromkeys(
        ("many columns.csv", "many columns.jsonl"), "columns.toml"
    )


def measure(folder: Path, *arguments: str) -> tuple[float, int, int]:
    """Run a command. Returns its seconds, the bytes it printed and its peak memory in MB."""
    began = time.perf_counter()
    ended = subprocess.run(
        [sys.executable, "-m", "importer", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(Path.cwd())},
        capture_output=True,
        check=False,
    )
    seconds = time.perf_counter() - began
    assert ended.returncode in {0, 1}, ended.stderr[-2000:]
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    return seconds, len(ended.stdout) + len(ended.stderr), memory


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--length", type=int, default=900_000)
    parser.add_argument("--columns", type=int, default=20_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        lists = write_lists(Path(folder), options.length, options.columns)
        for name, mapping in lists.items():
            for arguments in (
                ("check", name, "--mapping", mapping),
                ("map", name, "--object", "contact", "-o", "new.toml", "--force"),
            ):
                seconds, printed, memory = measure(Path(folder), *arguments)
                print(
                    f"{arguments[0]:<6} {name:<20} {seconds:6.1f} s  {printed:>9,} bytes printed"
                    f"  peak so far {memory:,} MB",
                    flush=True,
                )


if __name__ == "__main__":
    main()
