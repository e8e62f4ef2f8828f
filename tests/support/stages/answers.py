"""A client of an address where respx answers, for the tests of what answers mean."""

from __future__ import annotations

from typing import Any

from importer.sender import Client
from importer.sender.vorel.answers import Answer

KEY = "vapk_live_" + "5eac" * 12
HOST = "https://vorel.test"
URL = HOST + "/api/v1/crm/create-record"
ELSEWHERE = "https://elsewhere.test"


async def send(client: Client) -> Answer:
    return await client.create_record("contact", {"name": "Ada"}, "vi1-0")


def texts(answer: Answer) -> str:
    """Everything of an answer that may be shown or kept."""
    return f"{answer!r} {answer.stop} {answer.stop and answer.stop.hint}"


def envelope(code: str, message: str) -> dict[str, Any]:
    return {"error": {"code": code, "message": message}}
