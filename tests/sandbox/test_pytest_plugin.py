"""The sandbox as a fixture in the tests of others, where pytest finds it by its entry point."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

pytest_plugins = ["pytester"]

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@pytest.fixture
def others(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """The tests of somebody who has installed the importer."""
    site = pytester.mkdir("site")
    installed = site / "vorel_importer_installed-1.0.dist-info"
    installed.mkdir()
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: installed\nVersion: 1.0\n")
    points = PROJECT["entry-points"]["pytest11"]
    lines = [f"{name} = {value}\n" for name, value in points.items()]
    (installed / "entry_points.txt").write_text("[pytest11]\n" + "".join(lines))
    paths = [str(site), str(ROOT)]
    monkeypatch.setenv("PYTHONPATH", (";" if sys.platform == "win32" else ":").join(paths))
    return pytester


IMPORT = """
import pytest
from importer import run_import_sync

ROWS = [{"Name": "Omar"}, {"Name": "Lina"}]

def imported(tmp_path, sandbox, rows=ROWS):
    return run_import_sync(
        rows, object="contact", results=tmp_path / "people.results.jsonl",
        base_url=sandbox.url, api_key=sandbox.api_key, rate=6000,
    )
"""
OWN = """@pytest.mark.parametrize("time", [1, 2])
def test_people(vorel_sandbox, tmp_path, time):
    assert imported(tmp_path, vorel_sandbox).counts["created"] == 2
    assert [one["fields"]["name"] for one in vorel_sandbox.records()] == ["Omar", "Lina"]
"""
MARKED = """from importer.sandbox import Fault, Faults, Rate

@pytest.mark.vorel_sandbox(
    crm="zoho", faults={"script": [{"fault": "validation_error", "nth": [1]}]}
)
def test_a_refusal(vorel_sandbox, tmp_path):
    summary = imported(tmp_path, vorel_sandbox)
    assert (summary.counts["failed"], summary.counts["created"]) == (1, 1)
    assert vorel_sandbox.records()[0]["vendor_object"] == "Contacts"

@pytest.mark.vorel_sandbox(rate_limit=1)
def test_a_limit(vorel_sandbox):
    import httpx
    answers = [httpx.post(vorel_sandbox.endpoint, json={},
               headers={"Authorization": f"Bearer {vorel_sandbox.api_key}"}) for _ in range(2)]
    assert [one.status_code for one in answers] == [400, 429]

def test_faults_from_now_on(vorel_sandbox, tmp_path):
    vorel_sandbox.faults = Faults(rates=(Rate(Fault(kind="validation_error"), 1),))
    assert imported(tmp_path, vorel_sandbox).counts["failed"] == 2
"""
COMMANDS = """import subprocess, sys

def test_people(vorel_sandbox, tmp_path):
    (tmp_path / "people.csv").write_text("name,email\\nOmar,omar@example.com\\n")
    command = [sys.executable, "-m", "importer", "run", "people.csv", "--object", "contact"]
    assert subprocess.run(command, cwd=tmp_path).returncode == 0
    assert vorel_sandbox.records()[0]["fields"]["email"] == "omar@example.com"
"""


def test_each_test_has_its_sandbox_as_marked_and_commands_find_it(others: pytest.Pytester) -> None:
    others.makepyfile(
        test_own=f"{IMPORT}\n{OWN}", test_marked=f"{IMPORT}\n{MARKED}", test_commands=COMMANDS
    )
    others.runpytest_subprocess("--strict-markers").assert_outcomes(passed=6)


def test_settings_that_do_not_exist_are_named(others: pytest.Pytester) -> None:
    others.makepyfile("""
import pytest

@pytest.mark.vorel_sandbox(faults={"rates": {"eror_500": 1}})
def test_people(vorel_sandbox):
    pass
""")
    result = others.runpytest_subprocess()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*unknown name 'eror_500'*", "*Did you mean 'error_500'?*"])


def test_other_tests_load_nothing_of_it(others: pytest.Pytester) -> None:
    others.makepyfile("""
import sys

def test_nothing():
    loaded = {name for name in sys.modules if name.startswith("importer.")}
    light = ("_version", "core", "core.errors", "core.shared", "pytest_plugin")
    words = {name for name in loaded if name.startswith("importer.core.locale")}
    assert loaded - words == {f"importer.{name}" for name in light}
""")
    others.runpytest_subprocess().assert_outcomes(passed=1)
