"""Each command of the tutorials runs, in their order, with the lists that are shipped."""

from __future__ import annotations

import json
import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from commands.process import environment, start, vorel_import
from visitor import Visitor

from importer.jobs import load_job
from importer.sandbox import Sandbox

DOCS = Path(__file__).parents[2] / "docs"
TUTORIALS = sorted((DOCS / "tutorials").glob("*.md"))


def commands(path: Path) -> Iterator[list[str]]:
    """Yield the words of each command, in the order of a tutorial."""
    for block in re.findall(r"```console\n(.*?)```", path.read_text(encoding="utf-8"), re.DOTALL):
        for line in block.splitlines():
            assert line.startswith("$ ")
            yield shlex.split(line[2:])


class Reader:
    """Somebody who follows a tutorial: the folder they are in, and what the commands ended with."""

    def __init__(self, folder: Path, sandbox: Sandbox) -> None:
        self.folder = folder
        self.sandbox = sandbox
        self.ended: list[tuple[str, int]] = []

    def follow(self, words: list[str]) -> str:
        program, *rest = words
        if program == "cd":
            self.folder /= rest[0]
            return ""
        assert program == "vorel-import"
        if rest in (["sandbox"], ["ui"]):
            self.serves(*rest)
            return ""
        env = {"VOREL_API_KEY": self.sandbox.api_key, "VOREL_BASE_URL": self.sandbox.url}
        done = vorel_import(*rest, cwd=self.folder, env=env)
        self.ended.append((rest[0], done.returncode))
        return done.stdout + done.stderr

    def serves(self, command: str) -> None:
        """Start what runs until it is stopped; the reader's other commands talk to the fixture."""
        more = ["--no-browser", "--json"] if command == "ui" else ["--port", "0", "--json"]
        state = environment(XDG_STATE_HOME=str(self.folder))
        with start(command, *more, cwd=self.folder, env=state) as process:
            assert process.stdout is not None
            assert json.loads(process.stdout.readline())["url"].startswith("http://127.0.0.1:")
            process.terminate()
            assert process.wait(30) == 0


@pytest.fixture
def reader(tmp_path: Path, sandbox: Sandbox) -> Reader:
    return Reader(tmp_path, sandbox)


def test_a_migration_in_the_terminal(reader: Reader) -> None:
    for words in commands(DOCS / "tutorials" / "terminal.md"):
        reader.follow(words)

    assert [name for name, _ in reader.ended] == [
        "demo", "map", "check", "run", "run", "run", "status", "report",
    ]  # fmt: skip
    assert [code for _, code in reader.ended] == [0, 0, 1, 0, 1, 1, 0, 0]
    assert 40 <= len(reader.sandbox.records()) <= 48
    assert (reader.folder / "outlook-contacts.report.html").is_file()
    emails = [record["fields"].get("email") for record in reader.sandbox.records()]
    assert len(set(filter(None, emails))) == len(list(filter(None, emails)))


def test_a_nightly_job(reader: Reader) -> None:
    nights, before, told = 0, 0, ""
    for words in commands(DOCS / "tutorials" / "nightly.md"):
        if words[:2] == ["vorel-import", "run"]:
            nights += 1
            people = reader.folder / "clinic-patients.csv"
            lines = people.read_bytes().splitlines(keepends=True)
            if nights == 2:
                before = len(reader.sandbox.records())
                cells = lines[2].split(b";")
                cells[0], cells[1], cells[4:6] = b"P-9999", b"Nadia", [b"+971505550999", b""]
                people.write_bytes(b"".join([*lines, b";".join(cells)]))
        told = reader.follow(words)

    assert nights == 2
    assert len(reader.sandbox.records()) == before + 1
    assert reader.ended[-1] == ("schedule", 0)
    assert "[Timer]" in told


def test_the_settings_of_the_nightly_job_are_right(tmp_path: Path) -> None:
    page = (DOCS / "tutorials" / "nightly.md").read_text(encoding="utf-8")
    (table,) = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    path = tmp_path / "clinic.toml"
    path.write_text(table, encoding="utf-8")

    job = load_job(path)

    assert tomllib.loads(table)["job"]["time_limit"] == "3h"
    assert job.config().limits.time_limit == 3 * 3600
    assert job.config().limits.max_outage == 1800


def test_an_excel_list_on_the_page(reader: Reader, visitor: Visitor, sandbox: Sandbox) -> None:
    page = (DOCS / "tutorials" / "page.md").read_text(encoding="utf-8")
    for words in commands(DOCS / "tutorials" / "page.md"):
        reader.follow(words)

    visitor.upload(reader.folder / "samples" / "gym-members.xlsx")
    assert f"**{visitor.heading}**" in page
    visitor.matched(timezone="Asia/Dubai")
    visitor.key(sandbox.api_key, sandbox.url).press("pilot")
    assert len(sandbox.records()) == 20
    visitor.press("all")
    assert 39 <= len(sandbox.records()) <= 40


def test_every_tutorial_is_followed_here() -> None:
    assert [path.stem for path in TUTORIALS] == ["nightly", "page", "terminal"]
