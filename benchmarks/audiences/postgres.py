"""PostgreSQL as Debian ships it: a temporary cluster, used through `psql`."""

from __future__ import annotations

import json
import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.audiences.crowd import customer_events, customer_rows
from benchmarks.audiences.rules import RULES
from common.audience import CUSTOMERS, EVENTS
from common.audience.index.tables import IndexTable

TYPES = {"VARCHAR": "text", "VARCHAR[]": "jsonb", "JSON": "jsonb"}
"""PostgreSQL types where the name differs from DuckDB's."""

SETTINGS = ("shared_buffers=1GB", "work_mem=256MB", "max_wal_size=8GB", "fsync=off", "jit=off", "timezone=UTC")
"""Enough memory for all data."""


class PostgresNotInstalled(Exception):
    """PostgreSQL is missing. The message says what to install."""


@dataclass(frozen=True, kw_only=True, slots=True)
class QueryResult:
    """The count and the median time of one query."""

    count: int
    seconds: float


def find_programs() -> Path:
    """Return the folder of the newest `initdb` and `postgres`."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    on_path = shutil.which("initdb")
    if not found and not on_path:
        raise PostgresNotInstalled("PostgreSQL is missing: apt-get install postgresql to compare it with Herald")
    return found[-1].parent if found else Path(str(on_path)).parent


class Postgres:
    """A PostgreSQL cluster in `folder`."""

    def __init__(self, folder: Path, user: str | None) -> None:
        self._program_folder = find_programs()
        self._folder = folder
        self._user = user

    def start(self) -> None:
        self._run("initdb", "--no-sync", "--auth=trust", "--username=herald", f"--pgdata={self._data}")
        options = " ".join(f"-c {setting}" for setting in SETTINGS) + f" -c listen_addresses='' -k {self._folder}"
        self._run("pg_ctl", f"--pgdata={self._data}", "--wait", f"--log={self._folder}/log", "-o", options, "start")

    def stop(self) -> None:
        self._run("pg_ctl", f"--pgdata={self._data}", "--mode=immediate", "stop")

    def execute(self, *statements: str) -> None:
        for statement in statements:
            self._psql(statement)

    def copy(self, table: str, lines: Iterator[str]) -> None:
        command = [*self._client, "--command", f"COPY {table} FROM STDIN"]
        with subprocess.Popen(command, stdin=subprocess.PIPE, text=True, user=self._user) as process:
            assert process.stdin
            process.stdin.writelines(lines)
        if process.returncode:
            raise subprocess.CalledProcessError(process.returncode, command)

    def time_count(self, condition: str, repetitions: int) -> QueryResult:
        """Count matching customers and return the median time, as measured by the server."""
        sql = f"SELECT count(*) FROM customers WHERE {condition}"
        plans = [
            json.loads(self._psql(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {sql}")) for _ in range(repetitions)
        ]
        seconds = median((plan[0]["Planning Time"] + plan[0]["Execution Time"]) / 1000 for plan in plans)
        return QueryResult(count=int(self._psql(sql)), seconds=seconds)

    @property
    def socket_folder(self) -> str:
        """Where clients find the server, instead of at a host."""
        return str(self._folder)

    @property
    def _data(self) -> str:
        return str(self._folder / "data")

    @property
    def _client(self) -> list[str]:
        flags = ["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1"]
        return [str(self._program_folder / "psql"), *flags, f"--host={self._folder}", "--username=herald", "postgres"]

    def _psql(self, statement: str) -> str:
        return self._output([*self._client, "--command", statement])

    def _run(self, program: str, *arguments: str) -> None:
        self._output([str(self._program_folder / program), *arguments])

    def _output(self, command: Sequence[str]) -> str:
        completed = subprocess.run(
            command, check=True, text=True, user=self._user, cwd=self._folder, stdout=subprocess.PIPE, timeout=600
        )
        return completed.stdout


@contextmanager
def postgres() -> Iterator[Postgres]:
    """Run a cluster inside the context. Raise `PostgresNotInstalled`. PostgreSQL refuses to run as root: root starts it
    as the user that the Debian package created."""
    find_programs()
    user = "postgres" if os.geteuid() == 0 else None
    with TemporaryDirectory(prefix="pg-", dir="/tmp") as folder:
        if user:
            os.chown(folder, pwd.getpwnam(user).pw_uid, -1)
        server = Postgres(Path(folder), user)
        server.start()
        try:
            yield server
        finally:
            server.stop()


def fill(server: Postgres, number: int) -> None:
    for name, table, rows in (
        ("customers", CUSTOMERS, customer_rows(number)),
        ("events", EVENTS, customer_events(number)),
    ):
        columns = ", ".join(f"{column} {TYPES.get(kind, kind)}" for column, kind in table.columns.items())
        server.execute(f"CREATE TABLE {name} ({columns}, PRIMARY KEY (id))")
        server.copy(name, (_line(row, table) for row in rows))
    server.execute("VACUUM ANALYZE")


def run_rules(server: Postgres, repetitions: int) -> dict[str, QueryResult]:
    return {benchmark_rule.name: server.time_count(benchmark_rule.sql, repetitions) for benchmark_rule in RULES}


def _line(row: object, table: IndexTable) -> str:
    """Format a row in PostgreSQL's text format."""
    return "\t".join(_cell(getattr(row, name)) for name in table.columns) + "\n"


def _cell(value: Any) -> str:
    if value is None:
        return "\\N"
    if isinstance(value, dict | tuple):
        return json.dumps(value).replace("\\", "\\\\")
    return str(value)
