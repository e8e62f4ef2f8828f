"""The last ends of a results file, read from its end."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importer.writer.line_reader import last_lines
from importer.writer.lines.run_line import EndLine


def end(code: int) -> str:
    return json.dumps({"kind": "end", "exit_code": code}, separators=(",", ":"))


def codes(path: Path) -> list[int | None]:
    return [one.exit_code for one in last_lines(path, EndLine)]


@given(
    st.lists(st.sampled_from(["row", "end", "damaged", "", "long"]), max_size=30),
    st.integers(1, 60),
    st.sampled_from(["", '{"kind":"end","exit_code":99}', '{"kind":"e']),
)
def test_every_end_is_found_whatever_the_size_of_a_block(
    tmp_path_factory: pytest.TempPathFactory, kinds: list[str], block: int, torn: str
) -> None:
    lines, expected = [], []
    for code, kind in enumerate(kinds):
        if kind == "end":
            expected.append(code)
        lines.append(
            {"end": end(code), "damaged": '{"kind":"end","exit', "long": "x" * 200}.get(
                kind, json.dumps({"kind": kind, "exit_code": 1})
            )
        )
    path = tmp_path_factory.mktemp("ends") / "r.jsonl"
    path.write_text("".join(f"{line}\n" for line in lines) + torn, "utf-8")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("importer.writer.line_reader._BLOCK_BYTES", block)
        assert codes(path) == expected[::-1]


def test_a_file_that_is_not_there_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        next(last_lines(tmp_path / "none", EndLine))
