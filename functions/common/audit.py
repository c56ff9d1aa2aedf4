"""The audit log: one entry for each action of a member, written in the same commit as the action itself.

audit/{random id}   what, by, at, and what the action concerned (never personal data in clear)
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from .ids import random_id
from .storage.documents import Create


def audit_path() -> str:
    """Return the path of a new entry. Keep it to find out whether a commit whose answer was lost had succeeded."""
    return f"audit/{random_id()}"


def audit_entry(
    what: str, *, by: str, at: datetime, path: str | None = None, subject: Mapping[str, object] | None = None
) -> Create:
    """Return the write of one entry: the action, the e-mail of the member, and when.

    `subject` names what the action concerned, by ids and numbers. `path` is from `audit_path`; by default a new one.
    """
    return Create(path or audit_path(), {**(subject or {}), "what": what, "by": by, "at": at})
