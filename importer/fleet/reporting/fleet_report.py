"""Makes the page of a fleet's report from its facts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo
from pathlib import Path

from markupsafe import Markup, escape

from importer._version import __version__
from importer.core.locale.language import N_, language
from importer.fleet.reporting.fleet_facts import (
    NEEDS,
    FleetFacts,
    ended_at,
    people_of,
    reason_of,
)
from importer.fleet.showing.job_words import COUNTS, STATES
from importer.fleet.showing.overview import JobState
from importer.report.found_report import ReportOptions
from importer.report.page import style, templates
from importer.report.report_words import shown
from importer.ui.words.show import Show

_TEMPLATES = Path(__file__).resolve().parent / "templates"
_SHOWN = 100
_MARK = "the fleet"
_TITLES = {
    "faulty": N_("Cannot be run"),
    "failed": N_("Stopped by an error"),
    "cut off": N_("Cut off"),
    "rows": N_("Rows that need a person"),
}
_STEPS = {
    "faulty": N_("Mend what is wrong, and let workers run the job again:"),
    "failed": N_("Mend what has stopped it, and run the job again:"),
    "cut off": N_("Whoever ran the job has died. To go on with it:"),
    "rows": N_("The failed and the changed file of each job have these rows, with the causes."),
}


def render(jobs: Sequence[JobState], at: datetime, *, lang: str, zone: tzinfo | None = None) -> str:
    """
    Return the report of these jobs, as they were at a time, as one HTML page.

    No value of a row is in it. Times are in `zone`, or in that of this computer.
    """
    speaks = language(lang)
    facts = FleetFacts(jobs)
    show = Show(speaks, zone)
    statuses = [name for name in COUNTS if name != "left" and facts.counts[name]]

    def name_of(name: str) -> Markup:
        return show.cell(name, 120)

    def names_of(names: Sequence[str], count: int) -> Markup:
        shown_names = escape(speaks.gettext(", ")).join(show.cell(name, 60) for name in names)
        return shown_names + (", …" if count > len(names) else "")

    return (
        templates(lang, _TEMPLATES)
        .get_template("fleet_report.html")
        .render(
            facts=facts,
            at=at,
            words=show,
            language=speaks,
            mark=ReportOptions(lang=lang).mark(_MARK),
            version=__version__,
            css=style(),
            n=speaks.number,
            shown=shown,
            said=show.said,
            states=STATES,
            counts=COUNTS,
            statuses=statuses,
            needs=[need for need in NEEDS if facts.needs[need]],
            titles=_TITLES,
            steps=_STEPS,
            longest=_SHOWN,
            places={job.name: number for number, job in enumerate(facts.jobs)},
            name_of=name_of,
            names_of=names_of,
            meaning=lambda cause: show.problem(cause.code, cause.field),
            ended_at=ended_at,
            people_of=people_of,
            reason_of=reason_of,
        )
    )
