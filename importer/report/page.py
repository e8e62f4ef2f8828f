"""Makes the page of a report from its facts."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Mapping
from datetime import datetime, tzinfo
from functools import cache
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import jinja2
from markupsafe import Markup

from importer._version import __version__
from importer.core.clock import instant
from importer.core.errors import TooManyErrors
from importer.core.locale.language import Language, language
from importer.core.records import TO_CORRECT, Problem, Status
from importer.core.shared import GUARD_EXIT
from importer.core.verdict import Lack
from importer.mapper.cell import UNREAD
from importer.report.charts import HEIGHT, WIDTH, outcome_chart, pace_chart
from importer.report.facts import Facts
from importer.report.report_words import Words, shown

_TEMPLATES = Path(__file__).resolve().parent / "templates"


@cache
def style() -> Markup:
    """Return the style sheet, which is the package's own and needs no escaping."""
    text = (_TEMPLATES / "report.css").read_text(encoding="utf-8")
    return Markup(text)  # noqa: S704


@cache
def templates(lang: str, *folders: Path) -> jinja2.Environment:
    """Return the templates of a report in a language: those in `folders`, and those here."""
    made = environment(lang, *folders, _TEMPLATES)
    made.filters["is_web"] = lambda url: urlsplit(str(url)).scheme in {"http", "https"}
    return made


def load_templates(lang: str) -> None:
    """Load the templates of a report, which takes longer than to write it."""
    made = templates(lang)
    for name in made.list_templates(extensions=["html"]):
        made.get_template(name)


def environment(lang: str, *folders: Path) -> jinja2.Environment:
    """Return what writes the templates of folders in a language: everything is escaped."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folders),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    made.policies["ext.i18n.trimmed"] = True
    made.install_gettext_translations(  # type: ignore[attr-defined]
        language(lang), newstyle=True
    )
    return made


_LINES_SHOWN = 3
_ERROR_SHARE = 0.2
"""The limit of a run for which none was stated, as in `ImportConfig`."""
_SECRETS = {"api_key", "api_key_file"}


def render(
    facts: Facts,
    *,
    lang: str,
    redact: bool,
    mark: str,
    zone: tzinfo | None = None,
    on_page: bool = False,
) -> str:
    """
    Return the report as one HTML page.

    `mark` is the content of its `generator`. With `redact`, no value of the list or of an answer
    is in it. Times are in `zone`, or in that of this computer. If it is shown `on_page`, as a file
    of an import, there are links to the steps of the page in place of commands.
    """
    speaks = language(lang)
    words = Words(speaks, zone)
    return (
        templates(lang)
        .get_template("report.html")
        .render(
            facts=facts,
            page=_TemplateContext(facts, words, on_page=on_page),
            words=words,
            language=speaks,
            redact=redact,
            on_page=on_page,
            mark=mark,
            version=__version__,
            css=style(),
            size=(WIDTH, HEIGHT),
            n=speaks.number,
            shown=shown,
            pace=pace_chart(facts.timeline),
            outcomes=outcome_chart(facts.timeline),
        )
    )


@dataclasses.dataclass(frozen=True, slots=True)
class _Person:
    """A row that needs a person: what it is called, if that is known, and where it is."""

    name: str
    line: int
    source: str
    url: str | None


@dataclasses.dataclass(slots=True)
class _ProblemCause:
    """What is wrong with some rows; `says` has the problems, which differ in their words."""

    code: str
    field: str | None
    count: int = 0
    says: list[Problem] = dataclasses.field(default_factory=list)
    people: list[_Person] = dataclasses.field(default_factory=list)


class _TemplateContext:
    """What the templates need that is not a fact itself."""

    def __init__(self, facts: Facts, words: Words, *, on_page: bool) -> None:
        self._facts = facts
        self._words = words
        self._language: Language = words.language
        self._on_page = on_page

    @property
    def list_name(self) -> str:
        """The name of the list."""
        run = self._facts.list_ or self._facts.last
        name = run.list_name if run else None
        names = (one.rpartition("/")[2] for one in (name or self._facts.results.name).split(", "))
        return shown(", ".join(names), 120)

    @property
    def as_of(self) -> datetime | None:
        """When the last run ended, or the last thing happened that is on record."""
        runs, bins = self._facts.runs, self._facts.timeline.bins
        if runs and (end := runs[-1].end) and (ended := instant(end.at)):
            return ended
        return bins[-1].start if bins else (instant(runs[-1].run.at) if runs else None)

    @property
    def verdict(self) -> Literal["good", "need", "stopped"]:
        """How the verdict is marked: good, something for a person to do, or not finished."""
        facts = self._facts
        if facts.now.left or not facts.now.ended:
            return "stopped"
        return "good" if facts.now.verdict.is_good and not facts.need else "need"

    @property
    def several(self) -> bool:
        """Whether the rows that need a person are of several sources."""
        return len({one.source for one in self._facts.people}) > 1

    @property
    def in_files(self) -> int:
        """How many rows all derived files have together."""
        return sum(self._facts.in_files.values())

    def steps(self) -> Iterator[str]:
        """Yield what a person can do."""
        _, facts, number = self._language.gettext, self._facts, self._language.number
        failed = facts.files.get("failed_jsonl") or facts.files.get("failed")
        is_open = any(facts.now.counts[status] for status in TO_CORRECT)
        if facts.now.left or not facts.now.ended:
            again = _("Give the same command again: it goes on where it stopped.")
            yield self._link("send", _("Continue sending")) if self._on_page else again
        if is_open and self._on_page:
            yield self._link("rows", _("Correct rows here, and send them again."))
        elif is_open and failed:
            yield _("Correct the rows in %(file)s and import that file.") % {"file": shown(failed)}
        if unknown := facts.now.counts[Status.UNKNOWN]:
            yield self._language.ngettext(
                "Look up %(number)s row without a clear answer in the CRM: it may be there.",
                "Look up %(number)s rows without a clear answer in the CRM: they may be there.",
                unknown,
            ) % {"number": number(unknown)}
        if changed := facts.now.counts[Status.CHANGED]:
            yield self._language.ngettext(
                "Compare %(number)s record with its row, and bring it up to date in the CRM.",
                "Compare %(number)s records with their rows, and bring them up to date in the CRM.",
                changed,
            ) % {"number": number(changed)}
        if possible := facts.now.counts[Status.POSSIBLE_DUPLICATE] + facts.now.undecided_before:
            yield self._language.ngettext(
                "Decide about %(number)s possible duplicate: look at both, and say whether they "
                "are one and the same.",
                "Decide about %(number)s possible duplicates: look at both of each, and say "
                "whether they are one and the same.",
                possible,
            ) % {"number": number(possible)}

    @staticmethod
    def _link(step: str, text: str) -> str:
        return Markup('<a href="../{}">{}</a>').format(step, text)

    def causes(self) -> list[_ProblemCause]:
        """Return what is wrong with rows, by kind and field, each with whom it is about."""
        found: dict[tuple[str, str | None], _ProblemCause] = {}
        for problem in self._facts.problems:
            cause = found.setdefault(
                (problem.code, problem.field), _ProblemCause(problem.code, problem.field)
            )
            cause.count += problem.count
            cause.says.append(problem)
        for one in self._facts.people:
            error = one.error
            known = found.get((error.code, error.field)) if error is not None else None
            if known is not None:
                name = self._facts.names.get(one.where, "")
                known.people.append(_Person(name, one.line, one.source, one.record_url))
        return sorted(found.values(), key=lambda one: -one.count)

    def limits(self) -> Iterator[tuple[str, bool]]:
        """Yield each limit that stops a run, in words, and whether the last run was within it."""
        last = self._facts.runs[-1].end if self._facts.runs else None
        if last is None or last.exit_code is None:
            return
        _ = self._language.gettext
        bad = sum(last.counts.get(status, 0) for status in TO_CORRECT)
        yield (
            (
                _("Rows that were refused in the last run: %(count)s; it would stop at %(limit)s.")
                % {"count": self._language.number(bad), "limit": self._error_limit()}
            ),
            last.exit_code != TooManyErrors.exit_code,
        )
        if len(self._facts.found.runs) > 1:
            yield (
                _("The list is not unlike the one before, by rows, columns and values."),
                last.exit_code != GUARD_EXIT,
            )

    def _error_limit(self) -> str:
        run = self._facts.last
        stated = run.settings.get("max_errors") if run is not None else None
        given = stated if isinstance(stated, Mapping) else {}
        count, share = given.get("count"), given.get("share")
        if isinstance(count, int):
            return self._language.number(count)
        return self._language.percent(share if isinstance(share, float) else _ERROR_SHARE)

    def places(self, problem: Problem | Lack, shown: int = _LINES_SHOWN) -> str:
        """Return the first lines of a problem, or of what records are lacking."""
        lines = [self._language.number(line) for line in problem.lines[:shown]]
        more = ", …" if problem.count > len(lines) else ""
        return self._language.gettext(", ").join(lines) + more

    def changes(self) -> list[tuple[tuple[str, str], int]]:
        """Return the changes by field and by what was done, without what is left out or unread."""
        found = (self._facts.changes or {}).items()
        return [one for one in found if one[0][1] not in UNREAD][:50]

    def since(self, problem: Problem) -> str:
        """Return since when rows of a problem have been failing, if that began on another day."""
        as_of, first = self.as_of, instant(problem.failing_since)
        if first is None or as_of is None or first.date() >= as_of.date():
            return ""
        return self._language.gettext("failing since %(date)s") % {"date": self._words.date(first)}

    def file_kinds(self) -> list[tuple[str, str]]:
        """Return each kind of derived file with its name for a person."""
        _ = self._language.gettext
        return [
            ("success", _("rows with a record")),
            ("failed", _("rows without one, with the cause")),
            ("changed", _("rows that have changed, and possible duplicates")),
            ("unsent", _("rows without an outcome yet")),
        ]

    def stated(self, name: str) -> str:
        """Return a setting of the last run, as it was stated, or an empty text."""
        run = self._facts.last
        value = run.settings.get(name) if run is not None else None
        return shown(value, 120) if isinstance(value, str) else ""

    def settings(self) -> Iterator[tuple[str, str]]:
        """Yield the settings of the last run that are on record, as texts."""
        run = self._facts.last
        if run is None:
            return
        yield "object", shown(run.object or "")
        yield "base_url", shown(run.base_url or "")
        yield "version", shown(run.version or "")
        yield "host", shown(run.host or "")
        for name, value in list(run.settings.items())[:60]:
            if name not in {"object", "base_url", "account", "operator", *_SECRETS}:
                yield shown(name, 60), shown(_plain(value))


def _plain(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return ", ".join(value)
    return json.dumps(value, ensure_ascii=False)
