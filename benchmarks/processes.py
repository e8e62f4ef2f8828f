"""What processes of this computer use, as Linux counts it in /proc."""

from __future__ import annotations

import os
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def cpu(pid: int) -> float:
    """Return the seconds of processor time of a process, without those of children that ended."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def cpu_of_database(backend: int) -> float:
    """Return the seconds of all processes of a PostgreSQL server, or 0 if it is not here."""
    try:
        parent = Path(f"/proc/{backend}/stat").read_text().rpartition(")")[2].split()[1]
        fields = Path(f"/proc/{parent}/stat").read_text().rpartition(")")[2].split()
    except OSError:  # it is elsewhere
        return 0.0
    total = sum(int(one) for one in fields[11:15]) / TICKS  # with children that have ended
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            if path.read_text().rpartition(")")[2].split()[1] == parent:
                total += cpu(int(path.parent.name))
        except OSError:
            continue
    return total


def entries(pid: int, folder: str) -> int:
    return sum(1 for _ in Path(f"/proc/{pid}/{folder}").iterdir())


def megabytes(pid: int) -> float:
    text = Path(f"/proc/{pid}/status").read_text()
    return int(text.partition("VmRSS:")[2].split()[0]) / 1024
