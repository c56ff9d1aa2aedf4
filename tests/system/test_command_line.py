"""The command line on the whole stack, with an API key, as a script uses it."""

from __future__ import annotations

import asyncio
import csv
import io
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from common.ids import random_id
from local.client import HeraldClient, signed_in
from local.stack import Stack
from local.topology import ROOT

pytestmark = pytest.mark.stack
MESSAGE = ["--subject", "Hi {{ first_name }}", "--body", "Dear {{ name }}, 15% off with WELCOME15 this week."]


@pytest.fixture
async def admin(stack: Stack) -> AsyncIterator[HeraldClient]:
    async with signed_in(site=stack.site, auth=stack.auth, email="admin@example.com") as client:
        yield client


class CommandLine:
    """Runs `python -m local.client` with an API key."""

    def __init__(self, stack: Stack, key: str) -> None:
        self._environ = {"HERALD_SITE": stack.site, "HERALD_KEY": key, "PYTHONPATH": str(ROOT), "COLUMNS": "200"}

    async def __call__(self, *arguments: str) -> tuple[int, str, str]:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "local.client", *arguments,
            env=self._environ, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        output, errors = await asyncio.wait_for(process.communicate(), 120)
        return process.returncode or 0, output.decode(), errors.decode()


async def test_command_line_imports_exports_previews_and_launches(
    stack: Stack, admin: HeraldClient, tmp_path: Path
) -> None:
    """Every command works with an API key, and reports rejected rows and the outcome of the campaign."""
    key = await admin.post("/api/keys", {"name": "a script", "role": "manager"})
    command_line = CommandLine(stack, key["key"])
    city = f"C{random_id()}"
    people = tmp_path / "people.csv"
    lines = [f"{city}-{n};{city}.{n}@example.com;Asha Rao;{city}" for n in range(1500)]
    lines[7] = f";no address;Asha;{city}"  # nobody can be found by that
    lines[8] = f"{city}-8;no address;Asha;{city}"  # the cell is left out, with a warning
    people.write_text("\n".join(["Customer ID;E-Mail;Full name;Town", *lines]), "utf-8")
    rejected = tmp_path / "rejected.csv"
    code, _, stderr = await command_line("import", str(people), "--rejected", str(rejected))
    assert (code, "1,499" in stderr, "100%" in stderr) == (0, True, True), stderr
    assert "E-Mail, row 10: 'no address'" in stderr
    [row] = csv.DictReader(io.StringIO(rejected.read_text("utf-8")))
    assert (row["E-Mail"], row["rejected_row"], "@-sign" in row["rejected_reason"]) == ("no address", "9", True)

    orders = tmp_path / "orders.ndjson"
    order = '{{"event_id": "{}", "type": "order", "at": "2026-01-02", "external_id": "{}-0", "amount": 12.5}}\n'
    orders.write_text("".join(order.format(f"{city}-{n % 3}", city) for n in range(5)), "utf-8")
    code, _, stderr = await command_line("import", str(orders), "--activities")
    assert (code, "counted" in stderr, "duplicate" in stderr) == (0, True, True)

    exported = tmp_path / "export.csv"
    code, _, _ = await command_line("export", str(exported), "--rule", f'city = "{city}" and orders = 3')
    [row] = csv.DictReader(io.StringIO(exported.read_text("utf-8-sig")))
    assert (code, row["external_id"], row["spend"]) == (0, f"{city}-0", "37.5")

    rule = f'city = "{city}" and orders = 3'
    assert (await command_line("preview", rule))[:2] == (0, "1\n")
    code, campaign, stderr = await command_line("launch", rule, *MESSAGE, "--watch")
    assert (code, "audience" in stderr) == (0, True)
    statistics = await admin.get(f"/api/campaigns/{campaign.strip()}/statistics")
    assert (statistics["audience"], statistics["pending"]) == (1, 0)


async def test_command_line_error_prints_message_without_traceback(stack: Stack, tmp_path: Path) -> None:
    """An invalid key and a missing file end with a message and an exit status."""
    code, _, stderr = await CommandLine(stack, "hk_guessed")("preview", "everyone")
    assert (code, "API key" in stderr, "Traceback" in stderr) == (1, True, False)
    code, _, stderr = await CommandLine(stack, "hk_guessed")("import", str(tmp_path / "missing.csv"))
    assert (code, "missing.csv" in stderr, "Traceback" in stderr) == (2, True, False)
