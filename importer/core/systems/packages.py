"""Says how one more package is installed beside the importer that is running."""

from __future__ import annotations

import sys
from pathlib import Path

from importer.core import systems


def install_command(*packages: str, prefix: Path | None = None) -> str:
    """
    Return the command that adds packages to where the importer is installed.

    pipx, uv and pip each install into an environment in their own way. `prefix` is the folder of
    the environment; the default is that of this process.

    >>> install_command("fsspec", prefix=Path("/no/marks")).partition(" ")[2]
    '-m pip install fsspec'
    """
    return systems.current.command_line([*_installer(prefix or Path(sys.prefix)), *packages])


def _installer(folder: Path) -> list[str]:
    if (folder / "pipx_metadata.json").exists():
        return ["pipx", "inject", "vorel-importer"]
    if (folder / "uv-receipt.toml").exists():
        return ["uv", "pip", "install", "--python", sys.executable]
    return [sys.executable, "-m", "pip", "install"]
