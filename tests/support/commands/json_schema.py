"""Writes the schema of what `--json` prints, and the table of it, from the printed types."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, get_type_hints

import pydantic
from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from importer.cli import documents as of_cli
from importer.cli.commands.acknowledge import DecisionsDocument
from importer.cli.commands.demo import DemoDocument, ListsDocument
from importer.cli.commands.export import FilesDocument, JournalDocument
from importer.cli.commands.sandbox import SandboxDocument
from importer.cli.commands.schedule import ScheduleDocument
from importer.cli.commands.ui import PageDocument
from importer.cli.commands.undo import UndoDocument
from importer.cli.commands.updates import UpdatesDocument
from importer.cli.shown import fleet_documents as of_fleet
from importer.cli.shown import import_documents as of_import
from importer.cli.shown.mapped import MapDocument, MappingDocument
from importer.run.checking.check_report import CheckReport
from importer.run.memory.recovery import Recovered
from importer.writer.rewriting.compaction import Compacted
from importer.writer.rewriting.forgetting import Forgotten

__all__ = ["DOCUMENTS", "PAGE", "SCHEMA", "render", "schema", "table"]

ROOT = Path(__file__).parents[3]
SCHEMA = ROOT / "schemas" / "json-output.schema.json"
PAGE = ROOT / "docs" / "reference.md"

DOCUMENTS: dict[str, tuple[type, ...]] = {
    "run": (of_cli.RunDocument, of_cli.FolderDocument),
    "check": (CheckReport,),
    "ui": (PageDocument,),
    "map": (MapDocument, MappingDocument),
    "status": (of_import.StatusDocument,),
    "export": (FilesDocument, JournalDocument),
    "report": (of_cli.ReportDocument,),
    "acknowledge": (DecisionsDocument,),
    "updates": (UpdatesDocument,),
    "undo": (UndoDocument,),
    "reconcile": (of_import.ReconciliationDocument,),
    "recover": (Recovered,),
    "compact": (Compacted,),
    "forget": (Forgotten,),
    "schedule": (ScheduleDocument,),
    "sandbox": (SandboxDocument,),
    "demo": (DemoDocument, ListsDocument),
    "fleet init": (of_fleet.AppliedDocument,),
    "fleet add": (of_fleet.LinesDocument,),
    "fleet run": (of_cli.FolderDocument,),
    "fleet stop": (of_fleet.ChangedDocument,),
    "fleet resume": (of_fleet.ChangedDocument,),
    "fleet retry": (of_fleet.ChangedDocument,),
    "fleet status": (of_fleet.FleetStatusDocument,),
    "fleet report": (of_cli.ReportDocument,),
    "fleet restored": (of_fleet.RestoredDocument,),
    "fleet reconcile": (of_import.ReconciliationDocument,),
    "fleet compact": (of_fleet.CompactedDocument,),
    "fleet forget": (Forgotten,),
    "fleet remove": (of_fleet.LinesDocument,),
}
"""
What each command prints with `--json`, besides `Failed`.

`schema --json` prints a JSON Schema, and has no line here.
"""

_TABLE = re.compile(r"(?<=<!-- keys of --json -->\n).*?(?=<!-- end -->)", re.DOTALL)


class _Generator(GenerateJsonSchema):
    """Knows what `printed` adds to the fields of a dataclass, and allows nothing else."""

    def dataclass_schema(self, schema: core_schema.DataclassSchema) -> JsonSchemaValue:
        found = super().dataclass_schema(schema)
        cls = schema["cls"]
        for name in getattr(cls, "also_printed", ()):
            hint = get_type_hints(getattr(cls, name).fget)["return"]
            found["properties"][name] = TypeAdapter(hint).json_schema()
        found["required"] = [*found["properties"]]  # defaults are printed too
        found.pop("title", None)
        for one in found["properties"].values():
            one.pop("title", None)
            one.pop("default", None)
        if found.get("description"):
            found["description"] = " ".join(found["description"].split())
        found["additionalProperties"] = False
        return found


def schema() -> dict[str, Any]:
    """Return the JSON Schema; its `$defs` have one schema for each command, by its words."""
    # The importer's own alias for it refers to itself by name, which only type checkers resolve.
    JsonValue = pydantic.JsonValue  # noqa: F841, N806 - TypeAdapter looks names up where it is made
    kinds = dict.fromkeys(one for found in DOCUMENTS.values() for one in found)
    kinds[of_cli.Failed] = None
    adapters: list[tuple[Any, Any, TypeAdapter[Any]]] = [
        (kind, "serialization", TypeAdapter(kind)) for kind in kinds
    ]
    refs, shared = TypeAdapter.json_schemas(adapters, schema_generator=_Generator)
    of = {kind: ref for (kind, _), ref in refs.items()}
    commands = {
        command: {"anyOf": [of[kind] for kind in (*found, of_cli.Failed)]}
        for command, found in DOCUMENTS.items()
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "description": "What commands print with --json: $defs has each command by its words.",
        "$defs": {**commands, **shared["$defs"]},
    }


def _keys(kinds: tuple[type, ...], found: dict[str, Any]) -> str:
    of = [[*found["$defs"][kind.__name__]["properties"]] for kind in kinds]
    shown = [of[0], *(names for names in of[1:] if not {*names} <= {*of[0]})]
    words = [", ".join(f"`{name}`" for name in names) for names in shown]
    if kinds == (CheckReport,):
        of_run = found["$defs"][of_cli.RunDocument.__name__]["properties"]
        words = ["as `run`, and " + ", ".join(f"`{one}`" for one in of[0] if one not in of_run)]
    return ", or ".join(words)


def table(found: dict[str, Any]) -> str:
    """Return the table of commands and keys, for the reference."""
    of: dict[tuple[type, ...], list[str]] = {}
    for command, kinds in DOCUMENTS.items():
        of.setdefault(kinds, []).append(f"`{command}`")
    rows = [f"| {', '.join(commands)} | {_keys(kinds, found)} |" for kinds, commands in of.items()]
    return "\n".join(["", "| command | keys |", "| --- | --- |", *rows, "", ""])


def render() -> dict[Path, str]:
    """Return the two files as they must be."""
    found = schema()
    page = PAGE.read_text(encoding="utf-8")
    return {
        SCHEMA: json.dumps(found, indent=2, ensure_ascii=False) + "\n",
        PAGE: _TABLE.sub(lambda _: table(found), page),
    }


if __name__ == "__main__":
    for path, content in render().items():
        path.write_text(content, encoding="utf-8")
