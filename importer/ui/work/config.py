"""The settings with which the library checks and imports a list of the page."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from importer.config import DEFAULT_BASE_URL, ImportConfig
from importer.settings import PLAIN_LIST, PLAIN_OBJECTS, ReadOptions
from importer.ui.store.folder import Import

__all__ = ["base_url", "config_of", "config_of_corrected"]


def base_url(one: Import) -> str:
    """Return the address of the service: as stated, else from the environment."""
    return one.state.base_url or os.environ.get("VOREL_BASE_URL", "").strip() or DEFAULT_BASE_URL


def config_of(
    one: Import,
    *,
    api_key: SecretStr | None = None,
    source: Path | None = None,
    read: ReadOptions | None = None,
    **more: Any,
) -> ImportConfig:
    """
    Return the settings of an import. `source` is another list than its own, read by `read`.

    Raises `ConfigError`.
    """
    state = one.state
    return ImportConfig(
        sources=source or state.source,
        object=state.object,
        mapping=one.mapping,
        results=one.results,
        base_url=base_url(one),
        api_key=api_key,
        read=read or ReadOptions(**state.read),
        rate=state.rate,
        **{**state.rerun, **more},
    )


def config_of_corrected(one: Import, corrected: Path, **more: Any) -> ImportConfig:
    """Return the settings with which corrected rows alone are imported. Raises `ConfigError`."""
    read = PLAIN_OBJECTS if corrected.suffix == ".jsonl" else PLAIN_LIST
    return config_of(one, source=corrected, read=read, **more)
