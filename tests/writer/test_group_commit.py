"""Lines that are ready together are written together, and a failure is final."""

from __future__ import annotations

from collections.abc import Sequence

import anyio
import anyio.lowlevel
import pytest

from importer.core.errors import JournalError
from importer.writer.group_commit import GroupCommit


class Store:
    def __init__(self, error: BaseException | None = None) -> None:
        self.error = error
        self.batches: list[list[bytes]] = []

    async def write(self, lines: Sequence[bytes]) -> None:
        await anyio.lowlevel.checkpoint()
        self.batches.append(list(lines))
        if self.error is not None:
            raise self.error


def failure(reason: str) -> JournalError:
    return JournalError(f"cannot be written: {reason}")


async def test_lines_of_several_workers_are_one_batch() -> None:
    store = Store()
    commit = GroupCommit(store.write, failure)
    told: list[JournalError | None] = []
    commit.put({"kind": "row", "row": 1}, then=told.append)
    async with anyio.create_task_group() as workers:
        for row in (2, 3):
            workers.start_soon(commit.append, {"kind": "sent", "row": row})
    lines = [b'{"kind":"row","row":1}\n', *(b'{"kind":"sent","row":%d}\n' % n for n in (2, 3))]
    assert [sorted(batch) for batch in store.batches] == [lines]
    assert told == [None]


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (JournalError("the lease is lost"), "the lease is lost"),
        (OSError(28, "No space left"), "cannot be written: No space left"),
    ],
)
async def test_after_a_failure_nothing_is_written_any_more(error: Exception, words: str) -> None:
    store = Store(error)
    commit = GroupCommit(store.write, failure)
    told: list[JournalError | None] = []
    commit.put({"kind": "row"}, then=told.append)
    with pytest.raises(JournalError, match=words):
        await commit.append({"kind": "sent"})
    store.error = None
    with pytest.raises(JournalError, match=words):
        await commit.append({"kind": "sent"})
    assert len(store.batches) == 1
    assert [str(one) for one in told] == [words]
