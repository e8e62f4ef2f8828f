"""Writes suggestions as a mapping file that loads at once, with comments on what to decide."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from importer.mapper.headers.names import normalize_header
from importer.mapper.kinds import KINDS
from importer.mapper.mapping.toml_text import toml_key, toml_value
from importer.mapper.schema.objects import FieldSpec, ObjectSchema
from importer.mapper.suggest.choice import Choice
from importer.mapper.suggest.formats import Finding, date_formats, decimal_mark, null_words
from importer.mapper.suggest.looks import look
from importer.mapper.suggest.sensitive import mask

__all__ = ["Draft", "draft_mapping", "show"]

_SAMPLES, _WIDTH = 3, 24
_SPLITS = (";", "|", ",")
_OFFSET = re.compile(r":[0-9.]+ ?(?:Z|UTC|GMT|[+-][0-9]{2}:?[0-9]{2})$", re.IGNORECASE)
_ORDER = ("date", "start", "end", "time", "first", "last")
# Words that can only mean one of the allowed values.
_SAME = {
    "canceled": "cancelled",
    "done": "completed",
    "complete": "completed",
    "finished": "completed",
    "noshow": "no_show",
    "moved": "rescheduled",
    "postponed": "rescheduled",
    "won": "converted",
}


@dataclass(frozen=True, slots=True)
class Draft:
    """The text of a mapping file, and a sentence for each thing a person has to decide in it."""

    text: str
    decisions: tuple[str, ...]


def draft_mapping(
    schema: ObjectSchema,
    choices: Sequence[Choice],
    samples: Sequence[Sequence[str]],
    *,
    source: str = "",
    timezone: str | None = None,
    region: str | None = None,
    read: Mapping[str, str | int] | None = None,
) -> Draft:
    """
    Return a mapping file for the choices.

    Certain and likely choices become lines, the others comments. `timezone` is the time zone of
    times without an offset, `region` the country of phone numbers without a country code. `read`
    becomes the table `[read]`.
    """
    writer = _Writer(schema, choices, samples, timezone, region)
    fields = list(writer.fields())
    left_out = list(writer.left_out())
    head = [f"# Suggested from the headers and values of {_one_line(source)}."] if source else []
    head += ["# Review it, then run vorel-import check to see what becomes of every row.", ""]
    lines = [*head, f'object = "{schema.name}"', *writer.lacking(), "", "[fields]", *fields]
    if left_out:
        lines += ["", "# Left out: not sent unless a line above names the column.", *left_out]
    table: dict[str, str | int | list[str]] = dict(read or {})
    if writer.nulls:
        table["null"] = sorted(writer.nulls)
    if table:
        lines += ["", "[read]", *(f"{key} = {toml_value(value)}" for key, value in table.items())]
    return Draft("\n".join(lines) + "\n", tuple(writer.decisions))


def show(choice: Choice, values: Sequence[str]) -> str:
    """Return a few different values of a column, cut short, and masked if they are sensitive."""
    given = list(dict.fromkeys(text.strip() for text in values if text.strip()))[:_SAMPLES]
    cut = (_one_line(text) for text in given)
    if choice.sensitive:
        return ", ".join(mask(text) for text in cut)
    return ", ".join(text if len(text) <= _WIDTH else f"{text[: _WIDTH - 1]}…" for text in cut)


class _Writer:
    def __init__(
        self,
        schema: ObjectSchema,
        choices: Sequence[Choice],
        samples: Sequence[Sequence[str]],
        timezone: str | None,
        region: str | None,
    ) -> None:
        self.schema = schema
        self.timezone = timezone
        self.region = region
        self.nulls: set[str] = set()
        self.decisions: list[str] = []
        self.pairs = list(zip(choices, samples, strict=True))
        self.values = {choice.column: values for choice, values in self.pairs}
        self.by_field: dict[str, list[Choice]] = {}
        for choice in sorted(choices, key=lambda one: -one.score):
            if choice.field is not None:
                self.by_field.setdefault(choice.field, []).append(choice)

    def fields(self) -> Iterator[str]:
        """Yield a line for each field, in the order of the schema."""
        order = [*self.schema.fields, *self.by_field]
        for target in dict.fromkeys(order):
            if target in self.by_field:
                yield from self._field(target)

    def left_out(self) -> Iterator[str]:
        """Yield a comment for each column that no field takes."""
        for choice, values in self.pairs:
            if choice.field is None:
                why = f"{_one_line(choice.reason)}{_shown(choice, values)}"
                key = None if choice.sensitive else self._attribute(choice.column)
                yield (
                    f"# {key} = {toml_value(choice.column)}  # {why}"
                    if key
                    else (f"# {toml_value(choice.column)}: {why}")
                )

    def _attribute(self, column: str) -> str | None:
        """Return the key for a column in a lead's `attributes`, or None if there is none."""
        words = re.findall(r"[a-z0-9]+", column.rpartition(".")[2].casefold())
        if "attributes" not in self.schema.fields or not words or not column.isascii():
            return None
        return toml_value(f"attributes.{'_'.join(words)}")

    def lacking(self) -> Iterator[str]:
        """Yield a comment for each required field without a column that is sure enough."""
        there = {name for name, found in self.by_field.items() if _active(found)}
        for name in self.schema.required:
            if name not in there:
                self.decisions.append(f"every {self.schema.name} needs {name}: map a column to it")
                yield f"# Required, but no column was found: {name}. Add a line below [fields]."
        if self.schema.any_of and there.isdisjoint(self.schema.any_of):
            self.decisions.append(
                f"map a column to at least one of {', '.join(self.schema.any_of)}"
            )
            yield f"# Required, but no column was found: one of {', '.join(self.schema.any_of)}."

    def _field(self, target: str) -> Iterator[str]:
        found = self.by_field[target]
        active = _active(found)
        spec = self.schema.spec(target)
        for choice in found:
            if choice not in active:
                yield f"# {target} = {toml_value(choice.column)}  # {self._why(choice)}"
        if not active:
            self.decisions.append(f"whether {found[0].column!r} is {target}")
            return
        keys, columns = self._source(target, active)
        values = self._merged(columns)
        more, decide, ready = self._form(spec, values, columns)
        body = [f"{key} = {value}" for key, value in (*keys, *more)]
        plain = len(body) == 1 and keys[0][0] == "column"
        line = f"{toml_key(target)} = {keys[0][1] if plain else '{ ' + ', '.join(body) + ' }'}"
        notes = "; ".join(self._why(choice) for choice in active)
        if decide:
            self.decisions.append(f"{target} ({', '.join(map(repr, columns))}): {decide}")
            yield f"# To decide: {_one_line(decide)}"
        yield f"{'' if ready else '# '}{line}  # {notes}"

    def _why(self, choice: Choice) -> str:
        shown = _shown(choice, self.values[choice.column])
        return f"{choice.confidence}: {_one_line(choice.reason)}{shown}"

    def _source(
        self, target: str, active: Sequence[Choice]
    ) -> tuple[list[tuple[str, str]], list[str]]:
        """Return the keys that say where a value comes from, and the columns it is read from."""
        parts = self._parts(target, active)
        if len(parts) > 1 and not any(set("{}") & set(one) for one in parts):
            return [("template", toml_value(" ".join(f"{{{one}}}" for one in parts)))], parts
        columns = [choice.column for choice in active if choice.role not in {"date", "time"}]
        columns = columns or [active[0].column]
        if len(columns) == 1:
            return [("column", toml_value(columns[0]))], columns
        return [("columns", f"[{', '.join(map(toml_value, columns))}]")], columns

    def _parts(self, target: str, active: Sequence[Choice]) -> list[str]:
        """Return the columns that make one value together: first and last name, day and time."""
        roles = {choice.role: choice.column for choice in active if choice.role in _ORDER}
        if target == "scheduled_end" and "date" not in roles:
            starts = self.by_field.get("scheduled_start", ())
            roles.update((one.role, one.column) for one in starts if one.role == "date")
        if "date" in roles:
            hours = [roles[role] for role in ("start", "end", "time") if role in roles]
            return [roles["date"], hours[0]] if hours and self._is_hour(hours[0]) else []
        return [roles[role] for role in _ORDER if role in roles] if len(roles) > 1 else []

    def _is_hour(self, column: str) -> bool:
        looks = look(self.values[column])
        return not looks.count or looks.share("time") > 0.5

    def _merged(self, columns: Sequence[str]) -> list[str]:
        """Return the values as the mapping will read them, those of a template row by row."""
        lists = [self.values[column] for column in columns]
        if len(lists) == 1:
            return list(lists[0])
        return [" ".join(filter(None, row)) for row in zip(*lists, strict=False) if any(row)]

    def _form(
        self, spec: FieldSpec | None, values: Sequence[str], columns: Sequence[str]
    ) -> tuple[list[tuple[str, str]], str | None, bool]:
        """Return further keys, what a person has to decide, and whether the line works before."""
        kind = spec.kind if spec else "text"
        if spec is None or not KINDS[kind].needs_samples:
            return [], None, True
        self.nulls.update(null_words(values))
        given = [text for text in values if text.strip() and text.strip() not in self.nulls]
        if kind == "phone" and self.region:
            return [("type", toml_value("phone")), ("region", toml_value(self.region))], None, True
        if given and kind in {"date", "datetime"}:
            return self._dates(kind, given)
        if given and kind == "enum":
            return _enum(spec, given, columns)
        if kind in {"decimal", "integer", "money"}:
            return _marks(decimal_mark(given, money=kind == "money"))
        plain = [
            text for text in given if not text.startswith("[")
        ]  # a JSON list needs no separator
        mark = next((one for one in _SPLITS if any(one in text for text in plain)), None)
        return ([("split", toml_value(mark))] if mark and kind == "tags" else []), None, True

    def _dates(
        self, kind: str, values: Sequence[str]
    ) -> tuple[list[tuple[str, str]], str | None, bool]:
        finding = date_formats(values, with_time=kind == "datetime")
        keys = []
        if finding.formats:
            keys.append(("formats", f"[{', '.join(map(toml_value, finding.formats))}]"))
        decide = finding.decide
        local = not all(_OFFSET.search(text.strip()) for text in values)
        if kind == "datetime" and local:
            if self.timezone:
                keys.append(("timezone", toml_value(self.timezone)))
            else:
                where = 'the time zone of these times, such as timezone = "Asia/Dubai"'
                decide = f"{decide}; {where}" if decide else where
        return keys, decide, True


def _active(found: Sequence[Choice]) -> list[Choice]:
    return [choice for choice in found if choice.confidence != "unsure"]


def _marks(finding: Finding) -> tuple[list[tuple[str, str]], str | None, bool]:
    mark = finding.decimal_mark
    return ([("decimal_mark", toml_value(mark))] if mark else []), finding.decide, True


def _enum(
    spec: FieldSpec, values: Sequence[str], columns: Sequence[str]
) -> tuple[list[tuple[str, str]], str | None, bool]:
    """Replace words that can only mean one allowed value. A person decides about the others."""
    words = sorted({text.strip() for text in values})
    if set(words) <= set(spec.enum):
        return [], None, True
    forms = {normalize_header(one): one for one in spec.enum}
    plain = {word: normalize_header(word) for word in words}
    meant = {word: forms.get(plain[word]) or _same(plain[word], spec) for word in words}
    table = ", ".join(
        f"{toml_value(word)} = {toml_value(meant[word] or '???')}" for word in words[:20]
    )
    unknown = [word for word in words if meant[word] is None]
    decide = None
    if unknown:
        listed = ", ".join(map(repr, unknown[:8]))
        decide = f"which of {', '.join(spec.enum)} stands for {listed} in {columns[0]!r}"
    return [("values", f"{{ {table} }}")], decide, not unknown


def _same(word: str, spec: FieldSpec) -> str | None:
    found = _SAME.get(word)
    return found if found in spec.enum else None


def _shown(choice: Choice, values: Sequence[str]) -> str:
    shown = show(choice, values)
    return f"; e.g. {shown}" if shown else ""


def _one_line(text: str) -> str:
    return " ".join(part for part in re.split(r"[\x00-\x20\x7f-\x9f\u2028\u2029]+", text) if part)
