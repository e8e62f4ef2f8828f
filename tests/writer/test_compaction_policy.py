"""Whether it may pay to make a results file smaller is found out without reading its lines."""

from __future__ import annotations

from pathlib import Path

import pytest
from stages.versions import NIGHTS, write

from importer.writer import index_file
from importer.writer.index_file import index_path
from importer.writer.loading import load_results
from importer.writer.rewriting import compaction_policy
from importer.writer.rewriting.compaction import compact_if_it_pays
from importer.writer.state.journal_state import JournalState


@pytest.fixture(autouse=True)
def _small_files_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compaction_policy, "_FEW_BYTES", 100)
    monkeypatch.setattr(index_file, "_SMALL_BYTES", 0)


def test_a_file_of_versions_pays_until_they_are_packed(tmp_path: Path) -> None:
    path = write(tmp_path / "a.results.jsonl", *NIGHTS)
    assert compaction_policy.may_save_enough(path)
    done = compact_if_it_pays(path)
    assert done is not None
    assert done.packed == 4
    assert compact_if_it_pays(path) is None


def test_a_file_of_created_rows_does_not_pay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The index says so, and the file is not read."""
    path = write(tmp_path / "a.results.jsonl", *NIGHTS[:3])
    load_results(path, JournalState(), keeps_index=True)
    assert index_path(path).exists()
    monkeypatch.setattr(compaction_policy, "_LONGEST", 10)
    monkeypatch.setattr(compaction_policy, "_by_kinds", lambda *_: pytest.fail("the file is read"))
    assert not compaction_policy.may_save_enough(path)
