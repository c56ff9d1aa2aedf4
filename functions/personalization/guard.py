"""Nobody is promised what the campaign's message does not promise."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from common.events import Message
from common.llm.grounding import unfounded

MOST_SUBJECT = 200
PLACEHOLDER = re.compile(r"\{\{|\}\}|\[(?:your |first |customer )?(?:name|city)\b", re.IGNORECASE)


def objection(text: Message, *, template: Message, fields: Mapping[str, Any]) -> str | None:
    """Why a text may not be sent, or None.

    `template` is the campaign's message with the person's fields filled in: what may be said is what it or the fields
    say.
    """
    if not text.subject or not text.body:
        return "empty"
    if len(text.subject) > MOST_SUBJECT or len(text.body) > 2 * len(template.body) + 600:
        return "too long"
    if PLACEHOLDER.search(f"{text.subject}\n{text.body}"):
        return "a placeholder was left in"
    known = json.dumps(fields, ensure_ascii=False, default=str)
    promise = unfounded(f"{text.subject}\n{text.body}", source=f"{template.subject}\n{template.body}\n{known}")
    return f"{promise} is not in the campaign's message" if promise else None
