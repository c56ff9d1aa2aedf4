"""The demo: sample customers, a segment, and a first campaign."""

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

from common.batching import chunked
from local.client import HeraldClient, signed_in

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
SHOWN_COUNTS = ("audience", "sent", "failed", "skipped", "unknown", "pending")


def customers(count: int, *, now: datetime, seed: int = 7) -> list[dict[str, Any]]:
    """Return sample customers, the same for each seed. About one in three matches the demo's rule; a few have no
    consent or no e-mail address."""
    rng = random.Random(seed)
    return [_customer(index, rng, now) for index in range(count)]


def _customer(index: int, rng: random.Random, now: datetime) -> dict[str, Any]:
    """Return one customer as the API accepts it."""
    first, last = rng.choice(FIRST_NAMES), rng.choice(LAST_NAMES)
    orders = int(rng.expovariate(1 / 4))
    visits = orders + int(rng.expovariate(1 / 3))
    price = 9.1 if rng.random() < 0.15 else 7.2  # some buy expensive goods
    idle = timedelta(days=rng.expovariate(1 / 78), minutes=rng.randrange(1440))
    customer = {
        "external_id": f"D{index:06}",
        "name": f"{first} {last}",
        "email": f"{first}.{last}.{index}@example.com".lower(),
        "phone": f"+9198{rng.randrange(10**8):08}",
        "city": rng.choice(CITIES),
        "spend": round(sum(rng.lognormvariate(price, 0.8) for _ in range(orders)), 2),
        "visits": visits,
        "orders": orders,
        "active_days": min(visits, 1 + int(visits * 0.8)),
        "last_active_at": (now - idle).isoformat(timespec="seconds"),
        "timezone": "Asia/Kolkata",
        "tags": ["demo"],
    }
    if rng.random() < 0.02:
        customer["consent"] = {"email": False}
    if rng.random() < 0.01:
        del customer["email"]
    return customer


async def run(*, site: str, auth: str, number: int = CUSTOMERS) -> dict[str, Any]:
    """Import customers, save a segment, launch a campaign, and show its progress. Return the final statistics."""
    console = Console()
    async with signed_in(site=site, auth=auth, email=ADMIN) as client:
        with _progress(console) as progress:
            await _import_customers(client, customers(number, now=datetime.now(UTC)), progress)
            started = time.monotonic()
            campaign = await _launch(client)
            statistics = await _watch(client, campaign["id"], progress)
        console.print(_statistics_table(statistics, time.monotonic() - started))
        console.print(f"The campaign: {site}/campaigns/{campaign['id']} (sign in as {ADMIN})")
    return statistics


def _progress(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description:<12}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn(), console=console
    )


async def _import_customers(client: HeraldClient, rows: Sequence[dict[str, Any]], progress: Progress) -> None:
    bar = progress.add_task("Customers", total=len(rows))
    for batch in chunked(rows, 500):
        await client.add_customers(batch)
        progress.advance(bar, len(batch))


async def _launch(client: HeraldClient) -> Any:
    segment = await client.post("/api/segments", {"name": "High spend but few visits, or inactive", "text": RULE})
    campaign = await client.post(
        "/api/campaigns", {"name": "Welcome back", "segment_id": segment["id"], "message": MESSAGE}
    )
    return await client.post(f"/api/campaigns/{campaign['id']}/launch")


async def _watch(client: HeraldClient, campaign_id: str, progress: Progress) -> dict[str, Any]:
    """Show the progress until no message is pending. Return the statistics."""
    bar = progress.add_task("Campaign", total=None)
    while True:
        statistics: dict[str, Any] = await client.get(f"/api/campaigns/{campaign_id}/statistics")
        progress.update(
            bar, total=statistics["audience"] or None, completed=statistics["audience"] - statistics["pending"]
        )
        if statistics["audience_complete"] and statistics["pending"] == 0:
            return statistics
        await asyncio.sleep(0.3)


def _statistics_table(statistics: dict[str, Any], seconds: float) -> Table:
    table = Table(*SHOWN_COUNTS, "seconds")
    table.add_row(*(str(statistics[name]) for name in SHOWN_COUNTS), f"{seconds:.1f}")
    return table
