"""The answer to the question of an import: did these people agree to get messages?

It is recorded with each person who is in the file without a consent of their own: from which file, when, and by whom.
It has no time of its own, so that it can never end somebody's no.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..model.customer import ConsentInput, CustomerInput


def with_answer(rows: Sequence[CustomerInput], job: Any) -> list[CustomerInput]:
    """The rows with the answer in the import's options, for the channels that it is about."""
    if not job.get("consent"):  # nor has an import that an earlier version accepted
        return list(rows)
    source = f"import: {job['file']}" if job["file"] else "import"
    answer = ConsentInput(state=job["consent"], source=source).model_copy(update={"by": job["by"]})
    answers = dict.fromkeys(job["consent_channels"], answer)
    return [row.model_copy(update={"consent": answers | dict(row.consent)}) for row in rows]
