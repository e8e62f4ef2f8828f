"""Writes a mapping file that loads at once, with comments on what to decide."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from importer.mapper.mapping.rest import attribute_name
from importer.mapper.mapping.toml_text import toml_key, toml_line, toml_value
from importer.mapper.suggest.columns.choice import Choice
from importer.mapper.suggest.columns.sensitive import mask
from importer.mapper.suggest.lines.draft import DraftLine
from importer.mapper.suggest.nulls import given

_SAMPLES, _WIDTH = 3, 24


def mapping_text(
    head: Sequence[str],
    lines: Sequence[DraftLine],
    left_out: Sequence[Choice],
    read: Mapping[str, str | int | list[str]],
    samples: Mapping[str, Sequence[str]],
    *,
    has_rest: bool,
) -> str:
    """
    Return the text of a mapping file.

    It has the `head`, the lines, and a comment for each column left out. `samples` are values of
    the columns whose values may be shown.
    """
    body = [text for line in lines for text in _line(line, samples)]
    text = [*head, "", "[fields]", *body]
    if left_out:
        fate = "sent in attributes, by rest above" if has_rest else "not sent"
        text += ["", f"# Left out: {fate} unless a line above names the column."]
        text += (_left_out(choice, samples, has_rest=has_rest) for choice in left_out)
    if read:
        text += ["", "[read]", *(f"{key} = {toml_value(value)}" for key, value in read.items())]
    return "\n".join(text) + "\n"


def _line(line: DraftLine, samples: Mapping[str, Sequence[str]]) -> Iterator[str]:
    why = "; ".join(_why(choice, samples) for choice in line.choices) or line.reason
    if line.decide:
        word = "Note" if line.active else "To decide"
        yield f"# {word}: {one_line(line.decide)}"
    yield f"{'' if line.active else '# '}{toml_line(line.target, line.table)}" + (
        f"  # {why}" if why else ""
    )


def _why(choice: Choice, samples: Mapping[str, Sequence[str]]) -> str:
    return f"{choice.confidence}: {one_line(choice.reason)}{_shown(choice, samples)}"


def _left_out(choice: Choice, samples: Mapping[str, Sequence[str]], *, has_rest: bool) -> str:
    why = f"{one_line(choice.reason)}{_shown(choice, samples)}"
    column = toml_value(choice.column)
    if has_rest and not choice.sensitive:
        return f"# {toml_key(attribute_name(choice.column))} = {column}  # {why}"
    return f"# {column}: {why}"


def _shown(choice: Choice, samples: Mapping[str, Sequence[str]]) -> str:
    shown = show(choice, samples.get(choice.column, ()))
    return f"; e.g. {shown}" if shown else ""


def show(choice: Choice, values: Sequence[str]) -> str:
    """Return a few different values of a column, cut short, and masked if they are sensitive."""
    cut = map(one_line, list(dict.fromkeys(given(values)))[:_SAMPLES])
    if choice.sensitive:
        return ", ".join(mask(text) for text in cut)
    return ", ".join(text if len(text) <= _WIDTH else f"{text[: _WIDTH - 1]}…" for text in cut)


def one_line(text: str) -> str:
    """Return a text without line ends and control characters, as a comment may hold it."""
    return " ".join(part for part in re.split(r"[\x00-\x20\x7f-\x9f\u2028\u2029]+", text) if part)
