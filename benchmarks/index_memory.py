"""`python -m benchmarks.index_memory`: the memory that the audience index takes, first and after a full refresh.

Blocks are made in a folder, without Firestore, as compaction writes them: one of each bucket. All blocks are loaded
into an empty database. Then all blocks of all buckets are replaced by others with the same rows and one new event for
each ten customers, as after a campaign. Then another process walks through the first blocks, a bucket at a time, as a
plan and a fan-out do. Last, a compaction merges receipts of a campaign into the blocks of events. The processes that
measure memory are not the one that made the blocks.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import psutil

from common.audience import CUSTOMERS, EVENTS
from common.audience.index import compactor
from common.audience.index.connection import ScratchDirectory, memory_of_instance
from common.audience.index.database import IndexDatabase, TableUpdate
from common.audience.index.tables import IndexTable
from common.ids import BUCKETS

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

NOW = "timestamp '2026-11-23 09:30:00'"
CUSTOMER = {
    "id": "md5(i::VARCHAR)",
    "version": "i + 1",
    "external_id": "'c' || i",
    "name": "['Asha', 'Bela', 'Dev', 'Farid', 'Gita', 'Hari'][1 + i % 6] || ' ' || ['Rao', 'Shah', 'Iyer'][1 + i % 3]",
    "email": "'asha.rao.' || i || '@example.com'",
    "phone": "'+9198' || lpad(i::VARCHAR, 8, '0')",
    "city": "['Mumbai', 'Pune', 'Delhi', 'Chennai', 'Kochi'][1 + i % 5]",
    "timezone": "'Asia/Kolkata'",
    "spend": "hash(i, 1) % 2_000_000",
    "visits": "hash(i, 2) % 20",
    "orders": "hash(i, 3) % 10",
    "active_days": "hash(i, 4) % 30",
    "last_active_at": f"{NOW} - to_minutes((hash(i, 5) % 259_200)::BIGINT)",
    "created_at": f"{NOW} - to_minutes((hash(i, 6) % 1_440_000)::BIGINT)",
    "updated_at": NOW,
    "tags": "CASE WHEN i % 10 = 0 THEN ['vip'] ELSE []::VARCHAR[] END",
    "attributes": "json_object('plan', ['gold', 'silver', 'bronze'][1 + i % 3], 'score', i % 100, 'sizes', ['M', 'L'])",
    "consent": "json_object('email', i % 10 <> 0)",
}
EVENT = {
    "id": "md5('event' || i)",
    "version": "1_750_000_000_000_000 + i * 1_000",
    "customer": "md5(owner::VARCHAR)",
    "kind": "['order', 'sent', 'sent', 'opened', 'clicked'][1 + (hash(i, 7) % 5)::BIGINT]",
    "campaign": "md5('campaign' || (i % 4))[:20]",
    "occurred_at": f"{NOW} - to_seconds((hash(i, 8) % 17_280_000)::BIGINT)",
    "amount": "hash(i, 9) % 500_000",
}
QUERIES = {
    "three ranges": "spend > 1_000_000 AND visits < 3",
    "text search": "name ILIKE '%asha%'",
    "attribute": "json_extract_string(attributes, '$.plan') = 'gold'",
    "behaviour": f"id IN (SELECT customer FROM events WHERE kind = 'order' AND occurred_at > {NOW} - INTERVAL 60 DAYS "
    "GROUP BY customer HAVING count(*) >= 2)",
}
NEW_EVENTS = 100_000
"""About as many receipts as the deltas of one compaction have."""

COMPACTIONS = 5
"""One after the other, in the measurement."""

MEGABYTE = 1_000_000


@dataclass(kw_only=True, slots=True)
class Peak:
    """The most memory that the process has taken, in bytes."""

    rss: int = 0


def main() -> None:
    """Makes the blocks and measures in another process; with a folder, measures what is in it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.index_memory", description=__doc__)
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument("--events", type=int, default=200_000)
    parser.add_argument("--folder", help="with the blocks; without it they are made in a temporary folder")
    parser.add_argument("--by-bucket", action="store_true", help="walk through the blocks in the folder")
    options = parser.parse_args()
    if options.folder:
        measured = measure_walk if options.by_bucket else measure
        measured(Path(options.folder), options.customers, options.events)
        return
    with TemporaryDirectory(prefix="index-memory-") as folder:
        for name, more in (("first", 0), ("second", options.customers // 10)):
            write_blocks(Path(folder) / name, options.customers, options.events + more)
        shutil.copytree(Path(folder) / "first", Path(folder) / "walk")  # loading removes the files
        counts = ["--customers", str(options.customers), "--events", str(options.events)]
        command = [sys.executable, "-m", "benchmarks.index_memory", *counts, "--folder", folder]
        for way in ([], ["--by-bucket"]):
            subprocess.run([*command, *way], check=True)
        write_blocks(Path(folder) / "old", options.customers, options.events)
        measure_compaction(Path(folder), options.customers, options.events)


def write_blocks(folder: Path, customers: int, events: int) -> None:
    """Writes a block of each bucket and table."""
    import duckdb

    connection = duckdb.connect()
    for table, columns, count in ((CUSTOMERS, CUSTOMER, customers), (EVENTS, EVENT, events)):
        connection.execute(f"CREATE TABLE rows AS {_select_rows(table, columns, customers)}", [count])
        for bucket in range(BUCKETS):
            path = block_path(folder, table, bucket)
            path.parent.mkdir(parents=True, exist_ok=True)
            rows = f"SELECT * FROM rows WHERE bucket = {bucket} ORDER BY {table.owner_column}, version, id"
            connection.execute(f"COPY ({rows}) TO '{path}' (FORMAT parquet, COMPRESSION zstd)")
        connection.execute("DROP TABLE rows")


def _select_rows(table: IndexTable, columns: Mapping[str, str], customers: int) -> str:
    expressions = {"bucket": f"hash(owner) % {BUCKETS}", "erased": "false", **columns}
    values = ", ".join(f"({expressions.get(name, 'NULL')})::{kind} AS {name}" for name, kind in table.columns.items())
    return f"SELECT {values} FROM (SELECT i, i % {customers} AS owner FROM range(?) numbers(i))"


def block_path(folder: Path, table: IndexTable, bucket: int) -> Path:
    return folder / f"{table.name}-{bucket}.parquet"


def measure(folder: Path, customers: int, events: int) -> None:
    """Prints a line for the first load and one for the full refresh, then the queries."""
    database = IndexDatabase(memory_of_instance())
    cursor = database.cursor()
    before = psutil.Process().memory_info().rss
    print(f"{customers:,} customers, {events:,} events")
    for name, is_first in (("first", True), ("second", False)):
        with watch_memory() as peak:
            start = time.perf_counter()
            database.apply([_update(folder / name, table, is_first=is_first) for table in (CUSTOMERS, EVENTS)])
            seconds = time.perf_counter() - start
        [(held,)] = cursor.execute("SELECT sum(memory_usage_bytes) FROM duckdb_memory()").fetchall()
        label = "first load" if is_first else "full refresh"
        figures = [held, psutil.Process().memory_info().rss - before, peak.rss - before]
        tables, process, highest = (round(figure / MEGABYTE) for figure in figures)
        print(f"{label}: {seconds:.1f} s, tables {tables} MB, process +{process} MB, at most +{highest} MB")
        [(people, happened)] = cursor.execute(
            "SELECT (SELECT count(*) FROM customers), (SELECT count(*) FROM events)"
        ).fetchall()
        assert (people, happened) == (customers, events if is_first else events + customers // 10)
    for name, condition in QUERIES.items():
        print(f"{name}: {1000 * min(_query_seconds(cursor, condition)):.0f} ms")


def measure_walk(folder: Path, customers: int, events: int) -> None:
    """Prints a line for a walk with a bucket in each step, and for each query over all steps."""
    database = IndexDatabase(memory_of_instance())
    cursor = database.cursor()
    before = psutil.Process().memory_info().rss
    seconds, found, largest = defaultdict[str, float](float), Counter[str](), 0
    with watch_memory() as peak:
        for bucket in range(BUCKETS):
            start = time.perf_counter()
            tables = (CUSTOMERS, EVENTS)
            database.apply([_update(folder / "walk", table, is_first=True, buckets=[bucket]) for table in tables])
            seconds["load"] += time.perf_counter() - start
            for name, condition in QUERIES.items():
                seconds[name] += next(_query_seconds(cursor, condition))
            [(people, happened, held)] = cursor.execute(
                "SELECT (SELECT count(*) FROM customers), (SELECT count(*) FROM events), "
                "(SELECT sum(memory_usage_bytes) FROM duckdb_memory())"
            ).fetchall()
            found.update(customers=people, events=happened)
            largest = max(largest, held)
    assert found == Counter(customers=customers, events=events)
    tables_mb, highest = round(largest / MEGABYTE), round((peak.rss - before) / MEGABYTE)
    print(f"walk by bucket: {seconds.pop('load'):.1f} s, tables at most {tables_mb} MB, process at most +{highest} MB")
    print(", ".join(f"{name}: {1000 * taken:.0f} ms" for name, taken in seconds.items()))


def measure_compaction(folder: Path, customers: int, events: int) -> None:
    """Prints what compactions of receipts take that are in all buckets, and how much more they write than is new: with
    all blocks of these buckets written again, and with full blocks left alone."""
    full_size = compactor.FULL_BLOCK_BYTES
    for name, size in (("all blocks written again", sys.maxsize), ("full blocks left alone", full_size)):
        compactor.FULL_BLOCK_BYTES = size
        blocks = {bucket: [str(block_path(folder / "old", EVENTS, bucket))] for bucket in range(BUCKETS)}
        new = NEW_EVENTS * sum(Path(path).stat().st_size for [path] in blocks.values()) / events
        written, seconds = 0, 0.0
        for number in range(COMPACTIONS):
            delta = _write_receipts(folder, number, customers)
            start = time.process_time()
            written += sum(_merge(folder, delta, blocks, number))
            seconds += time.process_time() - start
        print(
            f"{name}: compactions of {NEW_EVENTS:,} receipts take {seconds / COMPACTIONS:.1f} s of CPU, "
            f"write {written / COMPACTIONS / MEGABYTE:.0f} MB, write amplification {written / COMPACTIONS / new:.1f}, "
            f"{sum(map(len, blocks.values()))} blocks"
        )


def _write_receipts(folder: Path, number: int, customers: int) -> str:
    """The path of a delta with new receipts."""
    import duckdb

    path = folder / f"receipts-{number}"
    rows = _select_rows(EVENTS, {**EVENT, "id": f"md5('{number} ' || i)", "kind": "'sent'"}, customers)
    duckdb.connect().execute(f"COPY ({rows}) TO '{path}' (FORMAT json, COMPRESSION gzip)", [NEW_EVENTS])
    return str(path)


def _merge(folder: Path, delta: str, blocks: dict[int, list[str]], number: int) -> Iterator[int]:
    """Merges the delta into the blocks of all buckets; the sizes of the new blocks."""
    with TemporaryDirectory(dir=folder) as links:  # merging deletes the files
        one = compactor.Compactor(EVENTS, ScratchDirectory(Path(links)), delta)
        originals = {f"{links}/{Path(path).name}": path for paths in blocks.values() for path in paths}
        for link, path in originals.items():
            Path(link).hardlink_to(path)
        old = {bucket: [f"{links}/{Path(path).name}" for path in blocks[bucket]] for bucket in one.buckets()}
        merged = one.merge(old, keep_erased=False)
    for bucket, result in merged.items():
        contents = {f"{number}-{bucket}-{position}": content for position, content in enumerate(result.contents)}
        kept = [originals[path] for path in result.kept]
        blocks[bucket] = [*kept, *ScratchDirectory(folder).write(contents)]
        yield from map(len, contents.values())


def _update(folder: Path, table: IndexTable, *, is_first: bool, buckets: Sequence[int] = range(BUCKETS)) -> TableUpdate:
    blocks: dict[int, Sequence[str]] = {bucket: [str(block_path(folder, table, bucket))] for bucket in buckets}
    return TableUpdate(
        table=table, is_first=is_first, blocks=blocks, new_deltas=[], delta_files=[], compacted_deltas=[]
    )


def _query_seconds(cursor: DuckDBPyConnection, condition: str) -> Iterator[float]:
    for _ in range(5):
        start = time.perf_counter()
        cursor.execute(f"SELECT count(*) FROM customers WHERE {condition}").fetchall()
        yield time.perf_counter() - start


@contextmanager
def watch_memory() -> Iterator[Peak]:
    """Samples the memory of this process every 10 ms."""
    peak, ended = Peak(), threading.Event()

    def watch() -> None:
        while not ended.wait(0.01):
            peak.rss = max(peak.rss, psutil.Process().memory_info().rss)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield peak
    finally:
        ended.set()
        thread.join()


if __name__ == "__main__":
    main()
