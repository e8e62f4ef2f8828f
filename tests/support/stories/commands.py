"""The other commands that a person gives between runs, and the derived files that are imported."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable
from typing import Any

from stories.acts import RESULTS, STEM, Acts
from stories.files import Table
from stories.people import TOO_LONG, Row

__all__ = ["COMMANDS", "export", "unknown_people"]

_EXPORT = "crm-export.csv"
_FIELDS = ("first_name", "last_name", "email", "phone")


def export(acts: Acts, *flags: str) -> None:
    """Compare the import with all that the CRM has."""
    lines = ["Record ID,First Name,Last Name,Email,Phone Number"]
    for one, made in acts.crm.records.items():
        lines.append(",".join([one, *(str(made.fields.get(name, "")) for name in _FIELDS)]))
    if len(lines) > 1 and not acts.crm.has_late_ones:
        acts.world.write(_EXPORT, "\n".join([*lines, ""]))
        acts.command("reconcile", RESULTS, _EXPORT, *flags, ends_with=(0, 1, 2, 6))


def unknown_people(acts: Acts) -> set[str]:
    """Return whom the failed file has without a clear answer."""
    path = acts.world.folder / f"{STEM}.failed.csv"
    rows = Table.read(path).rows if path.exists() else []
    header = acts.people.headers["First"]
    return {who(row[header]) for row in rows if row["vorel_status"] == "unknown"}


def who(text: object) -> str:
    """Return whom a name is of."""
    return str(text).split()[0]


def _remove_the_index(acts: Acts) -> None:
    for path in acts.world.folder.glob("*.index"):
        path.unlink()


def _move_everything(acts: Acts) -> None:
    """Copy the folder to another place, as to another computer, and delete the old one."""
    old = acts.world.folder
    new = old.with_name(f"{old.name}-moved")
    shutil.copytree(old, new, copy_function=shutil.copy)
    shutil.rmtree(old)
    acts.world.folder = new


Edit = Callable[[Acts, list[dict[str, Any]]], None]


def _import_derived(acts: Acts, kind: str, edit: Edit | None = None) -> None:
    """Import a derived file of the last run, edited or not."""
    for suffix in ("jsonl", "csv"):
        path = acts.world.folder / f"{STEM}.{kind}.{suffix}"
        if path.exists():
            _import_table(
                acts, Table.read(path), acts.chance.choice([None, None, "sent-back"]), edit
            )
            return


def _import_old(acts: Acts) -> None:
    """Import a derived file of any run before, edited or not."""
    if acts.old_files:
        name, content = acts.chance.choice(acts.old_files)
        path = acts.world.folder / f"old-{name}"
        path.write_bytes(content)
        acts.tell(path.name)
        _import_table(acts, Table.read(path), "sent-back", acts.chance.choice([None, _correct]))
        path.unlink()


def _import_table(acts: Acts, table: Table, name: str | None, edit: Edit | None) -> None:
    """Import rows, as the same file or under another `name`, if the mapping fits their columns."""
    headers = acts.people.headers
    if not {headers[column] for column in acts.settings.mapped} <= table.rows[0].keys():
        return
    if edit is not None:
        edit(acts, table.rows)
    if name is not None:
        is_json = table.path.suffix == ".jsonl"
        name += ".jsonl" if is_json else acts.chance.choice([".csv", ".xlsx"])
    acts.run_file(table.save(name), [*_people_of(acts, table.rows)])


def _people_of(acts: Acts, rows: Iterable[dict[str, Any]]) -> Iterable[Row]:
    for row in rows:
        cells = {
            column: str(row.get(header) or "") for column, header in acts.people.headers.items()
        }
        yield Row(who(cells["First"]), cells)


def _correct(acts: Acts, rows: list[dict[str, Any]]) -> None:
    """Correct rows that have a bad address; sort, copy or delete some, or add somebody."""
    chance, headers = acts.chance, acts.people.headers
    for row in rows:
        if row[headers["Mail"]] == TOO_LONG and chance.random() < 0.7:
            row[headers["Mail"]] = f"{who(row[headers['First']]).lower()}@example.com"
    if chance.random() < 0.2:
        chance.shuffle(rows)
    if chance.random() < 0.2 and len(rows) > 1:
        rows.pop()
    if chance.random() < 0.1:
        rows.append(dict(rows[0]))
        acts.added[who(rows[0][headers["First"]])] += 1
    if chance.random() < 0.2 and acts.people.has_others:
        new = acts.people.somebody_new()
        cells = {headers[column]: text for column, text in new.cells.items()}
        rows.append({name: cells.get(name, "") for name in rows[0]})
        acts.added[new.who] += 1
        if chance.random() < 0.5:
            acts.people.insert(new)


COMMANDS: dict[str, Callable[[Acts], object]] = {
    "compact": lambda acts: acts.command("compact", RESULTS),
    "forget": lambda acts: acts.command("forget", RESULTS, "--before", "2099-01-01"),
    "acknowledge": lambda acts: acts.command("acknowledge", RESULTS),
    "decide": Acts.decide,
    "export": lambda acts: acts.command("export", RESULTS, ends_with=(0, 1, 2, 6)),
    "status": lambda acts: acts.command("status", RESULTS),
    "reconcile": export,
    "reconcile --apply": lambda acts: export(acts, "--apply"),
    "remove the index": _remove_the_index,
    "move everything": _move_everything,
    "late requests arrive": lambda acts: acts.crm.catch_up(),
    "import the failed file": lambda acts: _import_derived(acts, "failed"),
    "correct the failed file": lambda acts: _import_derived(acts, "failed", _correct),
    "import the success file": lambda acts: _import_derived(acts, "success"),
    "import the unsent file": lambda acts: _import_derived(acts, "unsent"),
    "import the changed file": lambda acts: _import_derived(acts, "changed"),
    "import an old file": _import_old,
}
