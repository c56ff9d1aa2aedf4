"""`imported_by` of a customer: the import that created them, while it can be undone and nothing else has named them.

Who is named by something later is not removed with the import: a corrected file has most rows as they were in the wrong
one, and these change nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from common.audience.customer_writes import with_changes

UNDO_PERIOD = timedelta(days=1)


def confirm(customer: Mapping[str, Any], *, import_id: str | None, now: datetime) -> Mapping[str, Any]:
    """The customer after a row that changes nothing, of an import or of a request (None).

    It is a new version, so that an undo of the import that created them finds something newer; once, and only as long
    as that import can be undone.
    """
    imported_by = customer.get("imported_by")
    is_recent = customer["version"] > (now - UNDO_PERIOD).timestamp() * 1_000_000
    if imported_by in {None, import_id} or not is_recent:
        return customer
    return with_changes(customer, {"imported_by": None}, now=now)
