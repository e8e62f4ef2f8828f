"""Two examples of each command, which its help shows."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

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

_EXAMPLES = """\
map people.xlsx --object contact -o mapping.toml
run people.xlsx --mapping mapping.toml
run people.xlsx --mapping mapping.toml --limit 5
check people.xlsx --mapping mapping.toml
check people.csv --mapping mapping.toml --failed-file refused.csv
ui
ui --port 8080 --no-browser
map people.csv --object lead --region AE --timezone Asia/Dubai -o leads.toml
status people.results.jsonl
status people.results.jsonl --json
export people.results.jsonl people.csv
export people.results.jsonl people.csv --failed-as xlsx
updates people.results.jsonl people.csv
updates people.results.jsonl people.csv --for hubspot
undo people.results.jsonl
undo people.results.jsonl --run 95479760a126
report people.results.jsonl
report people.results.jsonl --lang ar --redact -o report.html
acknowledge people.results.jsonl
acknowledge people.results.jsonl --same all
reconcile people.results.jsonl crm-export.csv
reconcile people.results.jsonl crm-export.csv --apply
recover people.results.jsonl people.success.csv --object contact
recover people.results.jsonl people.success.csv --mapping mapping.toml
compact people.results.jsonl
compact people.results.jsonl --json
forget people.results.jsonl --before 2026-01-31
forget people.results.jsonl --row 17
schedule people.toml --print systemd --at 02:30
schedule people.toml --print cron
schema contact
schema contact --json
sandbox
sandbox --port 0 --json
demo
demo --lists samples
completion bash >> ~/.bashrc
completion fish > ~/.config/fish/completions/vorel-import.fish
fleet init --grant worker
fleet worker jobs
fleet init
fleet add jobs
fleet add jobs/clinic.toml
fleet run jobs/clinic.toml
fleet run jobs --json
fleet worker jobs --retry-at 02:00 --metrics 9464
fleet stop clinic
fleet stop --all
fleet resume clinic
fleet resume --all
fleet retry --all
fleet retry clinic --accept-list
fleet status clinic
fleet status --check --max-age 26h
fleet report
fleet report --lang ar -o fleet.html
fleet compact --all
fleet compact clinic --json
fleet forget clinic --before 2026-01-31
fleet forget clinic --row 17
fleet remove clinic
fleet remove clinic --yes
fleet restored jobs
fleet restored jobs/clinic.toml
fleet reconcile jobs/clinic.toml crm-export.csv
fleet reconcile jobs/clinic.toml crm-export.csv --apply
"""
"""Each without the name of the program. The first two of a command are shown."""


def examples_of(command: str) -> Sequence[str]:
    """
    Return two examples of a command; "" is the command line itself.

        >>> examples_of("ui")
        ['vorel-import ui', 'vorel-import ui --port 8080 --no-browser']
    """
    words = command.split()
    found = (one for one in _EXAMPLES.splitlines() if one.split()[: len(words)] == words)
    return [f"vorel-import {one}" for one in islice(found, 2)]
