"""Compares what is sent of the rows of a list with each other, column by column."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import repeat

import polars as pl

from importer.core.objects import PEOPLE
from importer.mapper.block import MappedBlock
from importer.mapper.series import FieldSeries
from importer.matching.match_texts import PERSON, REF, folded_name, plain_at
from importer.matching.person_names import whole_name

_ADDRESS = r"^[^@\s]+@[^@\s]+\.[^@\s]+$"
_IS_READ = r"^-|^[0-9]+\.[0-9]+$|^[0-9]{4}-[0-9]{2}-[0-9]{2}T"
"""Numbers and times: `plain_at` may write them in another form."""
_NOT_ASCII = r"[^\x00-\x7f]"
_HARD, _HARDER = r"[^\x00-\x7f]|,", r"[^\x00-\x7f]|[,\s]"
"""Names that are converted one by one: with other letters, a comma, or several words."""
_PASSED_OVER = r"[^0-9a-z\u{80}-\u{10ffff}]|e"
"""Characters to ignore in names: signs, and each e, since ü may be written ue."""


def meanings(block: MappedBlock) -> pl.Series:
    """
    Return a text for each row of a block: rows with equal texts may be sent alike.

    Rows that mean the same in another spelling (`MatchTexts.meaning`) have equal texts, and so have
    a few rows whose names differ only in an e. The texts of refused rows have no meaning.
    """
    named = [one for one in block.fields if _is_name(block, one)]
    parts = [_plain(one) for one in block.fields if one not in named]
    parts += [_letters(named)] if named else []
    table = pl.DataFrame({str(at): part for at, part in enumerate(parts)})
    return table.select(pl.concat_str(pl.all(), separator="\0")).to_series()


def _is_name(block: MappedBlock, field: FieldSeries) -> bool:
    return block.object in PEOPLE and field.plan.target in PERSON


def _plain(field: FieldSeries) -> pl.Series:
    """Return `plain_at` of each value of a field."""
    is_sent = pl.col("member") != ""
    text = pl.when(is_sent).then(pl.col("text").str.strip_chars())
    is_ref = pl.lit(field.plan.target == REF)
    has_case = text.str.contains("@") | is_ref
    is_odd = has_case & text.str.contains(_NOT_ASCII)
    is_other = (is_sent & text.is_null()) | text.str.contains(_IS_READ) | is_odd
    lower = text.str.to_lowercase()
    plainly = (
        pl.when(is_ref)
        .then(lower.str.strip_chars_start("0"))
        .when(text.str.contains(_ADDRESS))
        .then(lower)
        .otherwise(text)
    )
    table = pl.DataFrame({"member": field.members, "text": field.texts}).select(
        other=is_other.fill_null(value=False), text=plainly.fill_null("\1")
    )
    rows = table["other"].arg_true()
    others = [plain_at(field.plan.target, one) for one in field.values(rows.to_list())]
    return table["text"].scatter(rows, others)


def _letters(named: Sequence[FieldSeries]) -> pl.Series:
    """Return the letters of the whole name in each row, without the characters to ignore."""
    given = {one.plan.target: one.texts.fill_null("") for one in named}
    texts = pl.DataFrame({path: given[path] for path in PERSON if path in given})
    hard = pl.any_horizontal(pl.all().str.contains(_HARD if len(named) == 1 else _HARDER))
    table = texts.with_columns(
        hard.alias("hard"), pl.concat_str(pl.all()).str.to_lowercase().alias("all")
    )
    rows = table["hard"].arg_true()
    each = (given[path][rows] if path in given else repeat("", len(rows)) for path in PERSON)
    whole = [whole_name(*one) or "".join(map(folded_name, one)) for one in zip(*each, strict=True)]
    return table["all"].scatter(rows, whole).str.replace_all(_PASSED_OVER, "")
