"""
Checks and maps lists with headers as no person writes them: very long ones, and very many.

    python -m benchmarks.odd_headers [--length 900000] [--columns 20000]

Each takes seconds: what is looked at of a header is bounded, and no step compares each column with
each line of the mapping.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

from benchmarks.resuming import measure

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
                command = [sys.executable, "-m", "importer", *arguments]
                one = measure(command, Path(folder), Path(__file__).parents[1], (0, 1))
                printed = (Path(folder) / "output").stat().st_size
                print(
                    f"{arguments[0]:<6} {name:<20} {one.seconds:6.1f} s  {one.cpu:6.1f} s of CPU"
                    f"  {printed:>9,} bytes printed  {one.megabytes:,.0f} MB",
                    flush=True,
                )


if __name__ == "__main__":
    main()
