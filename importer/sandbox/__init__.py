"""The sandbox: a local Vorel to develop and test against."""

from __future__ import annotations

from importer.sandbox.config import SandboxConfig
from importer.sandbox.faultfile import load_faults
from importer.sandbox.injected_faults import Fault, Faults, Rate, Step
from importer.sandbox.local_sandbox import Sandbox, running

__all__ = ["Fault", "Faults", "Rate", "Sandbox", "SandboxConfig", "Step", "load_faults", "running"]
