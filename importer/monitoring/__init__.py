"""Tells other programs, and people who watch none, how an unattended run has ended."""

from __future__ import annotations

from importer.monitoring.monitor import RunMonitor
from importer.monitoring.settings import MonitoringSettings
from importer.monitoring.telling import TimeLimits

__all__ = ["MonitoringSettings", "RunMonitor", "TimeLimits"]
