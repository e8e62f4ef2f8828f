"""A file says what shall go wrong; a mistake in it is named."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from documents import blocks, text_of

from importer.core.errors import ConfigError
from importer.sandbox import Fault, Faults, Rate, Step, load_faults
from importer.sandbox.injected_faults import KINDS


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_toml_file_says_it_all(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "faults.toml",
        """
        seed = 3
        revoke_key_after = 900
        [rates]
        error_500 = 0.02
        latency = { share = 0.05, seconds = 0.1 }
        crm_error = { share = 0.01, error = "quota_exceeded", stored = true }
        [[script]]
        fault = "error_503"
        from_seconds = 30
        to_seconds = 60.5
        retry_after = 5
        [[script]]
        fault = "reset_after"
        from = 10
        to = 20
        [[script]]
        fault = "hang"
        nth = [3, 5]
        [[script]]
        fault = "half_body"
        nth = 4
        """,
    )
    hang = Fault(kind="hang")
    assert load_faults(path) == Faults(
        seed=3,
        revoke_key_after=900,
        rates=(
            Rate(Fault(kind="error_500"), 0.02),
            Rate(Fault(kind="latency", seconds=0.1), 0.05),
            Rate(Fault(kind="crm_error", error="quota_exceeded", stored=True), 0.01),
        ),
        script=(
            Step(fault=Fault(kind="error_503", retry_after=5), from_seconds=30, to_seconds=60.5),
            Step(fault=Fault(kind="reset_after"), from_request=10, to_request=20),
            Step(fault=hang, from_request=3, to_request=3),
            Step(fault=hang, from_request=5, to_request=5),
            Step(fault=Fault(kind="half_body"), from_request=4, to_request=4),
        ),
    )


def test_a_json_file_does_as_well(tmp_path: Path) -> None:
    path = write(tmp_path, "faults.json", '{"rates": {"hang": 0.5}}')
    assert load_faults(path) == Faults(rates=(Rate(Fault(kind="hang"), 0.5),))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "[rates]\neror_500 = 0.1",
            ["rates: unknown name 'eror_500'", "Did you mean 'error_500'?"],
        ),
        ("rate = 1", ["the file: unknown name 'rate'", "Did you mean 'rates'?"]),
        ("zzz = 1", ["unknown name 'zzz'", "Known names: seed, rates"]),
        ("rates = 1", ["rates: must be a table"]),
        ("script = 1", ["script: must be a list"]),
        ("script = [1]", ["script entry 1: must be a table"]),
        ("seed = 'x'", ["seed must be an integer, is 'x'"]),
        ("seed = true", ["seed must be an integer"]),
        ("[rates]\nhang = {seconds = 1}", ["rates.hang: needs a share"]),
        ("[rates]\nhang = {share = 0.1, second = 1}", ["Did you mean 'seconds'?"]),
        ("[rates]\nhang = 'often'", ["share must be an integer or a number"]),
        ("[rates]\nhang = 7", ["a share lies between 0 and 1"]),
        ("[[script]]\nnth = 1", ["script entry 1: needs a fault"]),
        ("[[script]]\nfault = 'hung'", ["Did you mean 'hang'?"]),
        ("[[script]]\nfault = 'hang'\nnth = [1, 'x']", ["nth must hold integers"]),
        ("[[script]]\nfault = 'hang'\nnth = 1\nto = 3", ["nth names requests alone"]),
        ("[[script", ["is not TOML"]),
    ],
)
def test_a_mistake_in_a_file_is_named(tmp_path: Path, text: str, words: list[str]) -> None:
    path = write(tmp_path, "faults.toml", text)
    with pytest.raises(ConfigError) as caught:
        load_faults(path)
    assert str(path) in str(caught.value)
    for word in words:
        assert word in str(caught.value)


def test_a_file_that_is_no_json_or_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="is not JSON"):
        load_faults(write(tmp_path, "faults.json", "{"))
    with pytest.raises(ConfigError, match="cannot be read"):
        load_faults(tmp_path / "missing.toml")


def test_the_file_in_the_documentation_loads_and_every_kind_is_explained(tmp_path: Path) -> None:
    (block,) = blocks("sandbox.md", "toml")
    faults = load_faults(write(tmp_path, "faults.toml", block))
    assert (faults.seed, len(faults.rates), len(faults.script)) == (7, 4, 4)
    assert [kind for kind in KINDS if f"`{kind}`" not in text_of("sandbox.md")] == []


def test_the_program_in_the_documentation_works() -> None:
    (program,) = blocks("sandbox.md", "python")
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert ended.stderr == ""
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+ vapk_test_[0-9a-f]+\n\[\]\n", ended.stdout)
