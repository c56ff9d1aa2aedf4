"""The page behind a link in a message, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from fastapi.responses import HTMLResponse

from common.mail.texts import TEXTS
from common.mail.texts.shared import MessageStep
from common.web.plain_page import PAGE_HEADERS, preferred_language, render_button, render_label, render_plain_page

from .topic_choices import OfferedTopic

CHOICE = '<input type="hidden" name="choice" value="topics">'
STATUSES: Mapping[MessageStep, int] = {"unknown": 404, "gone": 410}


def page_response(step: MessageStep, languages: str, offered: Sequence[OfferedTopic] = ()) -> HTMLResponse:
    """The page as an answer, in the first language of an `Accept-Language` header that it has texts in."""
    status = STATUSES.get(step, 200)
    return HTMLResponse(render_page(step, languages, offered), status_code=status, headers=PAGE_HEADERS)


def render_page(step: MessageStep, languages: str, offered: Sequence[OfferedTopic] = ()) -> str:
    """The page in the first language of an `Accept-Language` header that it has texts in, else in English."""
    language = preferred_language(languages, TEXTS)
    texts = TEXTS[language].message_pages[step]
    content = render_button(texts.everything or texts.button) if texts.button else ""
    if step == "choose":
        boxes = "".join(_box(one, language) for one in offered)
        content = render_button(texts.button, CHOICE + boxes) + content
    return render_plain_page(language=language, heading=texts.heading, sentence=texts.sentence, content=content)


def _box(offered: OfferedTopic, language: str) -> str:
    """The box of a topic, and what it was when shown: a browser does not send a box without a tick."""
    name, label = escape(offered.topic.name), render_label(offered.topic, language)
    checked = " checked" if offered.wanted else ""
    sent = f'<input type="hidden" name="shown" value="{name}">'
    if offered.wanted:
        sent += f'<input type="hidden" name="ticked" value="{name}">'
    return f'{sent}<label><input type="checkbox" name="topic" value="{name}"{checked}>{label}</label>'
