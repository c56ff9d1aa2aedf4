"""The guard: a generated text must not promise anything that the campaign's message does not promise."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from common.llm.grounding import first_ungrounded
from common.messages.templates import MessageText

MAX_SUBJECT_LENGTH = 200
PLACEHOLDER = re.compile(r"\{\{|\}\}|\[(?:your |first |customer )?(?:name|city)\b", re.IGNORECASE)


def violation(text: MessageText, *, template: MessageText, fields: Mapping[str, Any]) -> str | None:
    """The reason why a text must not be sent, or None.

    `template` is the campaign's message, rendered for the same recipient. The text may use the facts of `template` and
    of `fields`, and no others.
    """
    if not text.subject or not text.body:
        return "empty"
    if len(text.subject) > MAX_SUBJECT_LENGTH or len(text.body) > 2 * len(template.body) + 600:
        return "too long"
    if PLACEHOLDER.search(f"{text.subject}\n{text.body}"):
        return "a placeholder is left in the text"
    facts = json.dumps(fields, ensure_ascii=False, default=str)
    claim = first_ungrounded(f"{text.subject}\n{text.body}", source=f"{template.subject}\n{template.body}\n{facts}")
    return f"{claim} is not in the campaign's message" if claim else None
