"""The command `map`: suggests a mapping for a list, with reasons."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from importer.cli.ending import say_result
from importer.cli.help import HelpfulCommand
from importer.cli.options import (
    build_config,
    fetched,
    given_flags,
    is_person_there,
    json_option,
    source_type,
)
from importer.cli.questions import answer_of, checked_region, checked_zone, column_of
from importer.cli.setting_options import read_options, setting_options
from importer.cli.terminal_text import aligned, cut, is_quiet, say
from importer.core import systems
from importer.core.addresses import ADDRESS, is_remote, is_secret, name_of
from importer.core.errors import ConfigError, QuestionError, UsageError
from importer.core.locale.message import Message
from importer.core.shared import OBJECTS

if TYPE_CHECKING:
    from importer.core.verdict import Verdict
    from importer.mapper.schema.object_schema import ObjectSchema
    from importer.mapper.suggest.columns.choice import Choice
    from importer.mapper.suggest.propose import MappingDraft, Proposal, Question, Stated
    from importer.suggesting.countries import LikelyCountries
    from importer.suggesting.earlier_mappings import FittingMapping
    from importer.suggesting.sampling import Sample

_WIDEST = 44
_COLUMNS_SHOWN = 20
_QUESTIONS_SHOWN = 3
_PLACES = {
    "region": (
        "the numbers without a country code, such as in the Emirates (AE)",
        ("--region", "AE"),
    ),
    "timezone": (
        "the times without a time zone, such as that of Dubai",
        ("--timezone", "Asia/Dubai"),
    ),
}


@click.command(cls=HelpfulCommand)
@click.argument("source", metavar="SOURCE", type=source_type)
@click.option(
    "--object", "object_", type=click.Choice(OBJECTS), required=True, help="What the rows are."
)
@click.option(
    "-o",
    "--output",
    type=click.Path(),
    metavar="FILE",
    help="Write the mapping there.  [default: standard output]",
)
@click.option("--force", is_flag=True, help="Replace FILE if it exists.")
@click.option(
    "--timezone", metavar="NAME", help="The time zone of times without one, e.g. Asia/Dubai."
)
@click.option("--region", metavar="CC", help="The country of phone numbers without one, e.g. AE.")
@click.option(
    "--month-first/--day-first",
    "month_first",
    default=None,
    help="How 03/04/2024 is read.  [default: by the values or --region]",
)
@click.option(
    "--mappings",
    type=click.Path(exists=True, file_okay=False),
    metavar="DIR",
    help="Look there too for earlier mapping files for these columns.",
)
@click.option(
    "--from",
    "results",
    type=click.Path(exists=True, dir_okay=False),
    metavar="RESULTS",
    help="Only write the last mapping of this results file again.",
)
@click.option("--no-input", is_flag=True, help="Never ask anything.")
@click.option("--as-job", "is_job", is_flag=True, help="Write a job file, for run --job.")
@click.option("--samples", is_flag=True, help="Show values of the list in the comments.")
@setting_options("schema_file")
@read_options
@json_option
def map(  # noqa: A001 - the command's name
    *, source: str, output: str | None, force: bool, is_job: bool, **flags: Any
) -> int:
    """
    Suggest a mapping file for SOURCE, a file or an address.

    It looks at the headers and the first rows; nothing leaves this computer. Suggestions that are
    certain or likely become lines of the mapping, the others comments with the reason. Passwords,
    card numbers, bank accounts and ids of persons are left out.

    On a terminal it asks what values cannot say, such as the country of phone numbers. It ends with
    what run would do with the whole list.
    """
    _check_output(output, force=force, is_job=is_job)
    with fetched((source,)) as (path,):
        return _map(source, path, output=output, is_job=is_job, **flags)


def _map(
    source: str,
    path: str,
    *,
    object_: str,
    output: str | None,
    timezone: str | None,
    region: str | None,
    month_first: bool | None,
    mappings: str | None,
    results: str | None,
    no_input: bool,
    is_job: bool,
    samples: bool,
    schema_file: str | None,
    as_json: bool,
    **flags: Any,
) -> int:
    """Suggest a mapping for the list `source`, of which `path` is the file."""
    from importer.cli.shown.outcome import render_verdict
    from importer.mapper.schema.extend import schema_with
    from importer.mapper.suggest.propose import propose
    from importer.suggesting.earlier_mappings import find_earlier_mappings

    stated = _stated(timezone, region, month_first)
    given = given_flags(flags)
    schema = schema_with(object_, None if schema_file is None else Path(schema_file))
    sample = _sample(path, given, schema, object_, stated.region)
    if results is not None:
        return _write_again(results, object_, sample, output, as_json=as_json)
    name = Path(path).name if path != "-" else "standard input"
    ask = not (as_json or no_input or is_quiet()) and is_person_there()
    again = partial(propose, schema, sample, source=name, shows_samples=samples)
    proposal = _answered(again, stated, sample) if ask else again(stated)
    choices, draft = proposal.choices, proposal.draft
    suggested = {name for one in draft.lines if one.active for name in one.columns}
    earlier = find_earlier_mappings(path, mappings, object_, sample, output, suggested)
    if output is not None and is_job:
        from importer.jobs.job_file import job_table

        _write(output, draft.text + job_table(source, Path(output)))
    elif output is not None:
        _write(output, draft.text)
    if not sample.is_whole and not as_json:
        say(
            f"{sample.rows:,} rows were looked at for the mapping; now all are checked ...",
            err=True,
        )
    verdict, stop = _rehearsed(path, object_, schema_file, draft)
    if as_json:
        from importer.cli.shown.mapped import MapDocument

        say_result(MapDocument.of(object_, choices, sample, draft, earlier, verdict))
        return 0
    shown = [
        *_table(choices, sample, draft.in_attributes),
        *(
            [f"Taken for empty: {', '.join(repr(one) for one in draft.nulls)}"]
            if draft.nulls
            else []
        ),
        *_earlier(_named(source), object_, sample, earlier),
        *_to_decide([*stop, *draft.decisions], output),
        *_with_answers(draft.questions, output),
        *_next(source, output, schema_file, is_job=is_job, is_ready=draft.is_ready),
        *([] if sample.is_whole or path != "-" else [f"Of the {sample.rows:,} rows read:"]),
        *render_verdict(verdict, sys.stderr),
    ]
    say("\n".join(shown), err=True)
    if output is None:
        say(draft.text, nl=False)
    return 0


def _sample(
    path: str, given: dict[str, Any], schema: ObjectSchema, object_: str, region: str | None
) -> Sample:
    """
    Return rows of a list, with a notice for what was chosen to read it.

    The choice is added to the settings in `given`.
    """
    from importer.suggesting.likely_objects import list_in_object, sheet_of_people
    from importer.suggesting.sampling import encoding_of, take_sample

    found = []
    if sheet := sheet_of_people(path, given, schema):
        given["sheet"] = sheet
        found.append(
            Message(
                "the sheet %(value)s is read: those before it have no columns for an object "
                "%(object)s",
                value=sheet,
                object=object_,
            )
        )
    if lists := list_in_object(path, given, schema):
        given["record_path"], others = lists
        found.append(
            Message(
                "the list %(value)s is read, and not %(either)s: choose with --record-path",
                value=given["record_path"],
                either=others,
            )
        )
    if encoding := encoding_of(path, given, region):
        given["encoding"], word = encoding
        found.append(
            Message(
                "read as %(encoding)s, as lists of %(country)s are: e.g. “%(word)s”; if that "
                "is wrong, state the encoding with --encoding",
                encoding=encoding[0],
                country=region,
                word=word,
            )
        )
    sample = take_sample(path, given)
    found += _second_header(sample, object_) if "header_rows" not in given else ()
    return replace(sample, notices=tuple(dict.fromkeys((*found, *sample.notices))))


def _second_header(sample: Sample, object_: str) -> Iterator[Message]:
    """Yield a notice if each cell of the first row is what columns are called."""
    from importer.mapper.suggest.columns.headers import are_names
    from importer.reader.csv.structure import second_header

    first = [values[0] for values in sample.values if values]
    is_table = all(layout.delimiter for _, layout in sample.files)
    if is_table and sample.first_line > 1 and are_names(first, object_):
        yield second_header(sample.first_line)


def _rehearsed(
    path: str, object_: str, schema_file: str | None, draft: MappingDraft
) -> tuple[Verdict, list[str]]:
    """
    Return what `run` would do with the whole list, and what would stop it before its first row.

    Standard input is read once, so that only its first rows are judged.
    """
    from importer.mapper.mapping.file import parse_mapping
    from importer.run.checking.dry_run import check

    stops: list[str] = []
    try:
        config = build_config(
            sources=(path,),
            object=object_,
            mapping=parse_mapping(draft.text.encode()),
            schema_file=schema_file,
        )
        for _ in range(_QUESTIONS_SHOWN if path != "-" else 0):
            try:
                return check(config).verdict, stops
            except QuestionError as question:
                is_about_list = any("on_duplicate" in one for one in question.answers.values())
                stops.append(question.hint or "" if is_about_list else question.message)
                # Both answers are harmless: the first tells how many records the rows become.
                answer = {"on_duplicate": "skip"} if is_about_list else {"new_import": True}
                config = config.replace(**answer)
    except UsageError as error:
        stops += error.message.splitlines()[:1] if draft.verdict.to_send else []
    return draft.verdict, stops


def _named(source: str) -> list[str]:
    """Return the words that name the list in another command, without a secret of its address."""
    if not is_remote(source):
        return [source]
    results = f"{Path(name_of(source)).stem}.results.jsonl"
    return [ADDRESS if is_secret(source) else source, "--results", results]


def _check_output(output: str | None, *, force: bool, is_job: bool) -> None:
    if is_job and output is None:
        raise ConfigError("--as-job: name the job file with -o FILE")
    if output is not None and Path(output).exists() and not force:
        raise ConfigError(
            "%(path)s exists",
            path=output,
            hint="Give another file name, or replace it with --force.",
        )


def _stated(timezone: str | None, region: str | None, month_first: bool | None) -> Stated:
    from importer.mapper.suggest.propose import Stated

    return Stated(
        timezone=checked_zone(timezone) if timezone is not None else None,
        region=checked_region(region) if region is not None else None,
        month_first=month_first,
    )


def _write_again(
    results: str, object_: str, sample: Sample, output: str | None, *, as_json: bool
) -> int:
    """Write the mapping that a results file has on record."""
    from importer.suggesting.earlier_mappings import mapping_on_record

    found = mapping_on_record(Path(results), object_, sample)
    if found is None or found.text is None:
        raise ConfigError(
            "%(path)s has no mapping on record for these columns",
            path=results,
            hint="Leave out --from, and a mapping is suggested.",
        )
    if output is not None:
        _write(output, found.text)
    if as_json:
        from importer.cli.shown.mapped import MappingDocument

        document = MappingDocument(
            object=object_, sendable=found.sendable, rows_read=sample.rows, mapping=found.text
        )
        say_result(document)
    elif output is None:
        say(found.text, nl=False)
    else:
        rows = f"{found.sendable} of {sample.rows} rows"
        say(f"Written to {output}: {rows} can be sent.", err=True)
    return 0


def _answered(propose: Callable[[Stated], Proposal], stated: Stated, sample: Sample) -> Proposal:
    """Ask what only a person can say, each thing once, and return what is proposed then."""
    from importer.suggesting.countries import likely_countries

    def countries(question: Question) -> LikelyCountries:
        return likely_countries(question.values, proposal.choices, sample, stated.timezone)

    asked: set[str] = set()
    proposal = propose(stated)
    while questions := [
        one for one in proposal.draft.questions if one.about + one.field not in asked
    ]:
        asked.add(questions[0].about + questions[0].field)
        answer = answer_of(questions[0], stated, countries)
        if answer != stated:
            stated = answer
            proposal = propose(stated)
    if proposal.draft.asks:
        asked.add("parts")
        proposal = propose(column_of(proposal, sample, stated))
    if asked:
        say("", err=True)
    return proposal


def _write(output: str, text: str) -> None:
    try:
        Path(output).write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigError(
            "%(path)s: cannot be written: %(fault)s", path=output, fault=error.strerror or error
        ) from None


def _table(choices: Sequence[Choice], sample: Sample, in_attributes: Sequence[str]) -> list[str]:
    from importer.mapper.suggest.toml import show

    rows = [("column", "field", "confidence", "reason; values")]
    others: dict[str, list[str]] = {"sent in attributes": [], "left out": []}
    for choice, values in zip(choices, sample.values, strict=True):
        fate = "sent in attributes" if choice.column in in_attributes else "left out"
        if choice.field is None and len(choices) > _COLUMNS_SHOWN:
            others[fate].append(choice.column)
            continue
        shown = show(choice, values)
        reason = f"{choice.reason}; {shown}" if shown else choice.reason
        confidence = choice.confidence if choice.field or choice.sensitive else "-"
        field = choice.field or fate.removeprefix("sent in ")
        rows.append((cut(choice.column, _WIDEST), field, confidence, reason))
    lines = aligned(rows)
    for fate, columns in others.items():
        if columns:
            names = ", ".join(repr(cut(name, _WIDEST)) for name in columns[:_COLUMNS_SHOWN])
            more = ", ..." if len(columns) > _COLUMNS_SHOWN else ""
            lines.append(f"{len(columns)} columns are {fate}: {names}{more}")
    return lines + [f"Note: {one}" for one in sample.notices]


def _earlier(
    source: Sequence[str], object_: str, sample: Sample, earlier: Sequence[FittingMapping]
) -> list[str]:
    """Return lines about mappings that fit the columns, the best one first."""
    if not earlier:
        return []
    best, *others = earlier
    sent = f"{best.sendable} of {sample.rows} rows"
    if best.results is None:
        words = ["check", *source, "--mapping", str(best.path)]
        line = f"{best.path} fits these columns: it sends {sent}. To go on with it:"
    else:
        kept = ["--from", str(best.results), "-o", str(best.path)]
        words = ["map", source[0], "--object", object_, *kept]
        line = (
            f"{best.results} has a mapping for these columns, whose file is gone: it sends {sent}."
            " To write it again:"
        )
    command = shlex.join(["vorel-import", *words])
    return [
        "",
        line,
        f"  {command}",
        *(f"Also {one.path}: {one.sendable} rows." for one in others[:3]),
    ]


def _to_decide(decisions: Sequence[str], output: str | None) -> list[str]:
    """Return the questions that matter most; the mapping has a comment for each of the others."""
    if not decisions:
        return [""]
    lines = ["", "To decide:", *(f"  {one}" for one in decisions[:_QUESTIONS_SHOWN])]
    more = len(decisions) - _QUESTIONS_SHOWN
    if more > 0:
        lines.append(f"  and {more} more: comments in {output or 'the mapping'} name them")
    return [*lines, ""]


def _with_answers(questions: Sequence[Question], output: str | None) -> list[str]:
    """Return the command that says where numbers and times are from, if nobody has said it."""
    asked = {one.about for one in questions} & _PLACES.keys()
    if not asked:
        return []
    given = [ADDRESS if is_remote(one) and is_secret(one) else one for one in sys.argv[1:]]
    places = [place for about, place in _PLACES.items() if about in asked]
    words = ["vorel-import", *given, *(word for _, flags in places for word in flags)]
    words += ["--force"] if output is not None and "--force" not in words else []
    said = f"To place {' and '.join(what for what, _ in places)}:"
    return [said, f"  {systems.current.command_line(words)}", ""]


def _next(
    source: str, output: str | None, schema_file: str | None, *, is_job: bool, is_ready: bool
) -> list[str]:
    if output is None:
        return []
    lacks_a_secret = is_remote(source) and is_secret(source)
    has_list = is_job and not lacks_a_secret
    list_ = ["--job", output] if has_list else [*_named(source), "--mapping", output]
    command = ["vorel-import", "check", *list_]
    command += ["--schema", schema_file] if schema_file is not None else []
    written = f"Written to {output}. See what becomes of every row:"
    if not is_ready:
        written = f"Written to {output}, which lacks lines below [fields]. When they are there:"
    return [written, f"  {shlex.join(command)}", ""]
