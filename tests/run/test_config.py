"""The settings of an import: their names, their faults, and what is kept of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from importer.core.errors import ConfigError
from importer.core.settings import ErrorLimit
from importer.mapper.mapping.file import parse_mapping
from importer.run.config import ImportConfig, ImportSettings

MAPPING = b'object = "contact"\n[fields]\nemail = "Mail"\n'


def test_a_type_checker_knows_every_setting() -> None:
    assert set(ImportSettings.__annotations__) == set(ImportConfig.model_fields)


def test_a_changed_copy_keeps_the_rest() -> None:
    config = ImportConfig(sources="a.csv", rate=100, max_outage=5)

    assert config.replace(pace="burst") == ImportConfig(
        sources="a.csv", rate=100, pace="burst", max_outage=5
    )


def test_all_faults_are_named_at_once_and_no_value_is() -> None:
    settings: dict[str, Any] = {"rate": 0, "max_outage": -1, "api_key": "a secret", "nonsense": 1}

    with pytest.raises(ConfigError) as caught:
        ImportConfig(sources="a.csv", **settings)

    faults = caught.value.message.splitlines()
    assert {fault.split(":")[0] for fault in faults} == set(settings)
    assert "secret" not in caught.value.message


def test_what_is_kept_of_the_settings_is_flat_and_holds_no_key() -> None:
    config = ImportConfig(
        sources="a.csv",
        mapping="m.toml",
        api_key=SecretStr("vapk_x"),
        rate=100,
        max_errors=ErrorLimit(count=3),
        retry="none",
    )

    assert config.stated() == {
        "sources": ["a.csv"],
        "mapping": "m.toml",
        "rate": 100,
        "max_errors": {"count": 3},
        "retry": "none",
    }


@pytest.mark.parametrize("path", [None, Path("lists/m.toml")])
def test_of_a_mapping_that_was_loaded_its_file_is_kept(path: Path | None) -> None:
    config = ImportConfig(sources="a.csv", mapping=parse_mapping(MAPPING, path))

    assert config.stated().get("mapping") == (str(path) if path else None)
