"""Simulates owners of one key that pause, die and lose answers; `make simulate-fleet` runs it."""

from __future__ import annotations

import argparse
from contextlib import closing

from postgres import NOT_HERE, find_binaries, server
from takeovers import World, virtual_database


def main() -> int:
    """Simulate the seeds and say which are broken."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, required=True)
    parser.add_argument("--start", type=int, default=0)
    asked = parser.parse_args()
    binaries = find_binaries()
    if binaries is None:
        raise SystemExit(NOT_HERE)
    failed = sends = takeovers = pauses = deaths = 0
    with server(binaries) as running, closing(virtual_database(running)) as connection:
        for seed in range(asked.start, asked.start + asked.seeds):
            world = World(connection, seed)
            world.live()
            sends, takeovers = sends + len(world.sends), takeovers + world.takeovers
            pauses, deaths = pauses + world.pauses, deaths + world.deaths
            if world.broken:
                failed += 1
                print(f"seed {seed}: {'; '.join(world.broken)}", flush=True)  # noqa: T201
    print(  # noqa: T201
        f"{asked.seeds} seeds, {failed} failed: {sends:,} requests, {takeovers:,} leases taken, "
        f"{pauses:,} pauses, {deaths:,} deaths"
    )
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
