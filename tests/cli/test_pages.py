"""Each command of the pages about mapping, checking and results runs, on a list like theirs."""

from __future__ import annotations

import csv
import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from commands.inside import vorel_import

from importer.sandbox import Sandbox

DOCS = Path(__file__).parents[2] / "docs"
HEADER = "Patient No,First Name,Last Name,E-mail,Mobile,Born"
RANA = "1,Rana,Haddad,rana@example.com,0501001001,1990-02-01"
OMAR = "2,Omar,Karam,omar@example.com,0501001002,1991-02-01"
HUDA = "3,Huda,Saad,huda@example.com,0501001003,1992-02-01"
LINA = "4,Lina,Nasser,lina(at)example,0501001004,1993-02-01"
NADIA = "7,Nadia,Aziz,rana@example.com,0501001007,1994-02-01"
YARA = "8,Yara,Sami,omar@example.com,0501001008,1995-02-01"


def commands(page: str) -> Iterator[list[str]]:
    """Yield the words of each command of a page, without its name, in their order."""
    text = (DOCS / page).read_text(encoding="utf-8")
    for block in re.findall(r"```console\n(.*?)```", text, re.DOTALL):
        for line in block.splitlines():
            program, *words = shlex.split(line.removeprefix("$ "), comments=True)
            assert program == "vorel-import"
            yield words


class Desk:
    """Somebody at a list, who types what a page says."""

    def __init__(self, folder: Path, sandbox: Sandbox) -> None:
        self.folder = folder
        self.sandbox = sandbox

    def has(self, *rows: str) -> None:
        (self.folder / "patients.csv").write_text("\n".join([HEADER, *rows, ""]), encoding="utf-8")

    def types(self, *words: str, code: int = 0) -> str:
        env = {"VOREL_API_KEY": self.sandbox.api_key, "VOREL_BASE_URL": self.sandbox.url}
        done = vorel_import(*words, cwd=self.folder, env=env)
        assert done.returncode == code, (words, done.stdout, done.stderr)
        return done.stdout

    def maps(self, *rows: str, code: int = 0) -> None:
        """Do what the page about mapping says."""
        self.has(*rows)
        suggest, check, run = commands("mapping.md")
        self.types(*suggest)
        self.types(*check, code=code)
        self.types(*run, code=code)

    def rows(self, name: str) -> list[dict[str, str]]:
        with (self.folder / name).open(encoding="utf-8", newline="") as lines:
            return list(csv.DictReader(lines))


@pytest.fixture
def desk(tmp_path: Path, sandbox: Sandbox) -> Desk:
    return Desk(tmp_path, sandbox)


def test_a_list_is_mapped_and_sent(desk: Desk) -> None:
    desk.maps(RANA, OMAR, HUDA)

    sent = [record["fields"] for record in desk.sandbox.records()]
    assert [fields["email"].partition("@")[0] for fields in sent] == ["rana", "omar", "huda"]
    assert sent[0]["mobile_phone"] == "+971501001001"


def test_a_list_is_checked_and_its_plan_carried_out(desk: Desk) -> None:
    desk.has(RANA, OMAR, HUDA, LINA)
    desk.types(*next(commands("mapping.md")))
    check, to_file, run = commands("checking.md")
    assert desk.types(*to_file, code=1)
    assert [row["vorel_error_code"] for row in desk.rows("refused.csv")] == ["invalid_value"]
    plan = json.loads(desk.types(*check, "--json", code=1))["plan"]
    assert run[-2] == "--plan"

    desk.types(*run[:-1], plan, "--yes", code=1)

    assert len(desk.sandbox.records()) == 3


def test_refused_rows_are_corrected_and_changes_decided(desk: Desk) -> None:
    status, run_failed, acknowledge, export, compact, same, new, recover = commands(
        "results-file.md"
    )
    desk.maps(RANA, OMAR, HUDA, LINA, code=1)
    failed = desk.folder / "patients.failed.csv"
    failed.write_text(failed.read_text(encoding="utf-8").replace("(at)example", "@example.com"))
    desk.types(*run_failed)
    assert len(desk.sandbox.records()) == 4
    desk.has(NADIA, YARA, HUDA.replace("Saad", "Saad-Ali"))
    desk.types("run", "patients.csv", "--mapping", "patients.toml", "--accept-list", code=6)
    found = {row["First Name"]: row for row in desk.rows("patients.changed.csv")}
    assert {name: row["vorel_status"] for name, row in found.items()} == {
        "Nadia": "possible_duplicate", "Yara": "possible_duplicate", "Huda": "changed",
    }  # fmt: skip

    desk.types(*acknowledge)
    for words, name in ((same, "Nadia"), (new, "Yara")):
        assert words[-1] == "REF"
        desk.types(*words[:-1], found[name]["vorel_ref"])
    desk.types("run", "patients.csv", "--mapping", "patients.toml")
    assert len(desk.sandbox.records()) == 5

    for words in (status, export, compact):
        assert desk.types(*words)
    (desk.folder / "patients.results.jsonl").unlink()
    desk.types("check", "patients.csv", "--mapping", "patients.toml", code=7)
    assert "on record again" in desk.types(*recover)


def test_the_fields_are_shown(desk: Desk) -> None:
    objects, fields, schema = (desk.types(*words) for words in commands("fields.md"))

    assert "appointment" in objects
    assert "first_name" in fields
    assert "description" in json.loads(schema)["properties"]["first_name"]
