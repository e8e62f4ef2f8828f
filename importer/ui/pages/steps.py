"""What begins the work of a step."""

from __future__ import annotations

from importer.ui.site import Site
from importer.ui.store.folder import Import
from importer.ui.work.list_checking import check_list
from importer.ui.work.list_reading import draft, read_list
from importer.ui.work.tasks import Task


def begin_reading(site: Site, one: Import) -> None:
    """Read the beginning of the list, in a task."""
    task = Task("read")
    site.tasks.start(one, task, lambda: read_list(one, task))


def begin_check(site: Site, one: Import) -> None:
    """Check the whole list, in a task."""
    task = Task("check")
    site.tasks.start(one, task, lambda: check_list(one, task))


def redraft(site: Site, one: Import) -> None:
    """Draft the mapping again. A check that is under way is of no use any more."""
    task = site.tasks.running(one)
    if task is not None and task.kind == "check":
        task.cancel()
        task.wait()
    draft(one)
