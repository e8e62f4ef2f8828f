"""Each command of the tutorials runs, in their order, with the lists that are shipped."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from documents import DOCS, Reader, blocks, commands, text_of
from visitor import Visitor

from importer.jobs.job_file import load_job
from importer.jobs.schedules import Scheduled, schedule_files
from importer.sandbox import Sandbox

pytestmark = pytest.mark.slow

TUTORIALS = sorted((DOCS / "tutorials").glob("*.md"))


@pytest.fixture
def reader(tmp_path: Path, sandbox: Sandbox) -> Reader:
    return Reader(tmp_path, sandbox)


def test_a_migration_in_the_terminal(reader: Reader) -> None:
    for words in commands("tutorials/terminal.md"):
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
    for words in commands("tutorials/nightly.md"):
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
    (table,) = blocks("tutorials/nightly.md", "toml")
    path = tmp_path / "clinic.toml"
    path.write_text(table, encoding="utf-8")

    job = load_job(path)

    assert tomllib.loads(table)["job"]["time_limit"] == "3h"
    assert job.config().time_limit == 3 * 3600
    assert job.config().max_outage == 1800
    units = schedule_files(Scheduled.of(["vorel-import"], path, [job]), "systemd", at="02:30")
    assert "TimeoutStartSec=195min" in units["vorel-import-clinic.service"]


def test_an_excel_list_on_the_page(reader: Reader, visitor: Visitor, sandbox: Sandbox) -> None:
    page = text_of("tutorials/page.md")
    for words in commands("tutorials/page.md"):
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
