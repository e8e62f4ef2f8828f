"""A small list of people, its mapping, and the command that checks it."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner, Result

from importer.cli import cli
from importer.run.config import ImportConfig

__all__ = ["HEADER", "command", "config"]

MAPPING = """\
object = "{object}"
[fields]
name = "Name"
email = {{ column = "E-mail", type = "email" }}
phone = {{ column = "Phone", type = "phone", region = "AE" }}
source = {{ const = "old list" }}
"""
HEADER = "Name,E-mail,Phone,Shoe\n"


def config(folder: Path, rows: str, object_: str = "contact", header: str = HEADER) -> ImportConfig:
    """Write the list and its mapping into a folder."""
    (folder / "people.csv").write_text(header + rows, encoding="utf-8")
    (folder / "m.toml").write_text(MAPPING.format(object=object_), encoding="utf-8")
    return ImportConfig(sources=(str(folder / "people.csv"),), mapping=folder / "m.toml")


def command(folder: Path, *flags: str) -> Result:
    """Check the list in a folder as the command line does."""
    arguments = ["check", str(folder / "people.csv"), "--mapping", str(folder / "m.toml")]
    return CliRunner().invoke(cli, [*arguments, *flags], standalone_mode=False)
