"""Two examples of each command, which its help shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

FIRST_STEPS = """\
Import a list of people (Excel, CSV, JSON Lines) into the CRM behind Vorel.

Begin with one of these:

  vorel-import demo
      See an import, on this computer alone: a local Vorel gets six sample lists.

  vorel-import ui
      A page in the browser leads from your file to the report.

  vorel-import map LIST.xlsx --object contact -o mapping.toml
      In the terminal: LIST.xlsx is your list. It says which column becomes which field, sends
      nothing, and ends with the next command.

All commands: vorel-import --help"""
"""What the command alone prints."""

EXAMPLES: Mapping[str, Sequence[str]] = {
    "": (
        "vorel-import map people.xlsx --object contact -o mapping.toml",
        "vorel-import run people.xlsx --mapping mapping.toml",
    ),
    "run": (
        "vorel-import run people.xlsx --mapping mapping.toml",
        "vorel-import run people.xlsx --mapping mapping.toml --limit 5",
    ),
    "check": (
        "vorel-import check people.xlsx --mapping mapping.toml",
        "vorel-import check people.csv --mapping mapping.toml --failed-file refused.csv",
    ),
    "ui": ("vorel-import ui", "vorel-import ui --port 8080 --no-browser"),
    "map": (
        "vorel-import map people.xlsx --object contact -o mapping.toml",
        "vorel-import map people.csv --object lead --region AE --timezone Asia/Dubai -o leads.toml",
    ),
    "status": (
        "vorel-import status people.results.jsonl",
        "vorel-import status people.results.jsonl --json",
    ),
    "export": (
        "vorel-import export people.results.jsonl people.csv",
        "vorel-import export people.results.jsonl people.csv --failed-as xlsx",
    ),
    "updates": (
        "vorel-import updates people.results.jsonl people.csv",
        "vorel-import updates people.results.jsonl people.csv --for hubspot",
    ),
    "undo": (
        "vorel-import undo people.results.jsonl",
        "vorel-import undo people.results.jsonl --run 95479760a126",
    ),
    "report": (
        "vorel-import report people.results.jsonl",
        "vorel-import report people.results.jsonl --lang ar --redact -o report.html",
    ),
    "acknowledge": (
        "vorel-import acknowledge people.results.jsonl",
        "vorel-import acknowledge people.results.jsonl --same all",
    ),
    "reconcile": (
        "vorel-import reconcile people.results.jsonl crm-export.csv",
        "vorel-import reconcile people.results.jsonl crm-export.csv --apply",
    ),
    "recover": (
        "vorel-import recover people.results.jsonl people.success.csv --object contact",
        "vorel-import recover people.results.jsonl people.success.csv --mapping mapping.toml",
    ),
    "compact": (
        "vorel-import compact people.results.jsonl",
        "vorel-import compact people.results.jsonl --json",
    ),
    "forget": (
        "vorel-import forget people.results.jsonl --before 2026-01-31",
        "vorel-import forget people.results.jsonl --row 17",
    ),
    "schedule": (
        "vorel-import schedule people.toml --print systemd --at 02:30",
        "vorel-import schedule people.toml --print cron",
    ),
    "schema": ("vorel-import schema contact", "vorel-import schema contact --json"),
    "sandbox": ("vorel-import sandbox", "vorel-import sandbox --port 0 --json"),
    "demo": ("vorel-import demo", "vorel-import demo --lists samples"),
    "completion": (
        "vorel-import completion bash >> ~/.bashrc",
        "vorel-import completion fish > ~/.config/fish/completions/vorel-import.fish",
    ),
    "fleet": (
        "vorel-import fleet init --grant worker",
        "vorel-import fleet worker jobs",
    ),
    "fleet init": ("vorel-import fleet init", "vorel-import fleet init --grant worker"),
    "fleet add": ("vorel-import fleet add jobs", "vorel-import fleet add jobs/clinic.toml"),
    "fleet run": ("vorel-import fleet run jobs/clinic.toml", "vorel-import fleet run jobs --json"),
    "fleet worker": (
        "vorel-import fleet worker jobs",
        "vorel-import fleet worker jobs --retry-at 02:00 --metrics 9464",
    ),
    "fleet stop": ("vorel-import fleet stop clinic", "vorel-import fleet stop --all"),
    "fleet resume": ("vorel-import fleet resume clinic", "vorel-import fleet resume --all"),
    "fleet retry": (
        "vorel-import fleet retry --all",
        "vorel-import fleet retry clinic --accept-list",
    ),
    "fleet status": (
        "vorel-import fleet status clinic",
        "vorel-import fleet status --check --max-age 26h",
    ),
    "fleet report": (
        "vorel-import fleet report",
        "vorel-import fleet report --lang ar -o fleet.html",
    ),
    "fleet compact": (
        "vorel-import fleet compact --all",
        "vorel-import fleet compact clinic --json",
    ),
    "fleet forget": (
        "vorel-import fleet forget clinic --before 2026-01-31",
        "vorel-import fleet forget clinic --row 17",
    ),
    "fleet remove": (
        "vorel-import fleet remove clinic",
        "vorel-import fleet remove clinic --yes",
    ),
    "fleet restored": (
        "vorel-import fleet restored jobs",
        "vorel-import fleet restored jobs/clinic.toml",
    ),
    "fleet reconcile": (
        "vorel-import fleet reconcile jobs/clinic.toml crm-export.csv",
        "vorel-import fleet reconcile jobs/clinic.toml crm-export.csv --apply",
    ),
}
"""By the name of the command; "" is the command line itself."""
