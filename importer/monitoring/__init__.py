"""Reports how an unattended run has ended, to other programs and to people."""

from __future__ import annotations

from importer.monitoring.monitor import RunMonitor
from importer.monitoring.notifiers import TimeLimits
from importer.monitoring.settings import MonitoringSettings

__all__ = ["MonitoringSettings", "RunMonitor", "TimeLimits"]
