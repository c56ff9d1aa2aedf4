"""What every language has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

MessageStep = Literal["ask", "choose", "done", "saved", "gone", "unknown"]
"""The pages behind the links of a message."""
FormStep = Literal["ask", "done", "used", "gone", "sent", "wrong"]
"""The pages of a form: after it is sent, and behind the link of its mail."""


class PageTexts(NamedTuple):
    """A heading, a sentence, and the button's text if there is a button; `everything` is that of the second one."""

    heading: str
    sentence: str
    button: str = ""
    everything: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class RecipientTexts:
    """The texts of one language."""

    view_in_browser: str  # the links of the footer
    unsubscribe: str
    message_pages: Mapping[MessageStep, PageTexts]
    form_pages: Mapping[FormStep, PageTexts]
