"""The audit log: one entry for each action of a member or an API key, written in the same commit as the action itself.

    audit_outbox/{random id}   what, by, at
                               what the action concerned, by ids and numbers
                               before, after: what it changed
    audit/{the same id}        the same, in the access database

A commit is in one database. So an entry is written into the outbox, beside what it tells of, and the function `members`
moves it into the access database, which no other function may write (`functions/members/audit_outbox.py`). What is
changed in the access database itself has its entry there at once.

Nothing in an entry is personal data of a customer in clear. Entries are only created, never changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from .ids import random_id
from .storage.documents import Create, Documents, Put


def audit_path() -> str:
    """Return the path of a new entry. Keep it to find out whether a commit whose answer was lost had succeeded.

    For a day something is there, even when the entry has been moved.
    """
    return f"audit_outbox/{random_id()}"


def log_path(entry: str) -> str:
    """Where the entry at this path of the outbox is in the access database."""
    return f"audit/{entry.rpartition('/')[2]}"


def audit_entry(
    what: str,
    *,
    by: str,
    at: datetime,
    path: str | None = None,
    subject: Mapping[str, object] | None = None,
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
) -> Create:
    """Return the write of one entry: the action, `Principal.actor`, and when.

    `subject` names what the action concerned, by ids and numbers; `before` and `after` have the values that changed.
    `path` is from `audit_path`; by default a new one.
    """
    changed = {"before": dict(before) if before else None, "after": dict(after) if after else None}
    values = {name: value for name, value in changed.items() if value}
    return Create(path or audit_path(), {**(subject or {}), **values, "what": what, "by": by, "at": at})


def log_entry(entry: Create) -> Create:
    """The entry of a change in the access database: it is in the log at once, in the commit of the change."""
    return Create(log_path(entry.path), entry.data)


async def commit_entry(documents: Documents, entry: Create) -> None:
    """Commit an entry alone, for what is no commit of its own. If the client sends it again, it is written once."""
    await documents.commit([Put(entry.path, entry.data)])
