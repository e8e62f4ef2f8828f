"""Finds the data folders that travel with the package: `schemas`, `sample_data` and `style`."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]


def data_folder(name: str) -> Path:
    """
    Return the folder `name`, from inside an installed wheel or beside a checkout's package.

    Raises `FileNotFoundError` if the installation is incomplete.
    """
    for folder in (_PACKAGE / name, _PACKAGE.parent / name):
        if folder.is_dir():
            return folder
    raise FileNotFoundError(f"the folder {name!r} is missing from this installation")
