"""The job file of docs/nightly.md is one, and its table of keys is right."""

from __future__ import annotations

import re
from pathlib import Path

from documents import blocks, text_of

from importer.jobs.job_file import load_job
from importer.mapper.mapping.file import load_mapping


def test_the_job_file_is_one(tmp_path: Path) -> None:
    (text,) = blocks("nightly.md", "toml")
    path = tmp_path / "clinic.toml"
    path.write_text(text, encoding="utf-8")

    job = load_job(path)

    assert job.config().rate == 120
    assert job.config().time_limit == 3 * 3600
    assert job.monitoring.email is not None
    assert job.monitoring.email.to == ("ops@example.com",)
    assert load_mapping(path).identity == ("external_ref",)


def test_every_key_of_the_list_is_one() -> None:
    section = text_of("nightly.md").partition("## The job file")[2].partition("\n## ")[0]

    assert {
        "sources",
        "newest",
        "command",
        "command_output",
        "api_key",
        "mapping",
        "results",
        "compact",
        "output",
        "updates",
        "name",
    } == set(re.findall(r"^- `(\w+)`:", section, re.MULTILINE))
