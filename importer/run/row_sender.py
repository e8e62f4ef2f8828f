"""Sends the rows of a run, with the key's rate limiter, a queue and workers."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager

from anyio.abc import TaskGroup

from importer.core.control import StopControl
from importer.core.events import Notifier
from importer.run.config import ImportConfig
from importer.run.journal import Journal
from importer.run.run_environment import RunEnvironment
from importer.sender.answer import Destination
from importer.sender.delivery.breaker import CircuitBreaker
from importer.sender.delivery.delivery import Delivery, RetryBudget, Settle
from importer.sender.delivery.send_queue import SendQueue
from importer.sender.delivery.worker_pool import WorkerPool
from importer.sender.pacing.host_limiter import open_host_limiter
from importer.sender.pacing.limiter import RateLimiter
from importer.sender.vorel.tls import shared_ssl_context


class RowSender:
    """
    Sends the rows that are put in its `queue`; the workers end after the last one.

    A run makes it for its first row to send: most nights have none, and do not load the modules
    that it needs. Its workers run in `tasks`, and call `settle` with the outcome of each row. Close
    it after use.
    """

    def __init__(
        self,
        config: ImportConfig,
        environment: RunEnvironment,
        control: StopControl,
        journal: Journal,
        notifier: Notifier,
        settle: Settle,
        tasks: TaskGroup,
    ) -> None:
        self._config = config
        rate, pace = config.rate, config.pace
        key, trouble = config.required_api_key(), notifier.notice
        self._limiter = RateLimiter(
            rate,
            pace,
            clock=journal.clock,
            on_wait=notifier.waiting,
            shared=open_host_limiter(key, rate, pace, on_trouble=trouble),
            sent_before=environment.sent_before,
        )
        self.queue = SendQueue(config.concurrency, clock=journal.clock, control=control)
        self._delivery = Delivery(
            limiter=self._limiter,
            breaker=CircuitBreaker(
                config.max_outage, clock=journal.clock, on_wait=notifier.waiting
            ),
            budget=RetryBudget(rate),
            control=control,
            clock=journal.clock,
            max_outage=config.max_outage,
            journal=journal,
            counts_by_lines=environment.counts_by_lines,
            writers=environment.writers,
            on_wait=notifier.waiting,
        )
        self._verify = shared_ssl_context(config.base_url)
        WorkerPool(self._delivery, self._open_destination, self.queue, settle).begin(tasks)

    @property
    def requests(self) -> int:
        """How many requests were sent."""
        return self._limiter.requests

    @property
    def can_send_next_at_once(self) -> bool:
        """Whether the next row can be sent now, so that its line can be written with another."""
        return self._delivery.can_send_next_at_once(self.queue)

    def close(self) -> None:
        """Release what is shared with other runs."""
        self._limiter.close()

    def _open_destination(self) -> AbstractAsyncContextManager[Destination]:
        """Return a new connection for one worker."""
        from importer.sender.vorel.client import Client  # httpx takes long to load

        return Client(
            base_url=self._config.base_url,
            api_key=self._config.required_api_key(),
            connect_timeout=self._config.connect_timeout,
            request_timeout=self._config.request_timeout,
            verify=self._verify,
        )
