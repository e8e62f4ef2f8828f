"""The schema of what `--json` prints: `commands.inside` holds every test's command against it."""

from __future__ import annotations

import json
from pathlib import Path

import click
import pytest
from commands.inside import vorel_import
from commands.json_schema import DOCUMENTS, SCHEMA, render
from commands.printed import check_printed

from importer.cli import cli
from importer.core.resources import data_folder
from importer.sandbox import Sandbox

PEOPLE = """\
First Name,E-mail,Phone
Omar,omar@example.com,050 100 1357
Lina,lina@example.com,050 100 1358
Sami,no address,050 100 1359
"""


def _with_json(group: click.Group, *before: str) -> set[str]:
    context = click.Context(group)
    found: set[str] = set()
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            found |= _with_json(command, *before, name)
        elif command is not None and any("--json" in one.opts for one in command.params):
            found.add(" ".join((*before, name)))
    return found


def test_the_schema_and_the_table_are_those_of_the_types() -> None:
    """`make help-pages` writes both again."""
    for path, text in render().items():
        assert path.read_text(encoding="utf-8") == text


def test_every_command_with_json_has_its_schema() -> None:
    assert _with_json(cli) - {"schema"} == DOCUMENTS.keys()


def test_an_installed_importer_has_the_schema() -> None:
    assert data_folder("schemas").joinpath(SCHEMA.name).is_file()


def test_a_check_has_all_keys_of_a_run() -> None:
    found = json.loads(SCHEMA.read_text(encoding="utf-8"))["$defs"]

    assert found["RunDocument"]["properties"].keys() <= found["CheckReport"]["properties"].keys()


@pytest.mark.parametrize("more", [{"surprise": 1}, {"exit_code": "one"}])
def test_a_key_that_is_not_in_the_schema_is_found(more: dict[str, object]) -> None:
    text = json.dumps({"report": "people.report.html"} | more)

    with pytest.raises(AssertionError, match="report --json"):
        check_printed(["report", "--json"], text)


def test_commands_print_what_the_schema_says(tmp_path: Path, sandbox: Sandbox) -> None:
    """Each of them is held against it as it ends; so are those of all other tests."""
    env = {"VOREL_API_KEY": sandbox.api_key, "VOREL_BASE_URL": sandbox.url}
    (tmp_path / "people.csv").write_text(PEOPLE, encoding="utf-8")
    results = "people.results.jsonl"

    def printed(*words: str, exit_code: int = 0) -> dict[str, object]:
        ended = vorel_import(*words, "--json", cwd=tmp_path, env=env)
        assert ended.returncode == exit_code, ended.stderr
        found = json.loads(ended.stdout)
        assert isinstance(found, dict)
        return found

    printed("status", results, exit_code=2)
    printed("map", "people.csv", "--object", "contact", "--region", "AE", "-o", "people.toml")
    mapping = ("--mapping", "people.toml")
    printed("run", "nobody.csv", *mapping, exit_code=2)
    printed("check", "nobody.csv", *mapping, exit_code=2)
    assert printed("check", "people.csv", *mapping)["to_send"] == 3
    assert printed("run", "people.csv", *mapping)["requests"] == 3
    printed("map", "people.csv", "--object", "contact", "--from", results)
    (tmp_path / "people.csv").write_text(PEOPLE.replace("Omar,", "Omar H,"), encoding="utf-8")
    printed("run", "people.csv", *mapping, exit_code=6)
    printed("status", results)
    printed("updates", results, "people.csv")
    printed("acknowledge", results)
    printed("export", results, "people.csv", *mapping)
    printed("report", results)
    printed("undo", results)
    (tmp_path / "crm.csv").write_text("id,email\n1,omar@example.com\n", encoding="utf-8")
    printed("reconcile", results, "crm.csv", "--id-column", "id", exit_code=0)
    printed("compact", results)
    printed("forget", results, "--row", "3")
    (tmp_path / results).unlink()
    printed("recover", results, "people.success.csv", *mapping)
    printed("demo", "--lists", "lists")
    objects = '{"name": "Omar", "email": "o@x.example"}\n{"name": "", "email": ""}\n'
    (tmp_path / "objects.jsonl").write_text(objects, encoding="utf-8")
    printed("run", "objects.jsonl", "--object", "lead", exit_code=1)
    found = printed("export", "objects.results.jsonl", "objects.jsonl")
    assert found["failed_jsonl"]
    (tmp_path / "jobs").mkdir()
    job = '[job]\nsources = "../people.csv"\n'
    text = (tmp_path / "people.toml").read_text(encoding="utf-8")
    (tmp_path / "jobs" / "one.toml").write_text(f"{text}\n{job}", encoding="utf-8")
    (tmp_path / "jobs" / "two.toml").write_text("[job]\n", encoding="utf-8")
    printed("run", "--job", "jobs", exit_code=2)
    printed("schedule", "jobs/one.toml", "--print", "cron")
