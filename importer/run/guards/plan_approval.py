"""Makes sure that a run carries out the approved plan and no other."""

from __future__ import annotations

from importer.core.errors import ConfigError
from importer.core.shared import FINISHED
from importer.run.job import Job
from importer.run.plan import Plan
from importer.writer.state.history import History


def plan_id(job: Job, plan: Plan) -> str:
    """Return the id of the plan of a job, as `check` prints it."""
    return plan.id(job.survey.sha256, job.mapping_sha256, job.decides)


def check_approved(job: Job, plan: Plan, history: History) -> None:
    """
    Raise `ConfigError` if `--plan` names another plan than this one.

    After a stop the same command goes on, although the rest of the list is another plan: the last
    run began with the same id, list and mapping and did not reach the end of the list, and nobody
    has decided anything since.
    """
    approved = job.config.plan
    if approved is None or approved == plan_id(job, plan) or _goes_on(approved, job, history):
        return
    raise ConfigError(
        "--plan %(key)s: the list, the mapping or what is on record has changed since "
        "that plan was made; by now it is plan %(key_2)s",
        key=approved,
        key_2=plan_id(job, plan),
        hint="Nothing was sent. Run check again, and approve what it shows.",
    )


def _goes_on(approved: str, job: Job, history: History) -> bool:
    last = history.last_run
    if last is None or last.settings.get("plan") != approved or last.run in history.acknowledged:
        return False
    sha256 = None if last.source is None else last.source.sha256
    if sha256 != job.survey.sha256 or last.decides != job.decides:
        return False
    end = history.end_of(last)
    if end is None or end.exit_code not in FINISHED or end.rows is None:
        return True  # it was killed, or has not reached the end of its list
    return bool(end.unsent or end.left)
