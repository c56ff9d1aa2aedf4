"""The command line against the whole stack, as a developer's script uses it: with an API key."""

from __future__ import annotations

import asyncio
import csv
import io
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from common.ids import random_id
from local.client import Client, signed_in
from local.stack import Stack
from local.topology import ROOT

pytestmark = pytest.mark.stack
MESSAGE = ["--subject", "Hi {{ first_name }}", "--body", "Dear {{ name }}, 15% off with WELCOME15 this week."]


@pytest.fixture
async def admin(stack: Stack) -> AsyncIterator[Client]:
    async with signed_in(site=stack.site, auth=stack.auth, email="admin@example.com") as client:
        yield client


class Shell:
    def __init__(self, stack: Stack, key: str) -> None:
        self._environ = {"HERALD_SITE": stack.site, "HERALD_KEY": key, "PYTHONPATH": str(ROOT), "COLUMNS": "200"}

    async def __call__(self, *arguments: str) -> tuple[int, str, str]:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "local.client", *arguments,
            env=self._environ, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        output, errors = await asyncio.wait_for(process.communicate(), 120)
        return process.returncode or 0, output.decode(), errors.decode()


async def test_in_out_counted_launched_and_watched(stack: Stack, admin: Client, tmp_path: Path) -> None:
    key = await admin.post("/api/keys", {"name": "a script", "role": "manager"})
    herald = Shell(stack, key["key"])
    city = f"C{random_id()}"
    people = tmp_path / "people.csv"
    lines = [f"{city}-{n};{city}.{n}@example.com;Asha Rao;{city}" for n in range(1500)]
    lines[7] = f"{city}-7;no address;Asha;{city}"
    people.write_text("\n".join(["Customer ID;E-Mail;Full name;Town", *lines]), "utf-8")
    rejected = tmp_path / "rejected.csv"
    code, _, said = await herald("import", str(people), "--rejected", str(rejected))
    assert (code, "1,499" in said, "100%" in said) == (0, True, True), said
    [row] = csv.DictReader(io.StringIO(rejected.read_text("utf-8")))
    assert (row["E-Mail"], row["rejected_row"], "@-sign" in row["rejected_reason"]) == ("no address", "8", True)

    orders = tmp_path / "orders.ndjson"
    order = '{{"event_id": "{}", "type": "order", "at": "2026-01-02", "external_id": "{}-0", "amount": 12.5}}\n'
    orders.write_text("".join(order.format(f"{city}-{n % 3}", city) for n in range(5)), "utf-8")
    code, _, said = await herald("import", str(orders), "--activities")
    assert (code, "counted" in said, "duplicate" in said) == (0, True, True)

    exported = tmp_path / "export.csv"
    code, _, _ = await herald("export", str(exported), "--rule", f'city = "{city}" and orders = 3')
    [found] = csv.DictReader(io.StringIO(exported.read_text("utf-8-sig")))
    assert (code, found["external_id"], found["spend"]) == (0, f"{city}-0", "37.5")

    some = f'city = "{city}" and orders = 3'
    assert (await herald("preview", some))[:2] == (0, "1\n")
    code, campaign, said = await herald("launch", some, *MESSAGE, "--watch")
    assert (code, "audience" in said) == (0, True)
    statistics = await admin.get(f"/api/campaigns/{campaign.strip()}/statistics")
    assert (statistics["audience"], statistics["pending"]) == (1, 0)


async def test_what_goes_wrong_is_said_without_a_traceback(stack: Stack, tmp_path: Path) -> None:
    code, _, said = await Shell(stack, "hk_guessed")("preview", "everyone")
    assert (code, "API key" in said, "Traceback" in said) == (1, True, False)
    code, _, said = await Shell(stack, "hk_guessed")("import", str(tmp_path / "missing.csv"))
    assert (code, "missing.csv" in said, "Traceback" in said) == (2, True, False)
