"""Tables that a person has written: their keys, and what is said about those that are wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from importer.core.locale.message import Message, message_of
from importer.mapper.headers.names import no_such_key

Name = Annotated[str, Field(min_length=1)]
Names = Annotated[list[Name], Field(min_length=1)]
_Table = TypeVar("_Table", bound=BaseModel)


class Strict(BaseModel):
    """What a person has written: unknown keys and values of other types are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True)


def stated(expected: str, default: Any = None, **rules: Any) -> Any:
    """Declare a key of a table; `expected` completes "it must be …"."""
    return Field(default, description=expected, **rules)


def checked_by(check: Callable[[str], object]) -> AfterValidator:
    """Return a validator of a key's text; `check` raises `ValueError` for a bad one."""

    def validate(text: str) -> str:
        try:
            check(text)
        except ValueError as error:
            raise ValueError(Message("%(value)s: %(fault)s", value=text, fault=error)) from error
        return text

    return AfterValidator(validate)


def checked(
    table: type[_Table],
    given: object,
    faults: list[Message],
    *,
    where: str = "",
    keys: Iterable[str] = (),
    otherwise: str = "",
) -> _Table | None:
    """
    Return what is `given` as a table, or None after adding a fault for each wrong key to `faults`.

    `where` is in front of the names of keys in messages. A name that does not exist is compared
    with `keys`, by default those of the table; `otherwise` is said if it is close to none.
    """
    try:
        return table.model_validate(given)
    except ValidationError as error:
        found = error.errors()
    # Of the types of a union, one says what is wrong, and others that they are not it.
    worded = {fault["loc"][0] for fault in found if fault["type"] == "value_error"}
    fields = {one.alias or name: one.description for name, one in table.model_fields.items()}
    for fault in found:
        name, *inner = map(str, fault["loc"])
        expected = fields.get(name, fields.get(name.removeprefix("x-")))
        if fault["type"] == "extra_forbidden" and not inner:
            said = no_such_key(f"{where}{name}", keys or fields, otherwise)
        elif fault["type"] == "value_error" or expected is None:
            why = fault.get("ctx", {}).get("error")
            what = fault["msg"] if why is None else message_of(why)
            said = Message("%(key)s: %(fault)s.", key=f"{where}{name}", fault=what)
        elif fault["loc"][0] not in worded:
            said = Message(
                "%(key)s: it must be %(expected)s.", key=f"{where}{name}", expected=expected
            )
        else:
            continue
        if said not in faults:
            faults.append(said)
    return None
