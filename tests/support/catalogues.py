"""Finds the texts of the package that people read in their language, and the codes of messages."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from babel.messages.extract import extract_from_dir, extract_from_file

from importer.core.locale.gaps import GAPS
from importer.core.locale.message import plain_codes
from importer.core.locale.titles import titles
from importer.core.objects import OBJECT_FACTS

__all__ = ["FOLDERS", "MESSAGES", "ROOT", "calls_of", "codes_of", "extracted", "modules", "worded"]

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = {
    "report": "importer/report",
    "page": "importer/ui",
    "fleet": "importer/fleet",
    "verdict": "importer/core/verdict.py",
    "messages": "importer/core/locale",
}
"""The catalogue of each folder or file that has such texts."""
MESSAGES = "messages"
"""The catalogue that has the codes of messages of all folders, too."""

_METHODS = [("**.py", "python"), ("**.html", "jinja2"), ("**.jinja", "jinja2")]
_KEYWORDS = {
    "gettext": None,
    "_": None,
    "N_": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
_OPTIONS = {"**.html": {"trimmed": "true"}, "**.jinja": {"trimmed": "true"}}
_TERMINAL = tuple(
    f"importer/{name}"
    for name in (
        "api.py", "cli/", "core/control.py", "core/logs/", "core/plugins.py", "core/settings.py",
        "core/shared.py", "fleet/", "jobs/", "mapper/columns.py", "mapper/mapper.py",
        "mapper/fields/field_plan.py", "mapper/mapping/", "mapper/schema/extend.py",
        "mapper/schema/own_fields.py", "mapper/schema/text_file.py", "reader/__init__.py",
        "reader/csv/csv_format.py", "reader/json/json_formats.py", "reader/program_rows.py",
        "reconciling/", "report/import_status.py", "report/report_file.py",
        "run/checking/dry_run.py", "run/config.py", "run/derived_sources.py", "run/file_names.py",
        "run/guards/plan_approval.py", "run/job.py", "run/memory/", "run/person_decisions.py",
        "run/target.py", "run/update_file.py", "sandbox/", "writer/index/",
        "writer/line_reader.py", "writer/lines/", "writer/results.py", "writer/rewriting/",
        "writer/undo_file.py",
    )
)  # fmt: skip
"""
Where messages are worded that a terminal or a log shows, which speak English.

Those that a page may show as well have words in its languages, but need not.
"""


def extracted(name: str) -> list[tuple[str, tuple[str, ...]]]:
    """Return (context or "", English forms) of each text in the folder or file of a catalogue."""
    where = ROOT / FOLDERS[name]
    if where.is_file():
        read = extract_from_file("python", where, keywords=_KEYWORDS)
        texts = [(message, context) for _, message, _, context in read]
    else:
        read_all = extract_from_dir(
            where, method_map=_METHODS, options_map=_OPTIONS, keywords=_KEYWORDS
        )
        texts = [(message, context) for _, _, message, _, context in read_all]
    found: dict[tuple[str, tuple[str, ...]], None] = {}
    for message, context in texts:
        forms = (message,) if isinstance(message, str) else tuple(message)
        found[context or "", forms] = None
    if name == MESSAGES:
        there = {path: tree for path, tree in modules().items() if not path.startswith(_TERMINAL)}
        plain = plain_codes()
        codes = [code for path in there for _, code in codes_of(path) if code not in plain]
        codes += [code for code in plain.values() if _without_gaps(code)]
        found |= {("", (code,)): None for code in codes}
        of_fields = (one for path in (ROOT / "schemas").glob("*.json") for one in _forms(path))
        of_objects = (one for facts in OBJECT_FACTS.values() for one in (facts.title, facts.hint))
        of_titles = (text for several in titles().values() for text in several.values())
        between = (gap.between for gap in GAPS.values() if gap.between.strip())
        others = (*of_fields, *of_objects, *of_titles, *between)
        found |= {("", (text,)): None for text in others}
        found |= {("", tuple(facts.counted)): None for facts in OBJECT_FACTS.values()}
    return list(found)


def _forms(schema: Path) -> Iterator[str]:
    for field in json.loads(schema.read_text(encoding="utf-8")).get("properties", {}).values():
        if "x-form" in field:
            yield field["x-form"]


@cache
def modules() -> Mapping[str, ast.Module]:
    """Return the modules of the package by their path."""
    paths = sorted((ROOT / "importer").rglob("*.py"))
    return {
        path.relative_to(ROOT).as_posix(): ast.parse(path.read_text(encoding="utf-8"))
        for path in paths
    }


@cache
def codes_of(path: str) -> list[tuple[int, str]]:
    """Return the code of each message that a module words, with its line."""
    named: dict[str, list[ast.expr]] = {}
    for node in ast.walk(modules()[path]):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    named.setdefault(target.id, []).append(node.value)
    return [
        text
        for call in calls_of(path)
        for argument in worded(call)
        for text in _texts_in(argument, named)
    ]


@cache
def calls_of(path: str) -> list[ast.Call]:
    """Return the calls of a module that word a message."""
    tree = modules()[path]
    return [node for node in ast.walk(tree) if isinstance(node, ast.Call) and worded(node)]


def worded(call: ast.Call) -> list[ast.expr]:
    """Return the arguments of a call that are codes of messages."""
    match call.func:
        case ast.Name(id=name) | ast.Attribute(value=ast.Name(id="errors"), attr=name):
            pass
        case _:
            return []
    if name in {"Message", "N_"}:
        return call.args[:1]
    if name in {"BadValue", "LostValue"}:
        return call.args[:2]
    if name in _errors():
        return [*call.args[:1], *(one.value for one in call.keywords if one.arg == "hint")]
    return []


def _texts_in(node: ast.expr, named: Mapping[str, list[ast.expr]]) -> Iterator[tuple[int, str]]:
    if (
        isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and any(sign.isalpha() for sign in _without_gaps(node.value))
    ):
        yield node.lineno, node.value
    elif isinstance(node, ast.IfExp):
        yield from _texts_in(node.body, named)
        yield from _texts_in(node.orelse, named)
    elif isinstance(node, ast.Name):
        for value in named.get(node.id, ()):
            yield from _texts_in(value, {})


def _without_gaps(code: str) -> str:
    return "".join(part.rpartition(")s")[2] for part in code.split("%("))


@cache
def _errors() -> frozenset[str]:
    """Return the names of all exceptions of the package that carry a message."""
    known = {"ImporterError"}
    while True:
        more = {
            node.name
            for tree in modules().values()
            for node in ast.walk(tree)
            if isinstance(node, ast.ClassDef)
            and node.name not in known
            and known & {ast.unparse(base).rpartition(".")[2] for base in node.bases}
        }
        if not more:
            return frozenset(known)
        known |= more
