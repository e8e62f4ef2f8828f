"""What the page says after a disturbance: why, what to do, and nothing of the command line."""

from __future__ import annotations

import re
import socket
from pathlib import Path

import pytest
from visitor import Visitor, served

from importer.core.locale.language import language
from importer.core.locale.message import Message
from importer.sandbox import Sandbox
from importer.ui.words.show import Show
from importer.ui.work.list_sending import STOP_HINTS

OTHER_KEY = "vapk_test_" + "6b" * 24
COMMAND_LINE = re.compile(r"--[a-z]|VOREL_|same command|vorel-import")
HEADER = "Name,E-mail,Phone\n"


def people(path: Path, count: int = 30) -> Path:
    rows = (f"Person {n},p{n}@example.com,+97150555{n:04}\n" for n in range(count))
    path.write_text(HEADER + "".join(rows), encoding="utf-8")
    return path


def said(visitor: Visitor) -> str:
    found = re.search(r"<main.*</main>", visitor.text, re.DOTALL)
    assert found is not None
    return re.sub(r"<[^>]+>", " ", found[0])


def test_after_a_refused_key_another_one_is_asked_for(
    visitor: Visitor, sandbox: Sandbox, tmp_path: Path
) -> None:
    visitor.upload(people(tmp_path / "people.csv")).matched()
    visitor.key(OTHER_KEY, sandbox.url).press("all")
    assert visitor.heading == "The key was refused"
    for text in ("Nothing was sent.", "Type another key", "Integrations"):
        assert text in visitor.text
    assert not re.search(r"(?<![:\d])401\b", said(visitor))  # but a port may begin with it
    assert "is on record" not in said(visitor)
    visitor.key(sandbox.api_key, sandbox.url).press("all")
    assert visitor.go("result").heading.startswith("All 30 ")


@pytest.mark.parametrize("code", ["en", "ar"])
def test_a_service_that_cannot_be_reached(code: str, folder: Path, tmp_path: Path) -> None:
    with socket.socket() as taken:  # nobody listens there
        taken.bind(("127.0.0.1", 0))
        nowhere = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with served(folder, base_url=nowhere) as visitor:
            visitor.upload(people(tmp_path / "people.csv")).matched().key(OTHER_KEY, nowhere)
            visitor.client.headers["Accept-Language"] = code
            visitor.go("send").press("all")
    assert language(code).gettext(STOP_HINTS["unreached"]) in visitor.text
    assert not COMMAND_LINE.search(said(visitor))


def test_a_list_that_was_changed_meanwhile_is_read_again(
    visitor: Visitor, sandbox: Sandbox, tmp_path: Path
) -> None:
    path = people(tmp_path / "people.csv")
    visitor.get("/").send("/imports/path", path=str(path))
    visitor.opened().matched().key(sandbox.api_key, sandbox.url).press("all")
    people(path, 31)
    assert "The list was changed or moved since it was read." in visitor.go("result").text
    visitor.go("read")
    assert "The list has changed since it was read last" in visitor.text
    visitor.matched().key(sandbox.api_key, sandbox.url).press("all")
    assert visitor.go("result").heading.startswith("All 31 ")
    assert len(sandbox.records()) == 31


@pytest.mark.parametrize(
    ("hint", "shown"),
    [
        (
            "Connect one under Settings > Integrations, then run the same command again.",
            "Connect one under Settings > Integrations, then continue.",
        ),
        (
            "Look it up in the CRM. If it is not there: --resend-unknown sends it.",
            "Look it up in the CRM.",
        ),
        ("Check --base-url (VOREL_BASE_URL).", "Check the “Address of the service”."),
        (None, ""),
    ],
)
def test_hints_for_the_command_line_are_not_shown(hint: str | None, shown: str) -> None:
    assert Show(language("en")).hint(hint and Message(hint)).unescape() == shown
    assert not COMMAND_LINE.search(Show(language("ar")).hint(hint))
