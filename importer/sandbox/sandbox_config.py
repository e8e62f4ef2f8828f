"""The settings of a sandbox."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from importer.core.errors import ConfigError
from importer.sandbox.injected_faults import NO_FAULTS, Faults
from importer.sandbox.vendors import CRMS

KEY_FORM = re.compile(r"vapk_[a-z]+_[0-9a-f]{48}")


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxConfig:
    """
    The settings of a sandbox. Raises `ConfigError` for an invalid value.

    `rate_limit` and `tenant_limit` are requests in a window of `window` seconds. `key_ttl` is how
    many seconds an idempotency key lives. `limit_headers` puts the X-RateLimit headers on all
    answers, not only on 429s. `seed` replaces the seed of `faults`. `db` is a file, or
    None for memory. `api_key` is the key with scope `crm:write`; None makes one up. `clock`
    returns epoch seconds and decides windows, the life of keys and outages.
    """

    crm: str = "hubspot"
    rate_limit: int = 200
    tenant_limit: int = 5000
    key_ttl: float = 86_400.0
    limit_headers: bool = True
    faults: Faults = NO_FAULTS
    seed: int | None = None
    db: Path | None = None
    api_key: str | None = field(default=None, repr=False)
    window: float = 60.0
    clock: Callable[[], float] = field(default=time.time, repr=False)

    def __post_init__(self) -> None:
        if self.crm not in CRMS:
            raise ConfigError(f"crm: must be one of {', '.join(CRMS)}, is {self.crm!r}")
        if self.rate_limit < 1 or self.tenant_limit < 1:
            raise ConfigError("rate_limit and tenant_limit: must be at least 1")
        if not (self.key_ttl > 0 and self.window > 0):
            raise ConfigError("key_ttl and window: must be more than 0 seconds")
        if self.api_key is not None and not KEY_FORM.fullmatch(self.api_key):
            raise ConfigError(
                "the API key does not have the form vapk_<env>_<48 hex digits>",
                hint="For one: echo vapk_test_$(openssl rand -hex 24)",
            )
