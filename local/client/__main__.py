"""Herald from the command line, through its public API: `python -m local.client --help`.

It authenticates with an API key (`HERALD_KEY`), or without one at the local Auth emulator.
"""

from __future__ import annotations

import asyncio
import json
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

from local.client import ApiError, HeraldClient, connected, signed_in

MEDIA_TYPES = {".csv": "text/csv", ".tsv": "text/tab-separated-values", ".ndjson": "application/x-ndjson"}
MEDIA_TYPES |= {".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
MEDIA_TYPES |= {".gz": "application/gzip", ".zip": "application/zip"}
MEDIA_TYPES |= {".jsonl": "application/x-ndjson", ".json": "application/json"}
CHUNK_BYTES = 65_536
POLL_SECONDS = 0.5
IMPORT_COUNTS = ("created", "updated", "unchanged", "counted", "duplicate", "rejected", "warned")
LOOKS_LIKE = {
    "customers": "This does not look like a file of orders or visits: leave --activities out if it has customers.",
    "activities": "This looks like a file of orders or visits: import it with --activities.",
    "suppressions": "Everybody in this file says no: it may be a list for POST /api/suppressions.",
}
CAMPAIGN_COUNTS = ("audience", "sent", "failed", "skipped", "unknown", "pending")

app = typer.Typer(no_args_is_help=True, add_completion=False, help=__doc__)
console = Console(stderr=True)


@dataclass(frozen=True, kw_only=True, slots=True)
class ClientSettings:
    """The options of all commands."""

    site: str
    key: str | None
    auth: str
    email: str


@app.callback()
def main(
    context: typer.Context,
    *,
    site: Annotated[str, typer.Option(envvar="HERALD_SITE", help="URL of Herald")] = "http://127.0.0.1:5000",
    key: Annotated[str | None, typer.Option(envvar="HERALD_KEY", help="an API key")] = None,
    auth: Annotated[str, typer.Option(envvar="HERALD_AUTH", help="URL of the Auth emulator")] = "http://127.0.0.1:9099",
    email: Annotated[str, typer.Option(help="account for the Auth emulator")] = "admin@example.com",
) -> None:
    context.obj = ClientSettings(site=site, key=key, auth=auth, email=email)


def run(settings: ClientSettings, command: Callable[[HeraldClient], Awaitable[Any]]) -> None:
    """Run a command. Exit with a message and status 1 if Herald returns an error or is not reachable."""

    async def run_command() -> None:
        connection = (
            connected(site=settings.site, token=settings.key)
            if settings.key
            else signed_in(site=settings.site, auth=settings.auth, email=settings.email)
        )
        async with connection as client:
            await command(client)

    try:
        asyncio.run(run_command())
    except ApiError as error:
        raise _exit_with_error(str(error)) from error
    except httpx.HTTPError as error:
        raise _exit_with_error(f"{settings.site} is not reachable: {error}") from error


def _exit_with_error(message: str) -> typer.Exit:
    console.print(message, style="red", markup=False)
    return typer.Exit(1)


@app.command("import")
def import_(
    context: typer.Context,
    file: Annotated[
        Path,
        typer.Argument(exists=True, dir_okay=False, help="CSV, a workbook (.xlsx), NDJSON or JSON; also compressed"),
    ],
    *,
    activities: Annotated[
        bool, typer.Option("--activities", help="import orders, visits and other activities")
    ] = False,
    create: Annotated[bool, typer.Option("--create", help="create customers that do not exist")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="validate the file without writing")] = False,
    columns: Annotated[str | None, typer.Option(help='field by column: {"E-Mail 1": "email"}')] = None,
    mapping: Annotated[
        str | None, typer.Option(help="name of a saved mapping: what was chosen for the columns of such a file")
    ] = None,
    sheet: Annotated[str | None, typer.Option(help="the sheet of a workbook; else the first one")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="import without asking after the columns are shown")] = False,
    rejected: Annotated[Path | None, typer.Option(help="file for the rejected rows, as CSV with their reasons")] = None,
) -> None:
    """Import customers or activities: shows what was understood of the file, asks, and imports it."""
    shape = {name: value for name, value in (("columns", columns), ("sheet", sheet)) if value}
    query: dict[str, Any] = {"background": True, "dry_run": dry_run, "file": file.name} | shape
    if activities:
        query["on_unknown_customer"] = "create" if create else "reject"
    path = "/api/activities" if activities else "/api/customers"
    if columns and mapping:
        raise _exit_with_error("Give --columns or --mapping, and not both.")
    what = {"what": "activities" if activities else "customers"}

    async def show_and_import(client: HeraldClient) -> None:
        if mapping:
            used = {"columns": await _saved_columns(client, mapping, what["what"])}
            shape.update(used)
            query.update(used)
        await _preview_import(client, what | shape, file)
        if yes or not sys.stdin.isatty() or typer.confirm("Import the file like this?"):
            await _import(client, path, query, file, rejected)

    run(context.obj, show_and_import)


async def _saved_columns(client: HeraldClient, name: str, what: str) -> str:
    """The columns of a saved mapping, as JSON. Exits if there is none with the name."""
    saved = [one for one in (await client.get("/api/imports/mappings"))["items"] if one["what"] == what]
    found = next((one for one in saved if one["name"].casefold() == name.casefold()), None)
    if found is None:
        names = ", ".join(one["name"] for one in saved) or "none"
        raise _exit_with_error(f"There is no saved mapping {name!r} for {what}; there are: {names}.")
    console.print(f"The mapping {found['name']} of {found['by']} is used.", markup=False)
    for column in found["outdated"]:
        console.print(f"Its field for the column {column} does not exist any more.", markup=False)
    return json.dumps(found["columns"])


async def _preview_import(client: HeraldClient, query: dict[str, Any], file: Path) -> None:
    """Show how each column is understood, and what would become of the rows."""
    media = MEDIA_TYPES.get(file.suffix.lower(), "text/csv")
    preview = await client.upload("/api/imports/previews", _read(file, lambda _: None), media_type=media, **query)
    table = Table("column", "field", "type", "values", "do not fit")
    for column in preview["columns"]:
        kind = " ".join(filter(None, (column["type"], column["format"])))
        values = ", ".join(column["samples"])[:60]
        table.add_row(column["key"], column["field"] or "(left out)", kind, values, f"{column['misfits'] or ''}")
    console.print(table, markup=False)
    if not query.get("columns"):
        for saved in preview["mappings"]:
            console.print(f"A mapping is saved for such files: --mapping {saved['name']!r}", markup=False)
    for column in preview["columns"]:
        for misfit in column["misfit_examples"]:
            console.print(
                f"{column['key']}, row {misfit['row']}: {misfit['value']!r}: {misfit['message']}", markup=False
            )
    console.print(
        f"{preview['rows']:,} rows, {preview['repeated']:,} about somebody twice, {preview['rejected']:,} rejected; "
        f"of the first {preview['compared']:,}: {preview['new']:,} new, {preview['known']:,} known."
    )
    if preview["activities"]:
        console.print(_activity_summary(preview["activities"]), markup=False)
    if preview["looks_like"] != query["what"]:
        console.print(LOOKS_LIKE[preview["looks_like"]])
    if preview["problem"]:
        raise _exit_with_error(preview["problem"])


def _activity_summary(facts: dict[str, Any]) -> str:
    """What is in a file of orders and visits."""
    found = ", ".join(f"{number:,} by {name}" for name, number in facts["found_by"].items()) or "none"
    return (
        f"Orders and visits: {_counts(facts['types'])}; {facts['joined']:,} more lines of the same order, "
        f"{facts['refunded']:,} with a refund, {facts['undone']:,} refunded or cancelled (these count nothing). "
        f"Customers found: {found}; unknown: {facts['unknown']:,}. "
        f"Currencies: {_counts(facts['currencies'])} (all amounts are in {facts['currency']})."
    )


def _counts(numbers: dict[str, int]) -> str:
    return ", ".join(f"{number:,} {name}" for name, number in numbers.items()) or "not given"


async def _import(client: HeraldClient, path: str, query: dict[str, Any], file: Path, rejected: Path | None) -> None:
    """Upload the file, follow the import, and save the rejected rows."""
    with _progress() as progress:
        upload_task = progress.add_task("Sending", total=file.stat().st_size)
        media = MEDIA_TYPES.get(file.suffix.lower(), "text/csv")
        content = _read(file, lambda size: progress.advance(upload_task, size))
        answer = await client.upload(path, content, media_type=media, **query)
        import_path = f"/api/imports/{answer['import_id']}"
        import_task = progress.add_task("Importing", total=answer["accepted"])
        while (status := await client.get(import_path))["state"] == "processing":
            progress.update(import_task, completed=status["done"])
            await asyncio.sleep(POLL_SECONDS)
        progress.update(import_task, completed=status["done"])
    console.print(_table(status, tuple(name for name in IMPORT_COUNTS if status[name])))
    if rejected and status["rejected"]:
        await client.download(f"{import_path}/rejected.csv", rejected)
        console.print(f"The rejected rows are in {rejected}.")
    if status["state"] == "failed":
        raise _exit_with_error(f"Some rows were not processed; send the file again. {status['reason']}")


async def _read(file: Path, read: Callable[[int], None]) -> AsyncIterator[bytes]:
    with file.open("rb") as content:
        while chunk := content.read(CHUNK_BYTES):
            yield chunk
            read(len(chunk))


@app.command()
def export(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(dir_okay=False)] = Path("customers.csv"),
    *,
    rule: Annotated[str | None, typer.Option(help="export only customers that match a rule")] = None,
) -> None:
    """Export customers as CSV."""
    query = {"filter": rule} if rule else {}
    run(context.obj, lambda client: client.download("/api/customers/export", file, body=query))
    console.print(f"The customers are in {file}.")


@app.command()
def preview(context: typer.Context, rule: str) -> None:
    """Count the customers that match a rule, and show a few."""
    run(context.obj, lambda client: _preview(client, rule))


async def _preview(client: HeraldClient, rule: str) -> None:
    result = await client.post("/api/segments/preview", {"text": rule})
    sys.stdout.write(f"{result['count']}\n")
    console.print(result["words"], markup=False)
    table = Table("name", "email", "city")
    for sample in result["samples"]:
        table.add_row(*(sample.get(name) or "" for name in ("name", "email", "city")))
    console.print(table)


@app.command()
def launch(
    context: typer.Context,
    rule: str,
    *,
    subject: Annotated[str, typer.Option()],
    body: Annotated[str, typer.Option()],
    name: Annotated[str, typer.Option()] = "From the command line",
    follow: Annotated[bool, typer.Option("--watch", help="follow the campaign until it is finished")] = False,
) -> None:
    """Send a campaign to the customers that match a rule, and print its id."""
    campaign = {"name": name, "text": rule, "message": {"subject": subject, "body": body}}
    run(context.obj, lambda client: _launch(client, campaign, follow))


async def _launch(client: HeraldClient, campaign: dict[str, Any], follow: bool) -> None:
    draft = await client.post("/api/campaigns", campaign)
    await client.post(f"/api/campaigns/{draft['id']}/launch")
    sys.stdout.write(f"{draft['id']}\n")
    if follow:
        await _watch(client, draft["id"])


@app.command()
def watch(context: typer.Context, campaign: str) -> None:
    """Follow a campaign until no message is pending."""
    run(context.obj, lambda client: _watch(client, campaign))


async def _watch(client: HeraldClient, campaign: str) -> None:
    """Show the progress until the campaign is neither running nor paused."""
    with _progress() as progress:
        bar = progress.add_task("Campaign", total=None)
        while True:
            statistics = await client.get(f"/api/campaigns/{campaign}/statistics")
            progress.update(
                bar, total=statistics["audience"] or None, completed=statistics["audience"] - statistics["pending"]
            )
            if statistics["state"] not in {"running", "paused"}:
                break
            await asyncio.sleep(POLL_SECONDS)
    console.print(_table(statistics, CAMPAIGN_COUNTS))


def _progress() -> Progress:
    columns = (TextColumn("{task.description:<10}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    return Progress(*columns, console=console)


def _table(numbers: dict[str, Any], names: tuple[str, ...]) -> Table:
    table = Table(*names)
    table.add_row(*(f"{numbers[name]:,}" for name in names))
    return table


if __name__ == "__main__":
    app()
