"""The sandbox: a local Vorel to develop and test against."""

from __future__ import annotations

from importer.sandbox.injected_faults import Fault, Faults, Rate, Step, load_faults
from importer.sandbox.local_sandbox import running
from importer.sandbox.sandbox_config import SandboxConfig
from importer.sandbox.service import Sandbox

__all__ = ["Fault", "Faults", "Rate", "Sandbox", "SandboxConfig", "Step", "load_faults", "running"]
