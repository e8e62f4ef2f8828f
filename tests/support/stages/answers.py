"""A client of an address where respx answers, for the tests of what answers mean."""

from __future__ import annotations

from typing import Any

from importer.core.records import Record, Row
from importer.sender.answer import Answer
from importer.sender.vorel.client import Client

KEY = "vapk_live_" + "5eac" * 12
HOST = "https://vorel.test"
URL = HOST + "/api/v1/crm/create-record"
ELSEWHERE = "https://elsewhere.test"


async def send(client: Client) -> Answer:
    return await client.create(a_record("contact", {"name": "Ada"}), "vi1-0")


def a_record(kind: str, fields: dict[str, Any]) -> Record:
    """A record of some row with these fields."""
    row = Row(number=1, line=2, source="people.csv", values={})
    return Record(row=row, object=kind, fields=fields)


def texts(answer: Answer) -> str:
    """Everything of an answer that may be shown or kept."""
    return f"{answer!r} {answer.stop} {answer.stop and answer.stop.hint}"


def envelope(code: str, message: str) -> dict[str, Any]:
    return {"error": {"code": code, "message": message}}
