"""An import that is killed and run again makes each record once."""

from __future__ import annotations

from pathlib import Path

import pytest
from commands.kill import kill_and_rerun


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_each_good_row_is_one_record_after_kills_and_faults(tmp_path: Path) -> None:
    """Faults of every kind on one request in twenty, and six kills at random moments."""
    audit = kill_and_rerun(tmp_path, rows=300, kills=6, seed=11)

    assert (audit.twins, audit.lost, audit.wrong_ids) == (0, 0, 0)
    assert audit.records == audit.good
    assert audit.kills == 6
