"""Herald from the command line, through its public API: `python -m local.client --help`.

Machines sign in with an API key (`HERALD_KEY`); without one, this signs in at the local Auth emulator.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from local.client import ApiError, Client, connected, signed_in

MEDIA = {".csv": "text/csv", ".tsv": "text/tab-separated-values", ".ndjson": "application/x-ndjson"}
MEDIA |= {".jsonl": "application/x-ndjson", ".json": "application/json"}
PART_BYTES = 65_536
POLL_SECONDS = 0.5
IMPORTED = ("created", "updated", "unchanged", "counted", "duplicate", "rejected")
SENT = ("audience", "sent", "failed", "skipped", "pending")

app = typer.Typer(no_args_is_help=True, add_completion=False, help=__doc__)
console = Console(stderr=True)


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    site: str
    key: str | None
    auth: str
    email: str


@app.callback()
def main(
    context: typer.Context,
    *,
    site: Annotated[str, typer.Option(envvar="HERALD_SITE", help="where Herald is")] = "http://127.0.0.1:5000",
    key: Annotated[str | None, typer.Option(envvar="HERALD_KEY", help="an API key")] = None,
    auth: Annotated[str, typer.Option(envvar="HERALD_AUTH", help="the Auth emulator")] = "http://127.0.0.1:9099",
    email: Annotated[str, typer.Option(help="whom to sign in as at the Auth emulator")] = "admin@example.com",
) -> None:
    context.obj = Settings(site=site, key=key, auth=auth, email=email)


def run(settings: Settings, work: Callable[[Client], Awaitable[Any]]) -> None:
    """Ends with a message and status 1 where Herald refuses, or cannot be reached."""

    async def connect() -> None:
        entering = (
            connected(site=settings.site, token=settings.key)
            if settings.key
            else signed_in(site=settings.site, auth=settings.auth, email=settings.email)
        )
        async with entering as client:
            await work(client)

    try:
        asyncio.run(connect())
    except ApiError as error:
        raise _refused(str(error)) from error
    except httpx.HTTPError as error:
        raise _refused(f"{settings.site} cannot be reached: {error}") from error


def _refused(message: str) -> typer.Exit:
    console.print(message, style="red", markup=False)
    return typer.Exit(1)


@app.command("import")
def import_(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="CSV, NDJSON or JSON")],
    *,
    activities: Annotated[bool, typer.Option("--activities", help="orders, visits and the like")] = False,
    create: Annotated[bool, typer.Option("--create", help="create people whom an activity names first")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="say what would happen")] = False,
    columns: Annotated[str | None, typer.Option(help='fields of columns: {"E-Mail 1": "email"}')] = None,
    rejected: Annotated[Path | None, typer.Option(help="where rejected rows go, as CSV with their reasons")] = None,
) -> None:
    """Bring in customers, or what they did."""
    query: dict[str, Any] = {"background": True, "dry_run": dry_run} | ({"columns": columns} if columns else {})
    if activities:
        query["unknown"] = "create" if create else "refuse"
    path = "/api/activities" if activities else "/api/customers"
    run(context.obj, lambda client: _bring_in(client, path, query, file, rejected))


async def _bring_in(client: Client, path: str, query: dict[str, Any], file: Path, rejected: Path | None) -> None:
    with _progress() as progress:
        sending = progress.add_task("Sending", total=file.stat().st_size)
        media = MEDIA.get(file.suffix.lower(), "text/csv")
        content = _read(file, lambda size: progress.advance(sending, size))
        answer = await client.upload(path, content, media_type=media, **query)
        where = f"/api/imports/{answer['import_id']}"
        working = progress.add_task("Importing", total=answer["accepted"])
        while (status := await client.get(where))["state"] == "working":
            progress.update(working, completed=status["done"])
            await asyncio.sleep(POLL_SECONDS)
        progress.update(working, completed=status["done"])
    console.print(_table(status, tuple(name for name in IMPORTED if status[name])))
    if rejected and status["rejected"]:
        await client.download(f"{where}/rejected.csv", rejected)
        console.print(f"The rejected rows are in {rejected}.")
    if status["state"] == "failed":
        raise _refused(f"Some rows could not be worked off; send the file again. {status['reason']}")


async def _read(file: Path, read: Callable[[int], None]) -> AsyncIterator[bytes]:
    with file.open("rb") as content:
        while part := content.read(PART_BYTES):
            yield part
            read(len(part))


@app.command()
def export(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(dir_okay=False)] = Path("customers.csv"),
    *,
    rule: Annotated[str | None, typer.Option(help="only those whom a rule finds")] = None,
) -> None:
    """All customers as CSV."""
    query = {"filter": rule} if rule else {}
    run(context.obj, lambda client: client.download("/api/customers.csv", file, **query))
    console.print(f"The customers are in {file}.")


@app.command()
def preview(context: typer.Context, rule: str) -> None:
    """Count the people whom a rule finds, and show a few."""
    run(context.obj, lambda client: _preview(client, rule))


async def _preview(client: Client, rule: str) -> None:
    found = await client.post("/api/segments/preview", {"text": rule})
    sys.stdout.write(f"{found['count']}\n")
    console.print(found["words"], markup=False)
    table = Table("name", "email", "city")
    for one in found["samples"]:
        table.add_row(*(one.get(name) or "" for name in ("name", "email", "city")))
    console.print(table)


@app.command()
def launch(
    context: typer.Context,
    rule: str,
    *,
    subject: Annotated[str, typer.Option()],
    body: Annotated[str, typer.Option()],
    name: Annotated[str, typer.Option()] = "From the command line",
    follow: Annotated[bool, typer.Option("--watch", help="until it is finished")] = False,
) -> None:
    """Send a campaign to the people whom a rule finds; prints its id."""
    campaign = {"name": name, "text": rule, "message": {"subject": subject, "body": body}}
    run(context.obj, lambda client: _launch(client, campaign, follow))


async def _launch(client: Client, campaign: dict[str, Any], follow: bool) -> None:
    draft = await client.post("/api/campaigns", campaign)
    await client.post(f"/api/campaigns/{draft['id']}/launch")
    sys.stdout.write(f"{draft['id']}\n")
    if follow:
        await _watch(client, draft["id"])


@app.command()
def watch(context: typer.Context, campaign: str) -> None:
    """Follow a campaign until nobody is pending."""
    run(context.obj, lambda client: _watch(client, campaign))


async def _watch(client: Client, campaign: str) -> None:
    with _progress() as progress:
        bar = progress.add_task("Campaign", total=None)
        while True:
            now = await client.get(f"/api/campaigns/{campaign}/statistics")
            progress.update(bar, total=now["audience"] or None, completed=now["audience"] - now["pending"])
            if now["state"] not in {"running", "paused"}:
                break
            await asyncio.sleep(POLL_SECONDS)
    console.print(_table(now, SENT))


def _progress() -> Progress:
    columns = (TextColumn("{task.description:<10}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    return Progress(*columns, console=console)


def _table(numbers: dict[str, Any], names: tuple[str, ...]) -> Table:
    table = Table(*names)
    table.add_row(*(f"{numbers[name]:,}" for name in names))
    return table


if __name__ == "__main__":
    app()
