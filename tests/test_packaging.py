"""What a release is made of: groups of requirements, addresses, and workflows that are pinned."""

from __future__ import annotations

import re
import runpy
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def printed(*words: str) -> str:
    return subprocess.run(
        [sys.executable, *words], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout


def test_the_groups_are_printed_for_a_pip_that_does_not_know_them() -> None:
    groups = PROJECT["dependency-groups"]

    assert printed("tools/group.py", "dev", "bench").splitlines() == [
        *groups["dev"],
        *groups["bench"],
    ]


def test_each_tool_has_one_version() -> None:
    for names in PROJECT["dependency-groups"].values():
        assert [one for one in names if "==" not in one] == []


def test_the_lock_file_is_of_these_requirements() -> None:
    """`make lock` writes it again."""
    lock = tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))
    (ours,) = (one for one in lock["package"] if one["name"] == "vorel-importer")
    extras = PROJECT["project"]["optional-dependencies"].values()
    stated = {
        "requires-dist": [
            *PROJECT["project"]["dependencies"],
            *(one for all_ in extras for one in all_),
        ],
        **PROJECT["dependency-groups"],
    }
    locked = {
        "requires-dist": ours["metadata"]["requires-dist"],
        **ours["metadata"]["requires-dev"],
    }

    for name, requirements in stated.items():
        names = {re.split(r"[\[=<>;~! ]", one)[0].lower().replace("_", "-") for one in requirements}
        assert {one["name"] for one in locked[name]} == names, name


def test_links_of_the_readme_are_absolute_where_the_source_is_known() -> None:
    pytest.importorskip("hatchling")
    absolute = runpy.run_path(str(ROOT / "tools" / "metadata.py"))["absolute"]

    text = (ROOT / "README.md").read_text(encoding="utf-8")
    found = absolute(text, "https://git.example/vorel", "v1")

    links = re.findall(r"\]\(([^)#][^)]*)\)", found)
    assert links
    assert [link for link in links if not link.startswith("https://")] == []
    assert "](https://git.example/vorel/raw/v1/docs/" in found, "pictures are files as they are"


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_workflows_have_few_rights_and_pinned_actions(path: Path) -> None:
    workflow = yaml.safe_load(path.read_text(encoding="utf-8"))

    assert workflow["permissions"] == {}
    for job in workflow["jobs"].values():
        assert "permissions" in job
        for step in job["steps"]:
            assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", step.get("uses", f"a@{'0' * 40}"))
            if step.get("uses", "").startswith("actions/checkout@"):
                assert step["with"]["persist-credentials"] is False


def test_the_night_runs_all_that_must_hold_before_a_release() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    recipe = makefile.partition("\nnightly:")[2].partition("\n\n")[0]
    needed = set(re.findall(r"\$\(MAKE\) ([a-z -]+)", recipe))
    night = yaml.safe_load((ROOT / ".github/workflows/nightly.yml").read_text(encoding="utf-8"))
    targets = {one.split()[0] for one in night["jobs"]["long"]["strategy"]["matrix"]["target"]}

    assert targets == {name for names in needed for name in names.split()}


def test_the_image_is_built_of_files_that_are_there() -> None:
    wanted = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    folders = [line[1:] for line in wanted if line.startswith("!")]

    assert [name for name in folders if not (ROOT / name).exists()] == []
    assert re.search(r"^USER (?!root)", (ROOT / "Dockerfile").read_text("utf-8"), re.MULTILINE)
