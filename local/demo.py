"""The demo: customers to play with, a segment, and a first campaign."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from local.client import Client, signed_in

CUSTOMERS = 2000
RULE = "spend > 10000 AND visits < 3 OR inactive for 90 days"
ADMIN = "admin@example.com"
FIRST_NAMES = [
    "Aarav",
    "Aditi",
    "Ananya",
    "Arjun",
    "Asha",
    "Bhavna",
    "Chetan",
    "Deepa",
    "Dev",
    "Divya",
    "Esha",
    "Farhan",
    "Gauri",
    "Harsh",
    "Isha",
    "Ishaan",
    "Jaya",
    "Kabir",
    "Kavya",
    "Kiran",
    "Lakshmi",
    "Manish",
    "Meera",
    "Mohan",
    "Nandini",
    "Neha",
    "Nikhil",
    "Omar",
    "Pooja",
    "Priya",
    "Rahul",
    "Ravi",
    "Riya",
    "Rohan",
    "Sana",
    "Sanjay",
    "Shreya",
    "Tara",
    "Uma",
    "Varun",
    "Vidya",
    "Vikram",
    "Yash",
    "Zoya",
]
LAST_NAMES = [
    "Agarwal",
    "Bose",
    "Chopra",
    "Das",
    "Desai",
    "Fernandes",
    "Ghosh",
    "Gupta",
    "Iyer",
    "Jain",
    "Joshi",
    "Kapoor",
    "Khan",
    "Kulkarni",
    "Kumar",
    "Mehta",
    "Menon",
    "Mishra",
    "Nair",
    "Patel",
    "Pillai",
    "Rao",
    "Reddy",
    "Roy",
    "Shah",
    "Sharma",
    "Singh",
    "Thomas",
    "Varma",
    "Verma",
]
CITIES = [
    "Mumbai",
    "Delhi",
    "Bengaluru",
    "Hyderabad",
    "Chennai",
    "Kolkata",
    "Pune",
    "Ahmedabad",
    "Jaipur",
    "Kochi",
    "Lucknow",
    "Indore",
]
MESSAGE = {
    "subject": "{{ first_name }}, something for you",
    "body": (
        "Hi {{ first_name }},\n\nit has been a while. Here is 15% off your next order, with the code WELCOME15, "
        "until Sunday.\n\nSee you soon!"
    ),
}


def customers(number: int, *, now: datetime, seed: int = 7) -> list[dict[str, Any]]:
    """Made-up people, the same for each seed. About one in three fits the demo's rule; a few have no consent or no
    e-mail."""
    chance = random.Random(seed)
    return [_customer(index, chance, now) for index in range(number)]


def _customer(index: int, chance: random.Random, now: datetime) -> dict[str, Any]:
    first, last = chance.choice(FIRST_NAMES), chance.choice(LAST_NAMES)
    orders = int(chance.expovariate(1 / 4))
    visits = orders + int(chance.expovariate(1 / 3))
    price = 9.1 if chance.random() < 0.15 else 7.2  # some buy furniture
    idle = timedelta(days=chance.expovariate(1 / 78), minutes=chance.randrange(1440))
    customer = {
        "external_id": f"D{index:06}",
        "name": f"{first} {last}",
        "email": f"{first}.{last}.{index}@example.com".lower(),
        "phone": f"+9198{chance.randrange(10**8):08}",
        "city": chance.choice(CITIES),
        "spend": round(sum(chance.lognormvariate(price, 0.8) for _ in range(orders)), 2),
        "visits": visits,
        "orders": orders,
        "active_days": min(visits, 1 + int(visits * 0.8)),
        "last_active_at": (now - idle).isoformat(timespec="seconds"),
        "timezone": "Asia/Kolkata",
        "tags": ["demo"],
    }
    if chance.random() < 0.02:
        customer["consent"] = {"email": False}
    if chance.random() < 0.01:
        del customer["email"]
    return customer


async def run(*, site: str, auth: str, number: int = CUSTOMERS) -> dict[str, Any]:
    """Brings in the customers, saves the segment, launches the campaign, shows its progress; the last statistics."""
    console = Console()
    async with signed_in(site=site, auth=auth, email=ADMIN) as client:
        with _progress(console) as progress:
            await _bring_in(client, customers(number, now=datetime.now(UTC)), progress)
            started = time.monotonic()
            campaign = await _launch(client)
            statistics = await _watch(client, campaign["id"], progress)
        console.print(_table(statistics, time.monotonic() - started))
        console.print(f"Look at it: {site}/campaigns/{campaign['id']} (sign in as {ADMIN})")
    return statistics


def _progress(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description:<12}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn(), console=console
    )


async def _bring_in(client: Client, rows: Sequence[dict[str, Any]], progress: Progress) -> None:
    bar = progress.add_task("Customers", total=len(rows))
    for start in range(0, len(rows), 500):
        part = rows[start : start + 500]
        await client.add_customers(part)
        progress.advance(bar, len(part))


async def _launch(client: Client) -> Any:
    segment = await client.post("/api/segments", {"name": "Big spenders we rarely see, and the lapsed", "text": RULE})
    campaign = await client.post(
        "/api/campaigns", {"name": "Welcome back", "segment_id": segment["id"], "message": MESSAGE}
    )
    return await client.post(f"/api/campaigns/{campaign['id']}/launch")


async def _watch(client: Client, campaign_id: str, progress: Progress) -> dict[str, Any]:
    """Until nobody is pending."""
    bar = progress.add_task("Campaign", total=None)
    while True:
        statistics: dict[str, Any] = await client.get(f"/api/campaigns/{campaign_id}/statistics")
        progress.update(
            bar, total=statistics["audience"] or None, completed=statistics["audience"] - statistics["pending"]
        )
        if statistics["complete"] and statistics["pending"] == 0:
            return statistics
        await asyncio.sleep(0.3)


def _table(statistics: dict[str, Any], seconds: float) -> Table:
    columns = ("audience", "sent", "failed", "skipped", "pending")
    table = Table(*columns, "seconds")
    table.add_row(*(str(statistics[name]) for name in columns), f"{seconds:.1f}")
    return table
