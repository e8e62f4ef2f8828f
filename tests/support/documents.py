"""The documents, as what their readers type: commands, configurations and programs."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

from commands.inside import vorel_import
from commands.process import environment, start

from importer.sandbox import Sandbox

__all__ = ["DOCS", "Reader", "blocks", "commands", "text_of"]

DOCS = Path(__file__).parents[2] / "docs"


def text_of(page: str) -> str:
    """Return a page of `docs/`, such as `tutorials/nightly.md`."""
    return (DOCS / page).read_text(encoding="utf-8")


def blocks(page: str, language: str) -> list[str]:
    """Return the code blocks of a page that are in a language, in their order."""
    return re.findall(rf"^ *```{language}\n(.*?)^ *```", text_of(page), re.DOTALL | re.MULTILINE)


def commands(page: str) -> Iterator[list[str]]:
    """Yield the words of each command of a page, in their order."""
    for block in blocks(page, "console"):
        for line in block.splitlines():
            prompt, _, command = line.strip().partition(" ")
            assert prompt == "$", line
            yield shlex.split(command)


class Reader:
    """
    Somebody who follows a page: the folder they are in, and what the commands ended with.

    Their commands talk to a sandbox that is running.
    """

    def __init__(self, folder: Path, sandbox: Sandbox) -> None:
        self.folder = folder
        self.sandbox = sandbox
        self.ended: list[tuple[str, int]] = []

    def follow(self, words: list[str]) -> str:
        """Type a command, and return all that it prints."""
        program, *rest = words
        if program == "cd":
            self.folder /= rest[0]
            return ""
        if program == "export":  # the key of the page: this one has the sandbox's
            return ""
        assert program == "vorel-import"
        if rest[0] in {"sandbox", "ui"}:
            self._serves(*rest)
            return ""
        env = {"VOREL_API_KEY": self.sandbox.api_key, "VOREL_BASE_URL": self.sandbox.url}
        done = vorel_import(*rest, cwd=self.folder, env=env)
        self.ended.append((rest[0], done.returncode))
        return done.stdout + done.stderr

    def write(self, name: str, *lines: str) -> Path:
        """Save a file of lines in the folder."""
        path = self.folder / name
        path.write_text("\n".join([*lines, ""]), encoding="utf-8")
        return path

    def _serves(self, command: str, *flags: str) -> None:
        """Start what runs until it is stopped, and stop it."""
        more = ["--no-browser", "--json"] if command == "ui" else ["--port", "0", "--json"]
        state = environment(XDG_STATE_HOME=str(self.folder))
        with start(command, *flags, *more, cwd=self.folder, env=state) as process:
            assert process.stdout is not None
            assert json.loads(process.stdout.readline())["url"].startswith("http://127.0.0.1:")
            process.terminate()
            assert process.wait(90) == 0
