"""The command that runs the local Vorel."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from importer.cli.help import HelpfulCommand
from importer.cli.interrupts import until_ended
from importer.cli.options import Duration, json_option
from importer.cli.terminal_text import say, say_json
from importer.core.shared import LOOPBACK

if TYPE_CHECKING:
    from importer.sandbox import Sandbox, SandboxConfig

_LISTENS = Path(__file__).parents[1] / "sandbox_listens.txt"


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxDocument:
    """Where a sandbox listens, and with which keys."""

    url: str
    endpoint: str
    api_key: str
    api_key_without_scope: str
    crm: str
    db: str | None


@click.command(cls=HelpfulCommand)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    default=3000,
    show_default=True,
    help="Port to listen on; 0 takes a free one.",
)
@click.option(
    "--db",
    type=click.Path(dir_okay=False, path_type=Path),
    help="SQLite file for all data.  [default: memory]",
)
@click.option(
    "--crm",
    type=click.Choice(["hubspot", "salesforce", "zoho", "none"]),
    default="hubspot",
    show_default=True,
    help="The CRM of the tenant.",
)
@click.option(
    "--faults",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="TOML or JSON file with faults to inject.",
)
@click.option(
    "--rate-limit",
    type=click.IntRange(min=1),
    default=200,
    show_default=True,
    help="Requests a minute for each API key.",
)
@click.option(
    "--tenant-limit",
    type=click.IntRange(min=1),
    default=5000,
    show_default=True,
    help="Requests a minute for all keys together.",
)
@click.option(
    "--key-ttl",
    type=Duration(allows_zero=False),
    default="24h",
    show_default=True,
    help="How long an idempotency key lives.",
)
@click.option("--seed", type=int, help="Makes the faults repeatable.")
@click.option(
    "--limit-headers/--no-limit-headers",
    default=True,
    show_default=True,
    help="X-RateLimit headers on all answers, or only on 429s.",
)
@json_option
def sandbox(*, host: str, port: int, faults: Path | None, as_json: bool, **settings: Any) -> None:
    """
    Run a local Vorel to try imports against.

    It answers like the real endpoint, and shows on a page what arrives. VOREL_SANDBOX_API_KEY sets
    the API key; without it, a new one is made. Ctrl-C stops it.
    """
    from importer.sandbox import Faults, SandboxConfig, load_faults, running

    config = SandboxConfig(
        api_key=os.environ.get("VOREL_SANDBOX_API_KEY") or None,
        faults=load_faults(faults) if faults else Faults(),
        **settings,
    )
    with until_ended() as wait, running(config, host=host, port=port) as box:
        if host not in LOOPBACK and not host.startswith("127."):
            say(
                f"Warning: {host} is open to others: everyone who can reach it can read "
                "the records.",
                err=True,
            )
        _announce(box, config, as_json=as_json)
        wait()
    say("The sandbox has stopped.", err=True)


def _announce(box: Sandbox, config: SandboxConfig, *, as_json: bool) -> None:
    """Print the address, the keys and what to try next."""
    ready = SandboxDocument(
        url=box.url,
        endpoint=box.endpoint,
        api_key=box.api_key,
        api_key_without_scope=box.new_key(["read"]),
        crm=config.crm,
        db=str(config.db) if config.db else None,
    )
    if as_json:
        say_json(ready)
        return
    where = f"in {config.db}" if config.db else "in memory: they are gone when it stops"
    say(_LISTENS.read_text(encoding="utf-8").format(where=where, **asdict(ready)))
