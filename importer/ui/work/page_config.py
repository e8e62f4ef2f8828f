"""The settings with which the library checks and imports a list of the page."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from importer.core.settings import PLAIN_LIST, PLAIN_OBJECTS, ReadOptions
from importer.mapper.schema.extend import schema_with
from importer.mapper.schema.object_schema import ObjectSchema
from importer.run.config import DEFAULT_BASE_URL, ImportConfig, from_environment
from importer.ui.store.folder import Import


def base_url(one: Import) -> str:
    """Return the address of the service: as stated, else from the environment."""
    return one.state.base_url or from_environment("base_url") or DEFAULT_BASE_URL


def schema_of(one: Import, *, object_: str | None = None, path: Path | None = None) -> ObjectSchema:
    """
    Return the fields of an import's object, with those of the person's own.

    `object_` and `path` are another object, and another file of own fields, to be tried. Raises
    `MappingError` if they do not fit together.
    """
    return schema_with(object_ or one.state.object, path or one.schema)


def kind_of(schema: ObjectSchema, name: str, line: Mapping[str, Any] | None) -> str:
    """Return the kind of a field's values: that of its line in the mapping, or its own."""
    spec = schema.spec(name)
    stated = line["table"].get("type") if line else None
    return str(stated or (spec.kind if spec is not None else "text"))


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
        schema_file=one.schema,
        results=one.results,
        base_url=base_url(one),
        api_key=api_key,
        read=read or ReadOptions(**state.read),
        rate=state.rate,
        account=state.account or None,
        operator=state.operator or None,
        **{**state.rerun, **more},
    )


def config_of_corrected(one: Import, corrected: Path, **more: Any) -> ImportConfig:
    """Return the settings with which corrected rows alone are imported. Raises `ConfigError`."""
    read = PLAIN_OBJECTS if corrected.suffix == ".jsonl" else PLAIN_LIST
    return config_of(one, source=corrected, read=read, **more)
