"""Writes the report of an import, and never replaces a file that is no report."""

from __future__ import annotations

import hashlib
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from importer.core import systems
from importer.core.errors import UsageError
from importer.core.locale.message import Message
from importer.core.systems.contents import PrefixDigest, whole_file
from importer.report.found_report import ExistingFile, ReportOptions, find_report, places_of
from importer.writer.index_file import beside

if TYPE_CHECKING:
    from concurrent.futures import Future

    from importer.report.facts import Facts


class ReportFileError(UsageError):
    """Raised if a report is to be written to a file that is not one of this importer's."""


def begin_report(results: Path) -> Future[PrefixDigest]:
    """Begin in a thread with what `update_report` will need, while the import goes on."""
    from concurrent.futures import ThreadPoolExecutor

    thread = ThreadPoolExecutor(1, thread_name_prefix="vorel-report")
    begun = thread.submit(_begun, results)
    thread.shutdown(wait=False)
    return begun


def _begun(results: Path) -> PrefixDigest:
    digest = PrefixDigest(results)
    digest.begin()
    from importer.report.page import load_templates

    there = find_report(results)
    load_templates((ReportOptions() if there is None else there[1]).lang)
    return digest


def update_report(
    results: Path, *, is_changed: bool, begun: Future[PrefixDigest] | None = None
) -> tuple[Path, list[Message]]:
    """
    Write the report of an import again with its options, unless nothing has changed.

    It may have `begun` before. Returns the path of the report, and notices. Raises `ResultsError`
    and `OSError`.
    """
    there = find_report(results)
    if there is not None and not is_changed:
        return there[0], []
    # Only runs that write a report load the modules for it.
    from importer.report.facts import read_facts

    options = there[1] if there is not None else ReportOptions()
    facts = read_facts(results, None if begun is None else begun.result())
    return write_report(facts, options)


def write_report(
    facts: Facts, options: ReportOptions, *, to: Path | None = None
) -> tuple[Path, list[Message]]:
    """
    Write the report `to` a file, or next to the results file as `<stem>.report.html`.

    Returns its path, and notices. The report is written under another name first, so that nobody
    sees half of it, and only its owner can read it. A file that is no report of this import is not
    replaced: the report takes the next name, such as `<stem>.report-2.html`. An edited report is
    kept as `<stem>.edited-1.report.html`.

    Raises `ReportFileError` if `to` is another kind of file, and `OSError` if writing fails.
    """
    from importer.report.page import render

    results = facts.results
    mark = options.mark(results.name)
    text = render(facts, lang=options.lang, redact=options.redact, mark=mark)
    if to is not None:
        put_report(text, to, of=results.name)
        return to, []
    content = _sealed(text)
    notices = []
    path, existing = next(
        (path, existing)
        for path, existing in places_of(results)
        if existing is None or existing.of == results.name
    )
    first = beside(results, "report.html")
    if path != first:
        notices.append(
            Message(
                "%(name)s is no report of this import: it is left, see %(name_2)s",
                name=first.name,
                name_2=path.name,
            )
        )
    if existing is not None and existing.is_edited:
        aside = next(
            one
            for number in count(1)
            if not (one := beside(results, f"edited-{number}.report.html")).exists()
        )
        systems.current.replace(path, aside)
        notices.append(
            Message(
                "%(name)s was edited: it is kept as %(name_2)s", name=path.name, name_2=aside.name
            )
        )
    _put(content, path, results.name)
    return path, notices


def put_report(text: str, to: Path, *, of: str) -> None:
    """
    Write a page to a file, if there is no file or another report.

    `of` is the beginning of its temporary name. Only its owner can read it. Raises
    `ReportFileError` for another kind of file, and `OSError` if writing fails.
    """
    existing = ExistingFile.at(to)
    if existing is not None and existing.of is None:
        raise ReportFileError(
            "%(path)s is not a report: it is left as it is",
            path=to,
            hint="Name another file with -o, or remove that one.",
        )
    _put(_sealed(text), to, of)


def _sealed(text: str) -> bytes:
    """Return the bytes of a page with a seal, which shows later whether somebody has edited it."""
    content = text.encode("utf-8", "replace")
    seal = hashlib.sha256(content).hexdigest()
    return content + f"<!-- sha256 of all above: {seal} -->\n".encode()


def _put(content: bytes, path: Path, results: str) -> None:
    with whole_file(path, prefix=f".{results}.") as stream:
        stream.write(content)
