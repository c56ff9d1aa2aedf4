"""PostgreSQL as Debian ships it: a cluster of its own in a folder that goes afterwards, asked through `psql`."""

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

from benchmarks.audiences.crowd import crowd, deeds
from benchmarks.audiences.rules import RULES
from common.audience import CUSTOMERS, EVENTS
from common.audience.index.tables import Sheet

TYPES = {"VARCHAR": "text", "VARCHAR[]": "jsonb", "JSON": "jsonb"}
"""Where PostgreSQL's names differ from DuckDB's."""

SETTINGS = ("shared_buffers=1GB", "work_mem=256MB", "max_wal_size=8GB", "fsync=off", "jit=off", "timezone=UTC")
"""Enough memory for all of the data."""


class NotInstalled(Exception):
    """The message says what to install."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    count: int
    seconds: float


def programs() -> Path:
    """The folder of the newest `initdb` and `postgres`."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda one: int(one.parts[-3]))
    on_path = shutil.which("initdb")
    if not found and not on_path:
        raise NotInstalled("PostgreSQL is missing: apt-get install postgresql, to see it beside Herald")
    return found[-1].parent if found else Path(str(on_path)).parent


class Postgres:
    def __init__(self, folder: Path, user: str | None) -> None:
        self._programs = programs()
        self._folder = folder
        self._user = user

    def start(self) -> None:
        self._run("initdb", "--no-sync", "--auth=trust", "--username=herald", f"--pgdata={self._data}")
        options = " ".join(f"-c {one}" for one in SETTINGS) + f" -c listen_addresses='' -k {self._folder}"
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

    def ask(self, condition: str, times: int) -> Answer:
        """The median, as the server itself measured it."""
        sql = f"SELECT count(*) FROM customers WHERE {condition}"
        plans = [json.loads(self._psql(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {sql}")) for _ in range(times)]
        seconds = median((plan[0]["Planning Time"] + plan[0]["Execution Time"]) / 1000 for plan in plans)
        return Answer(count=int(self._psql(sql)), seconds=seconds)

    @property
    def _data(self) -> str:
        return str(self._folder / "data")

    @property
    def _client(self) -> list[str]:
        flags = ["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1"]
        return [str(self._programs / "psql"), *flags, f"--host={self._folder}", "--username=herald", "postgres"]

    def _psql(self, statement: str) -> str:
        return self._output([*self._client, "--command", statement])

    def _run(self, program: str, *arguments: str) -> None:
        self._output([str(self._programs / program), *arguments])

    def _output(self, command: Sequence[str]) -> str:
        done = subprocess.run(
            command, check=True, text=True, user=self._user, cwd=self._folder, stdout=subprocess.PIPE, timeout=600
        )
        return done.stdout


@contextmanager
def postgres() -> Iterator[Postgres]:
    """Raises `NotInstalled`. As root it runs as the user that the package made, because it refuses to be root."""
    programs()
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
    for table, sheet, rows in (("customers", CUSTOMERS, crowd(number)), ("events", EVENTS, deeds(number))):
        columns = ", ".join(f"{name} {TYPES.get(kind, kind)}" for name, kind in sheet.columns.items())
        server.execute(f"CREATE TABLE {table} ({columns}, PRIMARY KEY (id))")
        server.copy(table, (_line(row, sheet) for row in rows))
    server.execute("VACUUM ANALYZE")


def answers(server: Postgres, times: int) -> dict[str, Answer]:
    return {asked.name: server.ask(asked.sql, times) for asked in RULES}


def _line(row: object, sheet: Sheet) -> str:
    """In PostgreSQL's own text format."""
    return "\t".join(_cell(getattr(row, name)) for name in sheet.columns) + "\n"


def _cell(value: Any) -> str:
    if value is None:
        return "\\N"
    if isinstance(value, dict | tuple):
        return json.dumps(value).replace("\\", "\\\\")
    return str(value)
