"""The simulation notices when what keeps a promise is taken out of the importer."""

from __future__ import annotations

import pytest
from simulation.mutants import MUTANTS, mutated
from simulation.report import Failure
from simulation.seeds import try_seed

SEEDS = 150


@pytest.mark.timeout(600)  # some show only after a hundred seeds, and coverage doubles the time
@pytest.mark.parametrize("name", MUTANTS)
def test_a_broken_importer_is_found_out(name: str) -> None:
    with mutated(name):
        assert any(isinstance(try_seed(seed), Failure) for seed in range(SEEDS)), name


def test_what_was_broken_is_whole_again() -> None:
    for name in MUTANTS:
        with mutated(name):
            pass

    assert not isinstance(try_seed(0), Failure)
