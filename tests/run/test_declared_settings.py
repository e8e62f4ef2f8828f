"""Settings are declared once: flags, keys, defaults and proposed commands follow from that."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import click
import pytest
from pydantic import BaseModel

from importer.cli.commands.check import check
from importer.cli.commands.run import run
from importer.cli.monitoring_flags import monitoring_flags
from importer.cli.options import build_config
from importer.cli.shown.next_steps import Command
from importer.core.settings import READING, ReadOptions, RowLimit, Setting
from importer.jobs.job_file import KEYS, load_job
from importer.jobs.monitoring.monitoring_settings import MONITORING, MonitoringSettings
from importer.run.config import SETTINGS, ImportConfig

DOCS = Path(__file__).parents[2] / "docs"
ALL = {**SETTINGS, **READING, **MONITORING}
LIBRARY_ONLY = {"called"}
"""Settings that programs alone give; `sources` is the argument SOURCE."""
TEXTS = {
    "api_key": "vapk_1",
    "base_url": "https://crm.example.com",
    "comment": "#",
    "delimiter": ";",
    "encoding": "windows-1256",
    "escape": "\\",
    "namespace": "clinic",
    "notify": "https://hooks.example.com/1",
    "notify_command": "mail ops",
    "ping": "https://ping.example.com/1",
    "plan": "0123456789abcdef",
    "quote": "'",
    "record_path": "data.items",
    "sheet": "People",
}


def sample(setting: Setting) -> str | bool:
    """Return a value that is not the default, as a flag or a job file has it."""
    if setting.type is bool:
        return not setting.default
    if get_origin(setting.type) is Literal:
        return str(next(one for one in get_args(setting.type) if one != setting.default))
    if setting.type is Path:
        return "folder/file"
    if setting.type is float:
        return "7m"
    if setting.type is int:
        return "2000" if setting.rules.get("ge", 0) > 9 else "9"
    return "37%" if issubclass(setting.type, RowLimit) else TEXTS[setting.name]


def words(setting: Setting) -> list[str]:
    """Return the flag of a setting with its sample."""
    on, _, off = (setting.flag or "").partition("/")
    value = sample(setting)
    return [on if value else off] if isinstance(value, bool) else [on, value]


def given(*line: str, command: click.Command = run) -> dict[str, Any]:
    """Return the values of flags."""
    return command.make_context("run", [*line]).params


def config_of(line: list[str]) -> ImportConfig:
    """Return the settings that a command line of `run` states."""
    flags = given(*line)
    known = {name: flags[name] for name in {**SETTINGS, **READING} if name in flags}
    return build_config(sources=flags["sources"], **known)


def flags_of(settings: Mapping[str, Setting]) -> list[str]:
    return [name for name, one in settings.items() if one.flag is not None]


def test_each_setting_is_a_flag_a_key_or_a_variable_or_for_programs_alone() -> None:
    models: list[type[BaseModel]] = [ImportConfig, MonitoringSettings, ReadOptions]
    fields = {name for model in models for name in model.model_fields}

    assert fields - ALL.keys() == LIBRARY_ONLY | {"read", "sources"}
    for name, one in ALL.items():
        assert one.flag or one.variable or name in KEYS or name in READING


def test_run_and_check_have_the_flags_that_are_declared() -> None:
    of_run = {flag for one in run.params for flag in (*one.opts, *one.secondary_opts)}
    of_check = {flag for one in check.params for flag in (*one.opts, *one.secondary_opts)}
    flags = {name: set((one.flag or "").split("/")) for name, one in ALL.items() if one.flag}

    assert set().union(*flags.values()) <= of_run
    for name, flag in flags.items():
        takes = name not in MONITORING and ALL[name].in_check
        assert (flag <= of_check) is takes, name


@pytest.mark.parametrize("name", ALL)
def test_a_default_is_a_value_of_its_setting(name: str) -> None:
    default = ALL[name].default

    if name in MONITORING:
        assert MonitoringSettings.model_validate({name: default}) == MonitoringSettings()
    elif name in READING:
        assert ReadOptions.model_validate({name: default}) == ReadOptions()
    else:
        assert ImportConfig.model_validate({"sources": "a.csv", name: default}) == ImportConfig(
            sources="a.csv"
        )


@pytest.mark.parametrize("name", flags_of({**SETTINGS, **READING}))
def test_a_flag_is_its_setting_and_the_next_command_repeats_it(name: str) -> None:
    setting = ALL[name]
    config = config_of(["a.csv", *words(setting)])
    stated = config.stated()
    proposed = shlex.split(Command(stated, Path("a.results.jsonl")).again())[2:]

    assert (stated["read"] if name in READING else stated).keys() >= {name}
    if name == "job":
        assert "--job" in proposed
    elif setting.once:
        assert config_of(proposed).stated().keys() == {"sources"}
    elif name == "results":
        assert proposed == ["a.csv", "--results", "a.results.jsonl"]
    else:
        assert config_of(proposed) == config


@pytest.mark.parametrize("name", [name for name in flags_of(SETTINGS) if SETTINGS[name].has_key])
def test_a_key_of_a_job_file_is_its_flag(name: str, tmp_path: Path) -> None:
    value = sample(SETTINGS[name])
    written = str(value).lower() if isinstance(value, bool) else f"'{value}'"
    path = tmp_path / "clinic.toml"
    path.write_text(f"[job]\nsources = 'a.csv'\n{name} = {written}\n", encoding="utf-8")
    if SETTINGS[name].type is int:
        path.write_text(f"[job]\nsources = 'a.csv'\n{name} = {value}\n", encoding="utf-8")

    of_job = load_job(path).config_settings()
    by_job = ImportConfig(sources="a.csv", **of_job).stated()
    by_flag = config_of(["a.csv", *words(SETTINGS[name])]).stated()

    if SETTINGS[name].type is Path:
        assert by_job[name] == str(tmp_path / by_flag[name])
    else:
        assert by_job.get(name) == by_flag.get(name)


@pytest.mark.parametrize("name", flags_of(MONITORING))
def test_monitoring_is_the_same_by_flag_and_by_key(name: str, tmp_path: Path) -> None:
    value = sample(MONITORING[name])
    path = tmp_path / "clinic.toml"
    path.write_text(f"[job]\nsources = 'a.csv'\n{name} = '{value}'\n", encoding="utf-8")
    by_flag = MonitoringSettings().replace(
        **monitoring_flags(given("a.csv", *words(MONITORING[name])))
    )

    by_key = load_job(path).monitoring
    if MONITORING[name].type is Path:
        assert getattr(by_key, name) == tmp_path / getattr(by_flag, name)
    else:
        assert by_key == by_flag != MonitoringSettings()


@pytest.mark.parametrize("name", [name for name, one in ALL.items() if one.variable])
def test_the_page_of_variables_names_each(name: str) -> None:
    assert f"`{ALL[name].variable}`" in (DOCS / "reference.md").read_text(encoding="utf-8")


def test_a_wrong_number_of_rows_names_the_flag() -> None:
    from importer.core.errors import ConfigError

    with pytest.raises(ConfigError, match=r"^--max-new: 'many' is neither a number of rows"):
        given("a.csv", "--max-new", "many")
