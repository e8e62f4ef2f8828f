"""Delivery works with anything that is a destination."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import anyio.lowlevel
from respx import MockRouter
from stages.answers import URL, a_record
from stages.delivery import Run, Stepped

from importer.core.errors import RefusedError
from importer.core.locale.message import Message
from importer.core.records import Origin, Record, RowError, Send, Status
from importer.sender.answer import Answer, Destination, Meaning
from importer.sender.vorel.client import Client


@dataclass
class Notebook:
    """Another destination: it writes down names, has few pages, and knows what it has by key."""

    pages: int
    names: dict[str, str] = field(default_factory=dict)

    async def create(self, record: Record, key: str) -> Answer:
        await anyio.lowlevel.checkpoint()
        name = record.fields.get("name")
        if name is None:
            error = RowError(code="nameless", origin=Origin.CRM, message=Message("no name"))
            return Answer(meaning=Meaning.REFUSED, error=error)
        if len(self.names) == self.pages:
            return Answer(meaning=Meaning.STOP, stop=RefusedError("the notebook is full"))
        self.names.setdefault(key, str(name))
        return Answer(meaning=Meaning.CREATED, external_id=f"page {list(self.names).index(key)}")


def named(row: Send, key: str, **fields: str) -> Send:
    return replace(row, key=f"vi1-{key}", record=replace(row.record, fields=fields))


async def test_rows_are_delivered_to_another_destination(stepped: Stepped, row: Send) -> None:
    run, notebook = Run(stepped[0]), Notebook(pages=2)
    rows = [named(row, "a", name="Ada"), named(row, "b"), named(row, "c", name="Bo")]
    out = await run.deliver_all(notebook, *rows, workers=1)
    assert [(one.status, one.external_id) for one in out if one] == [
        (Status.CREATED, "page 0"),
        (Status.FAILED, None),
        (Status.CREATED, "page 1"),
    ]
    assert await run.deliver(notebook, named(row, "d", name="Cy")) is None
    assert run.control.reason is not None
    assert run.control.reason.message == "the notebook is full"
    assert notebook.names == {"vi1-a": "Ada", "vi1-c": "Bo"}


async def test_the_client_of_vorel_is_a_destination(server: MockRouter, client: Client) -> None:
    server.post(URL).respond(json={"ok": True, "external_id": "7"})
    destination: Destination = client
    answer = await destination.create(a_record("contact", {"name": "Ada"}), "vi1-0")
    assert (answer.meaning, answer.external_id) == (Meaning.CREATED, "7")
