"""What an open page says when the program behind it does not answer."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from browsing import browser, findings
from visitor import Visitor

from importer.sandbox import Sandbox
from importer.sandbox.injected_faults import Fault, Faults, Rate
from importer.ui.server import Page

pytestmark = pytest.mark.slow

SAID = {"en-GB": "The program has not answered since", "ar": "لم يُجب البرنامج منذ"}
SLOWLY = Faults(rates=(Rate(Fault(kind="latency", seconds=0.2), 1),))


@pytest.mark.skipif(sys.platform == "win32", reason="no process can be stopped there")
def test_a_program_that_is_stopped_does_not_look_alive(
    start_sandbox: Callable[..., Sandbox], tmp_path: Path, folder: Path
) -> None:
    sandbox = start_sandbox(faults=SLOWLY)
    source = tmp_path / "people.csv"
    lines = (f"Person {n},p{n}@example.com" for n in range(1000))
    source.write_text("\n".join(["Name,E-mail", *lines]), encoding="utf-8")
    command = [sys.executable, "-m", "importer", "ui", "--json", "--folder", str(folder)]
    with browser() as chromium, subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        try:
            told = json.loads(run.stdout.readline())
            page = Page(told["url"], told["start"], Path(told["file"]))
            visitor = Visitor(page)
            visitor.upload(source).matched().key(sandbox.api_key, sandbox.url)
            fields = {**visitor.form(f"{visitor.base}/start"), "what": "all"}
            visitor.client.post(f"{visitor.base}/start", data=fields)
            tabs = {}
            for locale in SAID:
                tabs[locale] = tab = chromium.new_context(bypass_csp=True, locale=locale).new_page()
                tab.clock.install()
                tab.goto(page.file.as_uri())
                tab.wait_for_selector("#file")
                tab.goto(f"{page.url}{visitor.base}/send")
                tab.wait_for_selector("#live")
                tab.wait_for_function("/[%٪]/.test(document.title)")
                assert tab.is_hidden("#silent")
            os.kill(run.pid, signal.SIGSTOP)
            for locale, tab in tabs.items():
                tab.clock.fast_forward(11_000)
                tab.wait_for_selector("#silent:visible")
                assert SAID[locale] in tab.inner_text("#silent")
                assert findings(tab) == []
            os.kill(run.pid, signal.SIGCONT)
            for tab in tabs.values():
                tab.wait_for_selector("#silent", state="hidden")
                assert tab.title().count(" – ") == 2  # the share is there once, in any digits
            visitor.client.close()
        finally:
            run.kill()
