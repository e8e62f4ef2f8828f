"""`vorel-import ui` as people call it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest


@pytest.mark.skipif(sys.platform == "win32", reason="it has no SIGINT for one process")
def test_it_prints_an_address_that_lets_in_and_ends_cleanly(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "importer", "ui", "--json", "--folder", str(tmp_path / "kept")]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as run:
        assert run.stdout is not None
        said = json.loads(run.stdout.readline())
        with httpx.Client(base_url=said["url"], follow_redirects=True) as client:
            assert client.get("/").status_code == 403
            assert client.get(said["start"]).status_code == 200
            assert "Import a list" in client.get("/").text
        run.send_signal(signal.SIGINT)
        assert run.wait(90) == 0
    assert (tmp_path / "kept").stat().st_mode & 0o777 == 0o700
