"""What a person has decided about one import, and what became of it so far."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, PlainSerializer

from importer.core.locale.message import messages_from_json, messages_to_json
from importer.core.shared import ObjectName

Phase = Literal["never", "running", "ended"]


class ListHints(BaseModel):
    """
    What only a person knows about the values of a list.

    `is_region_unknown` says that a person was asked for the country of its numbers, and has none.
    """

    region: str | None = None
    is_region_unknown: bool = False
    timezone: str | None = None
    month_first: bool | None = None


_Kept = Annotated[Any, BeforeValidator(messages_from_json), PlainSerializer(messages_to_json)]
"""JSON that may have messages in it."""


class SendingState(BaseModel):
    """
    The last time that rows were sent.

    `phase` is "running" from before the first request until the summary is kept: if no task of this
    process sends, the process that did was ended. `presses` counts how often sending was started,
    so that a form that was sent twice is recognised. `summary` is that of the last run over
    the whole list, `pilot` that of the last pilot. `stopped` and `hint` are what the importer says
    of a stop, and `stop` why it was, as `importer.ui.work.list_sending` names it.
    """

    phase: Phase = "never"
    presses: int = 0
    what: str = ""
    summary: _Kept = None
    pilot: _Kept = None
    stopped: _Kept = None
    hint: _Kept = None
    stop: str = ""

    @property
    def is_key_refused(self) -> bool:
        """Whether the service did not take the key, until there is another one."""
        return self.stop == "key"


class State(BaseModel):
    """
    The state of one import.

    `source` is the path of the list, which is a copy of the page's own if `is_copy`. `read` are the
    read options that a person has stated. `fields` has the field that a person has chosen for a
    column, or "" to leave it out; `changes` the keys set in the lines of fields. `rerun` are
    answers to questions of the importer. `results` is the results file. `account` and `operator`
    are names for the report.
    """

    model_config = ConfigDict(extra="ignore")

    id: str
    name: str
    at: str
    source: str
    is_copy: bool
    results: str
    bytes: int = 0
    object: ObjectName = "contact"
    is_object_chosen: bool = False
    read: dict[str, Any] = {}
    fields: dict[str, str] = {}
    changes: dict[str, dict[str, Any]] = {}
    hints: ListHints = ListHints()
    base_url: str | None = None
    rate: int = 200
    account: str = ""
    operator: str = ""
    rerun: dict[str, Any] = {}
    run: SendingState = SendingState()
