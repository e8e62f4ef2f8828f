"""The flags of settings, made from what they declare in `importer.run` and `importer.jobs`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args, get_origin

import click

from importer.cli.help import GroupedOption
from importer.cli.options import Duration
from importer.core.errors import ConfigError
from importer.core.settings import READING, RowLimit, Setting
from importer.jobs.monitoring.monitoring_settings import MONITORING
from importer.run.config import SETTINGS

_Function = TypeVar("_Function", bound=Callable[..., Any])
_ALL = {**SETTINGS, **READING, **MONITORING}


class RowCount(click.ParamType):  # type: ignore[type-arg]  # generic from click 8.4 on
    """A number of rows, or a percentage of them: `50`, `20%`."""

    name = "rows"

    def __init__(self, kind: type[RowLimit]) -> None:
        self._kind = kind

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> RowLimit:
        """Return the limit."""
        del ctx
        try:
            return value if isinstance(value, RowLimit) else self._kind.parse(value)
        except ValueError as error:
            flag = "" if param is None else f"{param.opts[-1]}: "
            raise ConfigError("%(flag)s%(reason)s", flag=flag, reason=error) from None


def setting_options(*names: str) -> Callable[[_Function], _Function]:
    """
    Return what adds the flags of these settings to a command.

        @click.command()
        @setting_options("object", "base_url")
        def recover(**flags): ...

    A flag that is not given is None.
    """

    def decorate(function: _Function) -> _Function:
        for name in reversed(names):
            if (flag := _ALL[name].flag) is not None:
                function = click.option(flag, name, **_attributes(_ALL[name]))(function)
        return function

    return decorate


def _attributes(setting: Setting) -> dict[str, Any]:
    """Return how click is told of a flag."""
    shown = "" if setting.default_text is None else f"  [default: {setting.default_text}]"
    about = {"cls": GroupedOption, "group": setting.group, "help": setting.help + shown}
    if setting.type is bool:
        return {**about, "is_flag": True, "default": None}
    type_, metavar = _type_of(setting)
    return {**about, "type": type_, "metavar": setting.metavar or metavar}


def _type_of(setting: Setting) -> tuple[Any, str | None]:
    """Return the type of a flag, and what stands for its value in the help."""
    if get_origin(setting.type) is Literal:
        return click.Choice(get_args(setting.type)), None
    if setting.type is Path:
        return click.Path(), "FILE"
    if setting.type is float:
        return Duration(allows_zero="gt" not in setting.rules), "TIME"
    if setting.type is int:
        return click.IntRange(setting.rules.get("ge"), setting.rules.get("le")), "N"
    if issubclass(setting.type, RowLimit):
        return RowCount(setting.type), "N|N%"
    return None, None


read_options = setting_options(*READING)
monitoring_options = setting_options(*MONITORING)
run_options = setting_options(*SETTINGS, *READING)
check_options = setting_options(*(n for n, one in SETTINGS.items() if one.in_check), *READING)
