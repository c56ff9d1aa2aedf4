"""The set-up of a function's process."""

from __future__ import annotations

import json
import subprocess
import sys

from tests.terraform.tree import ROOT

MAIN = ROOT / "functions" / "receipts" / "main.py"
PROGRAM = f"""
import logging
from functions_framework import create_app
create_app("record", {str(MAIN)!r})  # imports main.py, then sets up the framework's logs
logging.getLogger("common.pubsub.push").info("here", extra={{"event": "shown"}})
"""


def test_logs_survive_the_execution_ids_of_the_platform() -> None:
    """Cloud Functions sets LOG_EXECUTION_ID, with which the framework disables all loggers that exist."""
    environ = {"LOG_EXECUTION_ID": "true", "K_SERVICE": "record", "PYTHONPATH": str(ROOT / "functions")}
    command = [sys.executable, "-c", PROGRAM]
    output = subprocess.run(command, env=environ, capture_output=True, text=True, check=True).stdout
    assert json.loads(output)["event"] == "shown"
