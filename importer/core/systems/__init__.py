"""The operating system, as far as the importer sees a difference: files, locks and shells."""

from __future__ import annotations

import os

from importer.core.systems.files import (
    NO_FOLLOW,
    OPEN_FLAGS,
    Posix,
    System,
    Windows,
    process_identity,
    sync_data,
)
from importer.core.systems.memory import give_back_memory

__all__ = [
    "NO_FOLLOW",
    "OPEN_FLAGS",
    "Posix",
    "System",
    "Windows",
    "current",
    "give_back_memory",
    "process_identity",
    "sync_data",
]

current: System = Windows() if os.name == "nt" else Posix()
"""The system that this process runs on."""
