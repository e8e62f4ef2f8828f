"""Schemathesis finds nothing that the OpenAPI document does not promise."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from importer.sandbox import SandboxConfig, running


@pytest.mark.nightly
def test_the_sandbox_keeps_every_promise_of_its_document(tmp_path: Path) -> None:
    with running(SandboxConfig(rate_limit=1_000_000, tenant_limit=1_000_000)) as sandbox:
        done = subprocess.run(
            [
                *(sys.executable, "-m", "schemathesis.cli", "run"),
                f"{sandbox.url}/api/v1/openapi.json",
                *("--url", sandbox.url),
                *("--header", f"Authorization: Bearer {sandbox.api_key}"),
                *("--checks", "all", "--max-examples", "150", "--continue-on-failure"),
                *("--seed", "1", "--generation-database", "none", "--no-color"),
            ],
            cwd=tmp_path,  # it leaves folders where it runs
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert "No issues found" in done.stdout
        counters = sandbox.counters
    # Both sides of the contract were reached: what is taken and what is refused.
    assert counters["created"] > 3
    assert counters["refused"] > 30
