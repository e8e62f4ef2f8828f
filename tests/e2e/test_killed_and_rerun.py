"""An import that is killed and run again makes each record once."""

from __future__ import annotations

from pathlib import Path

import pytest
from commands.kill import kill_and_rerun
from commands.kill_files import kill_while_writing

pytestmark = pytest.mark.slow


def test_each_good_row_is_one_record_after_kills_and_faults(tmp_path: Path) -> None:
    """Faults of every kind on one request in twenty, and six kills at random moments."""
    audit = kill_and_rerun(tmp_path, rows=300, kills=6, seed=11)

    assert (audit.twins, audit.lost, audit.wrong_ids) == (0, 0, 0)
    assert audit.records == audit.good
    assert audit.kills == 6


def test_a_kill_while_files_are_written_tears_and_loses_nothing(tmp_path: Path) -> None:
    """Exports, the index, and a results file that is made smaller."""
    audit = kill_while_writing(tmp_path, rows=400, kills=8, seed=5)

    assert (audit.twins, audit.lost, audit.wrong_ids) == (0, 0, 0)
    assert audit.records == audit.good
    assert audit.kills == 8
