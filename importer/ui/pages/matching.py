"""The step in which each column gets its field."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any
from zoneinfo import available_timezones

from starlette.responses import Response

from importer.core.errors import ConfigError, MappingError
from importer.mapper.kinds.country import country_names
from importer.suggesting.stated import region_of, zone_of
from importer.ui.pages.steps import redraft
from importer.ui.site import Visit
from importer.ui.store.folder import SCHEMA
from importer.ui.words.problem_words import FORMATS
from importer.ui.work.list_reading import is_out_of_date
from importer.ui.work.page_config import kind_of, schema_of

if TYPE_CHECKING:
    from importer.mapper.schema.object_schema import ObjectSchema
    from importer.ui.forms import Form
    from importer.ui.store.folder import Import
    from importer.ui.store.state import ListHints, State

_ON_A_PAGE = 40
_UNKNOWN = "unknown"
"""The choice of a person who does not know the country of phone numbers."""
_OPEN = "?"
_UNSURE, _FAULTY, _LIKELY, _NOT_SENT, _CERTAIN = range(5)
_TAKE = ("columns", "join", "valid_first", "template", "separator")


def show(visit: Visit) -> Response:
    """Show a row for each column, with its suggestion, and the questions about values."""
    one = visit.one
    draft = one.kept("draft")
    if draft is None or is_out_of_date(one):
        return visit.step("read")
    schema = schema_of(one)
    lines = {line["field"]: line for line in draft["lines"] if line["active"]}
    lines = {line["field"]: line for line in draft["lines"]} | lines
    columns = [*enumerate(draft["columns"])]
    filled = [(at, column) for at, column in columns if column["filled"] or column["chosen"]]
    shown = sorted(columns if visit.query("all") else filled, key=lambda one: _rank(one[1], lines))
    start = visit.start()
    page = shown[start : start + _ON_A_PAGE]
    kinds = {name: kind_of(schema, name, line) for name, line in lines.items()}
    chosen = {column["chosen"] for _, column in columns}
    return visit.page(
        "match.html",
        step="match",
        draft=draft,
        earlier=_earlier(visit, draft),
        unsure=[one for one in page if _rank(one[1], lines) != _CERTAIN],
        certain=[one for one in page if _rank(one[1], lines) == _CERTAIN],
        empty=[column for at, column in columns if (at, column) not in shown],
        start=start,
        following=start + _ON_A_PAGE if len(shown) > start + _ON_A_PAGE else None,
        lines=lines,
        kinds=kinds,
        asks={
            "region": _asks_region(one.state.hints, draft, lines),
            "timezone": "datetime" in kinds.values(),
            "month_first": not {"date", "datetime"}.isdisjoint(kinds.values()),
        },
        schema=schema,
        has_own=one.schema is not None,
        fields=[*schema.fields],
        lacking=_lacking(schema, draft),
        constants={
            name: line["table"]["const"] for name, line in lines.items() if "const" in line["table"]
        },
        free=[name for name in schema.fields if name not in chosen],
        countries=country_names(visit.language.code),
        region=_region(one.state.hints, draft),
        lacks_country=bool(visit.query("lacks")) and is_country_lacking(one.state.hints, draft),
        zones=zones(),
        formats=FORMATS,
    )


@cache
def zones() -> list[str]:
    """Return the names of all time zones of places."""
    places = ("Africa/", "America/", "Asia/", "Atlantic/", "Australia/", "Europe/", "Indian/")
    found = (name for name in available_timezones() if name.startswith((*places, "Pacific/")))
    return [*sorted(found), "UTC"]


def _earlier(visit: Visit, draft: Mapping[str, Any]) -> Import | None:
    """Return the last import of a list with these columns that a person has matched, if any."""
    one = visit.one
    if one.state.fields or one.state.changes:
        return None
    names = [column["name"] for column in draft["columns"]]
    alike = (
        other
        for other in visit.site.store.all()
        if other.id != one.id
        and other.state.object == one.state.object
        and (other.state.fields or other.state.changes)
        and [column["name"] for column in (other.kept("draft") or {}).get("columns", ())] == names
    )
    return next(alike, None)  # the newest comes first


def _rank(column: Mapping[str, Any], lines: Mapping[str, Mapping[str, Any]]) -> int:
    """Return how much a person has to look at a column: the least comes first."""
    chosen = column["chosen"]
    line = lines.get(chosen)
    if not chosen:
        return _UNSURE if column["field"] else _NOT_SENT
    tally = line["tally"] if line else None
    if line is None or not line["active"] or line["words"]:
        return _UNSURE
    if tally and (tally["refused"] or tally["left_out"] or tally["kept"]):
        return _FAULTY
    is_certain = chosen == column["field"] and column["confidence"] == "certain"
    return _CERTAIN if is_certain else _LIKELY


def _region(hints: ListHints, draft: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the question for the country of numbers shows, and which answer it has."""
    asked = draft.get("region") or {"is_needed": False, "likely": [], "only": None}
    given = _UNKNOWN if hints.is_region_unknown else hints.region
    is_open = draft.get("region") is not None
    return {**asked, "is_open": is_open, "given": given or asked["only"] or "", "unknown": _UNKNOWN}


def _asks_region(
    hints: ListHints, draft: Mapping[str, Any], lines: Mapping[str, Mapping[str, Any]]
) -> bool:
    """Return whether some numbers have no country code, or a person has said where they are of."""
    is_said = hints.region is not None or hints.is_region_unknown
    is_found = any("region" in line["table"] for line in lines.values())
    return is_said or is_found or draft.get("region") is not None


def is_country_lacking(hints: ListHints, draft: Mapping[str, Any]) -> bool:
    """Return whether most phone numbers need a country, and nobody has said which."""
    asked = draft.get("region")
    return asked is not None and asked["is_needed"] and not hints.is_region_unknown


def _lacking(schema: ObjectSchema, draft: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return the fields without which no row can be sent: all of some, or one of some."""
    there = {line["field"] for line in draft["lines"] if line["active"]}
    return {
        "all": [name for name in schema.required if name not in there],
        "one": [*schema.any_of] if schema.any_of and there.isdisjoint(schema.any_of) else [],
    }


def change(visit: Visit) -> Response:
    """Take in what a person has decided about columns and fields, and draft the mapping anew."""
    one, form = visit.one, visit.form
    draft = one.kept("draft")
    if draft is None or is_out_of_date(one):
        return visit.step("read")
    earlier = _earlier(visit, draft)
    if earlier is not None and form.get("earlier") == earlier.id:
        with one.update() as state:
            state.hints, state.fields = earlier.state.hints, dict(earlier.state.fields)
            state.changes = {name: dict(keys) for name, keys in earlier.state.changes.items()}
        redraft(visit.site, one)
        return visit.step("match")
    schema = schema_of(one)
    hints = _read_hints(form, one.state.hints)
    with one.update() as state:
        state.hints = hints
        _take_fields(state, form.starting("field."), draft, schema)
        _take_options(state, dict(form.starting("option.")), draft)
        _take_words(state, dict(form.starting("word.")), draft)
        if (name := form.get("constant")) in schema.fields and form.get("constant_text"):
            state.changes[name] = {"const": form.get("constant_text")}
        for name, _ in form.starting("remove."):
            state.changes.pop(name, None)
    redraft(visit.site, one)
    if form.get("then") != "check":
        return visit.step("match")
    drafted = one.kept("draft") or {}
    if is_country_lacking(hints, drafted):
        return visit.step("match", lacks="country")
    if any(_lacking(schema, drafted).values()):
        return visit.step("match")  # which says so
    return visit.step("check")


def take_schema(visit: Visit) -> Response:
    """Take in a file with fields of the person's own, or forget it, and draft the mapping anew."""
    one, upload = visit.one, visit.form.upload
    if visit.form.get("remove"):
        (one.folder / SCHEMA).unlink(missing_ok=True)
    elif upload is None:
        raise ConfigError("no file was chosen, or it is empty", hint="Choose the file, then press.")
    else:
        try:
            schema_of(one, path=upload.path)
        except MappingError as error:
            message = error.message.map_texts(
                lambda text: text.replace(str(upload.path), upload.name)
            )
            raise ConfigError(message, hint=error.hint) from None
        upload.path.replace(one.folder / SCHEMA)
    redraft(visit.site, one)
    return visit.step("match")


def _read_hints(form: Form, before: ListHints) -> ListHints:
    """Return what a form says of the values; what it does not ask stays. Raises `ConfigError`."""
    found = before.model_copy()
    if "region" in form.fields:
        given = form.get("region")
        found.is_region_unknown = given == _UNKNOWN
        found.region = region_of(given) if given and given != _UNKNOWN else None
    if "timezone" in form.fields:
        found.timezone = zone_of(form.get("timezone")) if form.get("timezone") else None
    if "month_first" in form.fields:
        found.month_first = {"day": False, "month": True}.get(form.get("month_first"))
    return found


def _take_fields(state: State, given: Any, draft: Mapping[str, Any], schema: ObjectSchema) -> None:
    columns = draft["columns"]
    for at, field in given:
        if not at.isdecimal() or int(at) >= len(columns):
            continue
        column = columns[int(at)]
        before = column["chosen"]
        if field == before or (field and field not in schema.fields):
            continue
        state.fields[column["name"]] = field
        for name in (before, field):
            # Keys that name columns are no longer right; the others are about the values before.
            if change := state.changes.get(name):
                state.changes[name] = {key: one for key, one in change.items() if key not in _TAKE}
        if before and not any(
            other["chosen"] == before for other in columns if other is not column
        ):
            state.changes.pop(before, None)


def _take_options(state: State, given: Mapping[str, str], draft: Mapping[str, Any]) -> None:
    """Take in how the values of fields are read: `option.<field>.<key>`."""
    lines = {line["field"]: line for line in draft["lines"]}
    for name, sent in given.items():
        field, _, key = name.rpartition(".")
        line, text = lines.get(field), sent.replace("\r\n", "\n")
        if line is None or key not in OPTIONS or text == shown_option(line["table"], key):
            continue
        state.changes[field] = {**state.changes.get(field, {}), **OPTIONS[key](line, text)}


def _take_words(state: State, given: Mapping[str, str], draft: Mapping[str, Any]) -> None:
    """Take in what the words of a column stand for: `word.<field>.<number of the word>`."""
    for line in draft["lines"]:
        words = line.get("words", ())
        chosen = [given.get(f"{line['field']}.{at}", _OPEN) for at in range(len(words))]
        if words and _OPEN not in chosen:
            stand_for = {one["text"]: text for one, text in zip(words, chosen, strict=True)}
            change = state.changes.get(line["field"], {})
            state.changes[line["field"]] = {**change, "values": stand_for}


def shown_option(table: Mapping[str, Any], key: str) -> str:
    """Return the value of an option as the form shows it."""
    if key == "take":
        if "join" in table:
            return "join"
        return "valid" if "valid_first" in table else "first"
    if key == "format":
        formats = table.get("formats", [])
        return formats[0] if len(formats) == 1 else "+" if formats else ""
    value = table.get(key, "")
    if key == "split" and isinstance(value, list):
        return "+"
    return value if isinstance(value, str) else str(value).lower() if value else ""


def _take(line: Mapping[str, Any], text: str) -> dict[str, Any]:
    none: dict[str, Any] = dict.fromkeys((*_TAKE, "column"))
    columns = line["columns"]
    if text == "join":
        return {**none, "join": columns, "separator": " "}
    if text == "valid":
        return {**none, "valid_first": columns}
    return {**none, "columns": columns}


def _format(_: Mapping[str, Any], text: str) -> dict[str, Any]:
    return {} if text == "+" else {"formats": [text] if text else None}


def _split(_: Mapping[str, Any], text: str) -> dict[str, Any]:
    return {} if text == "+" else {"split": text or None}


def _plain(key: str) -> Any:
    return lambda _, text: {key: text or None}


OPTIONS: Mapping[str, Any] = {
    "take": _take,
    "format": _format,
    "timezone": lambda _, text: {"timezone": zone_of(text) if text else None},
    "decimal_mark": _plain("decimal_mark"),
    "split": _split,
    "on_error": _plain("on_error"),
    "default": _plain("default"),
    "truncate": lambda _, text: {"truncate": True if text == "true" else None},
}
"""How the values of a field are read, by name: what the line of the field has for a text."""
