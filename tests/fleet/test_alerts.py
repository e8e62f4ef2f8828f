"""The alerts for Prometheus: each fires when it should, and no ordinary night does it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from importer.jobs.monitoring.metrics import _HELP

FILE = Path(__file__).parents[2] / "docs" / "fleet" / "vorel-alerts.yml"
RULES = [
    rule for group in yaml.safe_load(FILE.read_text("utf-8"))["groups"] for rule in group["rules"]
]
ORDINARY = {
    "vorel_import_database_up": "1x2000",
    "vorel_import_fleet_oldest_wait_seconds": "0+5x10 0x1990",
    "vorel_import_fleet_takeovers": "0x500 1x500 2x1000",
    'vorel_import_last_success_timestamp_seconds{job="clinic"}': "0x1440 86400x560",
}
BAD: dict[str, dict[str, str]] = {
    "VorelJobInTrouble": {'vorel_import_fleet_in_trouble{job="clinic"}': "1x2000"},
    "VorelJobNotImported": {
        'vorel_import_last_success_timestamp_seconds{job="clinic"}': "0x2000",
    },
    "VorelJobsWait": {"vorel_import_fleet_oldest_wait_seconds": "0+60x2000"},
    "VorelTakeovers": {"vorel_import_fleet_takeovers": "0+1x2000"},
    "VorelDatabaseAway": {"vorel_import_database_up": "0x2000"},
    "VorelNoWorker": {"vorel_import_database_up": "1x10 _x1990"},
}


def fired(tmp_path: Path, series: dict[str, str], firing: str | None) -> str:
    """Return what promtool says if nothing but one alert, or none, is to fire after 30 hours."""
    expected = [
        {
            "eval_time": "30h",
            "alertname": name,
            "exp_alerts": [{"exp_labels": {}}] if name == firing else [],
        }
        for name in BAD
    ]
    test: dict[str, Any] = {
        "rule_files": [str(FILE)],
        "evaluation_interval": "1m",
        "tests": [
            {
                "interval": "1m",
                "input_series": [
                    {"series": name, "values": values}
                    for name, values in {**ORDINARY, **series}.items()
                ],
                "alert_rule_test": expected,
            }
        ],
    }
    path = tmp_path / "test.yml"
    path.write_text(json.dumps(test), encoding="utf-8")
    done = subprocess.run(
        [str(shutil.which("promtool")), "test", "rules", str(path)],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr


def test_the_rules_ask_for_figures_that_there_are() -> None:
    assert {rule["alert"] for rule in RULES} == {*BAD}
    for rule in RULES:
        names = re.findall(r"vorel_import_(\w+)", rule["expr"])
        assert names
        assert {*names} <= {*_HELP}


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed")
@pytest.mark.parametrize("alert", [*BAD, None])
def test_an_alert_fires_when_it_should_alone(tmp_path: Path, alert: str | None) -> None:
    said = fired(tmp_path, {} if alert is None else BAD[alert], alert)
    got = {*re.findall(r"alertname: (\w+)", said)}
    # It compares whole texts, too, which are not stated: so the alert that fires is named.
    assert got == (set() if alert is None else {alert}), said
    assert ("SUCCESS" in said) == (alert is None), said
    if alert is not None:
        assert f'alertname="{alert}"' in said
        assert "summary=" in said
