"""What is printed: nothing that comes from a list or a server acts on the terminal."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest
from commands.inside import vorel_import
from hypothesis import given
from hypothesis import strategies as st

from importer.cli.terminal_text import cut, printable
from importer.core.shared import HIDDEN, one_line
from importer.sandbox import Sandbox

SIGNS = "\x1b\x9b\x07\r\x7f\u202e\u2066\u200f\u2028\ufeff"


@given(st.text(), st.sampled_from([*SIGNS, "\U000e0041", "\x00", "\t"]))
def test_no_sign_that_is_not_seen_is_printed(text: str, sign: str) -> None:
    shown = printable(f"{text}{sign}\n{text}")

    assert not HIDDEN.search(shown.replace("\n", ""))
    assert "\n" not in one_line(f"{text}\n{sign}")
    shown.encode("utf-8")


def test_what_is_seen_is_printed_as_it_stands() -> None:
    text = "Amal أمل, José, 😀, می\u200cخواهم\nnext"

    assert printable(text) == text
    assert one_line("\x1b[2J\u202e") == "\\u001b[2J\\u202e"
    assert cut("a\tb" + "c" * 9, 6) == "a\\tbc…"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A list whose every part tries to act on the terminal, its name among them."""
    evil = SIGNS.replace("\r", "")
    (tmp_path / "mapping.toml").write_text(
        'object = "contact"\n[fields]\nfirst_name = "First Name"\n'
        'email = "E-mail"\nbirthday = { column = "Born", type = "date" }\n',
        encoding="utf-8",
    )
    (tmp_path / "people\x1b[2J\u202e.csv").write_text(
        f"First Name,E-mail,Born,Odd{evil}\n"
        f"Omar{evil},omar@example.com,{evil},x{evil}\n"
        f"Lina,lina@example.com,the{evil} 5th,\n"
        f"Sami,no{evil}address,,\n",
        encoding="utf-8",
    )
    return tmp_path


@pytest.mark.parametrize(
    "command",
    [
        ("map", "--object", "contact"),
        ("map", "--object", "contact", "--json"),
        ("map", "--object", "contact", "--encoding", "ascii"),
        ("check", "--mapping", "mapping.toml"),
        ("check", "--mapping", "mapping.toml", "--json"),
        ("check", "--object", "contact"),
        ("run", "--mapping", "mapping.toml", "-v", "--log-file", "log.txt"),
        ("run", "--mapping", "mapping.toml", "--json"),
        ("run", "--mapping", "mapping.toml", "--\x1b[2J\u202e"),
        ("run", "--mapping", "no\x1b[2J\u202e.toml"),
    ],
)
def test_no_command_prints_what_a_list_would_do_to_a_terminal(
    folder: Path, sandbox: Sandbox, command: tuple[str, ...]
) -> None:
    name, *flags = command
    env = {"VOREL_API_KEY": sandbox.api_key, "VOREL_BASE_URL": sandbox.url}

    (source,) = folder.glob("*.csv")
    ended = vorel_import(name, source.name, *flags, cwd=folder, env=env)
    shown = vorel_import("status", f"{source.stem}.results.jsonl", cwd=folder)

    texts = [ended.stdout, ended.stderr, shown.stdout, shown.stderr]
    texts += [path.read_text(encoding="utf-8") for path in folder.glob("log.txt")]
    assert ended.stdout + ended.stderr
    for text in texts:
        assert not HIDDEN.search(text.replace("\n", "")), text


def test_a_mapping_that_is_printed_is_the_one_for_the_list(folder: Path) -> None:
    (source,) = folder.glob("*.csv")

    printed = vorel_import("map", source.name, "--object", "contact", cwd=folder).stdout

    assert tomllib.loads(printed)["fields"]["first_name"] == "First Name"


def test_json_is_read_back_as_it_was(folder: Path) -> None:
    (source,) = folder.glob("*.csv")

    printed = vorel_import("map", source.name, "--object", "contact", "--json", cwd=folder).stdout

    columns = [column["column"] for column in json.loads(printed)["columns"]]
    assert columns[3].startswith("Odd")
    assert "\u202e" in columns[3]
