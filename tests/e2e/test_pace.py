"""The real pace, over real HTTP, for more than a minute. The suite has it in virtual time."""

from __future__ import annotations

from pathlib import Path

import pytest
from commands.process import vorel_import

from importer.sandbox import SandboxConfig, running


@pytest.mark.nightly
def test_the_limit_is_used_and_never_exceeded(tmp_path: Path) -> None:
    rows = 245  # the first 45 of them begin a whole minute
    source = tmp_path / "contacts.csv"
    people = "".join(f"P{n},p{n}@example.com\n" for n in range(rows))
    source.write_text("first_name,email\n" + people, encoding="utf-8")

    with running(SandboxConfig()) as sandbox:
        ended = vorel_import(
            "run", source, "--object", "contact", cwd=tmp_path, timeout=250,
            env={"VOREL_API_KEY": sandbox.api_key, "VOREL_BASE_URL": sandbox.url},
        )  # fmt: skip
        arrivals = sandbox.arrivals
        refusals = sandbox.refusals()

    assert ended.returncode == 0, ended.stderr
    assert refusals == []
    assert len(arrivals) == rows, "no request was made twice"
    stretches = [sum(t <= other < t + 60 for other in arrivals) for t in arrivals]
    full = [n for t, n in zip(arrivals, stretches, strict=True) if t + 60 <= arrivals[-1]]
    assert max(stretches) <= 200
    assert min(full) >= 195
