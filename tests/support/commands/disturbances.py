"""
Disturbs imports on the page, takes pictures of what it says, and audits the CRM.

    python -m commands.disturbances [--to FOLDER] [--language ar] [--only NAME ...]

The program is killed, stopped for a while, or used in two tabs; the key is wrong, the service is
down, the list is changed while its rows are sent. Afterwards each import is brought to its end as
somebody would do it, and each person must be in the CRM exactly once. It needs a Chromium.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from browsing import browser

from commands.process import environment

__all__ = ["main"]

ROWS = 400
RATE = "2400"
KEY = "vapk_test_" + "5a" * 24
OTHER_KEY = "vapk_test_" + "6b" * 24
ASLEEP = 12
"""The page says after ten seconds that the program does not answer."""
PATIENCE = 180_000
"""Milliseconds for which a page is waited for, on a busy computer too."""


@contextmanager
def program(*arguments: str | Path, **more: str) -> Iterator[tuple[Any, dict[str, str]]]:
    """Start the importer, and hand out the process and what it tells first."""
    command = [sys.executable, "-m", "importer", *map(str, arguments), "--json"]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=environment(**more),
    ) as run:
        assert run.stdout is not None
        try:
            yield run, json.loads(run.stdout.readline())
        finally:
            run.send_signal(signal.SIGCONT)
            run.kill()


@dataclass
class Stage:
    """One import: a folder, a sandbox and the page as processes, and a tab."""

    folder: Path
    chromium: Any
    language: str
    pictures: Path | None
    name: str
    stack: ExitStack
    rows: int = ROWS
    notes: int = 1
    """How long the notes of each person are: a long list is not in memory as a whole."""
    box: Any = None
    page: Any = None
    tab: Any = None
    told: dict[str, str] = field(default_factory=dict)
    url: str = ""
    context: Any = None
    address: str = ""
    said: list[str] = field(default_factory=list)

    def open(self) -> None:
        """Start the service and the page, and open it in a browser."""
        self.serve()
        self.start()
        size = (
            {"width": 390, "height": 844}
            if self.language == "ar"
            else {"width": 1100, "height": 800}
        )
        self.context = self.chromium.new_context(locale=self.language, viewport=size)
        self.tab = self.context.new_page()
        self.context.set_default_timeout(PATIENCE)
        self.tab.goto(self.told["start"])
        self.tab.wait_for_selector("#file")

    def serve(self, port: int = 0) -> None:
        limits = ("--rate-limit", "90000", "--tenant-limit", "90000")
        self.box, told = self.stack.enter_context(
            program(
                "sandbox", "--port", str(port), "--db", self.folder / "crm.sqlite", *limits,
                VOREL_SANDBOX_API_KEY=KEY,
            )
        )  # fmt: skip
        self.url = told["url"]

    def start(self) -> None:
        kept = self.folder / "kept"
        self.page, self.told = self.stack.enter_context(
            program("ui", "--no-browser", "--folder", kept, "--base-url", self.url)
        )

    def again(self) -> None:
        """Start the page again, and open the import where it was."""
        self.start()
        path = self.address.partition("/imports/")[2].partition("/")[0]
        self.tab.goto(self.told["start"])
        self.tab.wait_for_selector("#file")
        self.tab.goto(f"{self.told['url']}/imports/{path}/send")

    def people(self) -> Path:
        path = self.folder / "people.csv"
        rows = (
            f"Amal,Haddad {n},a{n}@example.com,+97150555{n:04},{'x' * self.notes}"
            for n in range(self.rows)
        )
        text = "\n".join(["First name,Last name,Email,Phone,Notes", *rows, ""])
        path.write_text(text, encoding="utf-8")
        return path

    def ready(self, key: str = KEY) -> None:
        """Bring a list to where it can be sent."""
        source = self.people()
        self.tab.click("details.elsewhere summary")
        self.tab.fill("#path", str(source))
        self.tab.click("details.elsewhere button")
        self.tab.wait_for_selector("input[name=object]")
        for waits_for in (".matches", ".verdict", "#key"):
            self.tab.click("main .primary:visible")
            self.tab.wait_for_selector(waits_for)
        self.type(key)

    def type(self, key: str) -> None:
        self.tab.fill("#key", key)
        self.tab.evaluate("document.querySelector('form.stack details').open = true")
        self.tab.fill("#rate", RATE)
        self.tab.click("main .primary:visible")
        self.tab.wait_for_selector(".ready")
        self.address = self.tab.url

    def press_all(self, tab: Any = None) -> None:
        (tab or self.tab).click("button[name=what][value=all]")

    def until_sent(self, count: int) -> None:
        """Wait until so many records are in the CRM."""
        until = time.monotonic() + 60
        while time.monotonic() < until:
            if len(self.records()) >= count:
                return
            time.sleep(0.1)

    def records(self) -> list[dict[str, Any]]:
        """Return the fields of the records in the CRM."""
        with closing(sqlite3.connect(self.folder / "crm.sqlite", timeout=20)) as db:
            return [json.loads(one) for (one,) in db.execute("SELECT fields FROM records")]

    def picture(self, what: str, tab: Any = None) -> None:
        """Take a picture, and note what the page says."""
        shown = tab or self.tab
        said = re.sub(r"\s+", " ", shown.inner_text("main"))
        self.said.append(f"  {what}: [{shown.title()}] {said[:400]}")
        if self.pictures is not None:
            path = self.pictures / f"{self.name}-{what}-{self.language}.png"
            shown.screenshot(path=str(path), full_page=True)

    def finish(self) -> None:
        """Wait for the end, going on as the page proposes."""
        for _ in range(9):
            self.tab.wait_for_selector("#key, .ready .primary, .verdict .sign")
            if self.tab.locator("#key").count():
                self.type(KEY)
            elif self.tab.locator(".ready .primary").count():
                self.tab.click(".ready .primary")
                self.tab.wait_for_selector("#live, .verdict .sign, #key")
            else:
                break
        self.picture("end")

    def audit(self) -> str:
        """Return whether each person of the list, as it is now, is in the CRM exactly once."""
        found = Counter(record["email"] for record in self.records())
        with (self.folder / "people.csv").open(encoding="utf-8", newline="") as stream:
            listed = {row["Email"] for row in csv.DictReader(stream)}
        twice = sum(count > 1 for count in found.values())
        missing = len(listed - found.keys())
        is_right = not twice and not missing
        return (
            f"{len(listed)} people, {len(found)} records, {twice} twice, {missing} missing: "
            f"{'right' if is_right else 'WRONG'}"
        )


def kill(stage: Stage) -> None:
    """The program is killed while rows are sent, and started again."""
    stage.ready()
    stage.press_all()
    stage.until_sent(100)
    stage.page.kill()
    time.sleep(ASLEEP)
    stage.picture("dead")
    stage.again()
    stage.picture("started-again")
    stage.finish()


def sleep(stage: Stage) -> None:
    """The computer sleeps, as far as a program can tell, and wakes up."""
    stage.ready()
    stage.press_all()
    stage.until_sent(100)
    stage.page.send_signal(signal.SIGSTOP)
    time.sleep(ASLEEP)
    stage.picture("asleep")
    stage.page.send_signal(signal.SIGCONT)
    time.sleep(2)
    stage.picture("awake")
    stage.finish()


def tabs(stage: Stage) -> None:
    """The button that sends is pressed in two tabs."""
    stage.ready()
    other = stage.context.new_page()
    other.goto(stage.address)
    other.wait_for_selector(".ready")
    stage.press_all()
    stage.tab.wait_for_selector("#live, .verdict")
    stage.press_all(other)
    other.wait_for_selector(".notice.quiet")
    stage.picture("second", other)
    stage.finish()
    other.goto(stage.address)
    stage.picture("second-later", other)


def wrong_key(stage: Stage) -> None:
    """A key is typed that is cut off, then one that the service does not know."""
    stage.ready(OTHER_KEY)
    stage.press_all()
    stage.tab.wait_for_selector("#key")
    stage.picture("refused")
    stage.tab.evaluate("document.querySelector('form.stack').noValidate = true")
    stage.tab.fill("#key", "hello")
    stage.tab.click("main .primary:visible")
    stage.tab.wait_for_selector("#key-wrong")
    stage.picture("no-key")
    stage.type(KEY)
    stage.finish()


def down(stage: Stage) -> None:
    """The service ends while rows are sent, and comes back."""
    stage.ready()
    stage.press_all()
    stage.until_sent(100)
    stage.box.kill()
    stage.box.wait()
    time.sleep(4)
    stage.picture("down")
    stage.serve(int(stage.url.rpartition(":")[2]))
    stage.finish()


def down_at_first(stage: Stage) -> None:
    """The service cannot be reached from the beginning, until the import stops by itself."""
    stage.ready()
    port = int(stage.url.rpartition(":")[2])
    stage.box.kill()
    stage.box.wait()
    stage.press_all()
    stage.tab.wait_for_selector("main:has(.ready, #key):has(.warn)")
    stage.picture("unreached")
    stage.serve(port)
    stage.finish()


def changed(stage: Stage) -> None:
    """The list is changed while its rows are sent: one row less, one more, one other."""
    stage.notes = 20_000
    stage.ready()
    stage.press_all()
    stage.until_sent(100)
    path = stage.folder / "people.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    lines[-1] = "New,Person,new@example.com,+971505559999,x"
    path.write_text("\n".join([*lines, "More,People,more@example.com,+971505559998,x", ""]))
    stage.tab.wait_for_selector("main:has(.ready, .verdict, #key)")
    stage.picture("changed")
    stage.tab.click("main a:has-text('again'), main a:has-text('جديد')")
    stage.tab.wait_for_selector("input[name=object]")
    stage.picture("read-again")
    for waits_for in (".matches", ".verdict", "#key, .ready, .verdict"):
        stage.tab.click("main .primary:visible")
        stage.tab.wait_for_selector(waits_for)
    stage.finish()


def removed(stage: Stage) -> None:
    """The list is removed while its rows are sent, and put back."""
    stage.notes = 20_000
    stage.ready()
    stage.press_all()
    stage.until_sent(100)
    path = stage.folder / "people.csv"
    text = path.read_text(encoding="utf-8")
    path.unlink()
    stage.tab.wait_for_selector("main:has(.ready, .verdict, #key)")
    stage.picture("removed")
    path.write_text(text, encoding="utf-8")
    stage.tab.goto(stage.address)
    stage.finish()


DISTURBANCES: Mapping[str, Callable[[Stage], None]] = {
    "kill": kill,
    "sleep": sleep,
    "tabs": tabs,
    "wrong-key": wrong_key,
    "down": down,
    "down-at-first": down_at_first,
    "changed": changed,
    "removed": removed,
}


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main() -> None:
    """Disturb imports, and print what the page says and what is in the CRM."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--to", type=Path, help="The folder for the pictures.")
    parser.add_argument("--language", choices=("en", "ar"), default="en")
    parser.add_argument("--only", nargs="*", choices=[*DISTURBANCES], default=[*DISTURBANCES])
    asked = parser.parse_args()
    if asked.to is not None:
        asked.to.mkdir(parents=True, exist_ok=True)
    os.environ.pop("VOREL_BASE_URL", None)
    are_right = True
    with browser() as chromium:
        for name in asked.only:
            with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
                stage = Stage(Path(folder), chromium, asked.language, asked.to, name, stack)
                stage.open()
                try:
                    DISTURBANCES[name](stage)
                except Exception:
                    stage.picture("failed")
                    raise
                finally:
                    _say("\n".join([name, *stage.said]))
                audited = stage.audit()
                are_right &= "WRONG" not in audited
                _say(f"  {audited}")
                stage.context.close()
    sys.exit(not are_right)


if __name__ == "__main__":
    main()
