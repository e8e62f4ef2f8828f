"""Numbers that the stated region refuses, while another region fits them."""

from __future__ import annotations

from pathlib import Path

import pytest
from lists.checked import command, config

from importer.run.checking.dry_run import check

_OTHER = (
    "phone: most numbers are not of AE, but are written as in DE; "
    "change its region in the mapping file"
)


def test_a_check_names_the_region_that_fits_the_numbers(tmp_path: Path) -> None:
    rows = "".join(f"Anna {n},,0171 23456{n:02},\n" for n in range(12))

    found = check(config(tmp_path, rows))

    assert _OTHER in found.notices
    assert found.refused == 12
    assert _OTHER in " ".join(command(tmp_path).output.split())


@pytest.mark.parametrize("number", ["050 123 45{:02}", "+49 171 23456{:02}", "12{:02}"])
def test_nothing_is_said_where_no_other_region_is_better(tmp_path: Path, number: str) -> None:
    rows = "".join(f"Anna {n},,{number.format(n)},\n" for n in range(12))

    assert not [one for one in check(config(tmp_path, rows)).notices if "most numbers" in one]
