"""What people see who have sent a form, or follow the link in its mail: in their own language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fastapi.responses import HTMLResponse

from common.addresses.topics import Topic
from common.mail.texts import TEXTS
from common.mail.texts.shared import FormStep
from common.web.plain_page import PAGE_HEADERS, preferred_language, render_button, render_label, render_plain_page

STATUSES: Mapping[FormStep, int] = {"gone": 404, "wrong": 422}


def page_response(
    step: FormStep, languages: str, *, sentence: str | None = None, topics: Sequence[Topic] = ()
) -> HTMLResponse:
    """The page in the first language of an `Accept-Language` header that it has texts in, else in English.

    `sentence` replaces that of the page; `topics` are shown as a list.
    """
    language = preferred_language(languages, TEXTS)
    texts = TEXTS[language].form_pages[step]
    content = "".join(f"<li>{render_label(topic, language)}</li>" for topic in topics)
    content = f"<ul>{content}</ul>\n" if content else ""
    content += render_button(texts.button) if texts.button else ""
    page = render_plain_page(
        language=language, heading=texts.heading, sentence=sentence or texts.sentence, content=content
    )
    return HTMLResponse(page, status_code=STATUSES.get(step, 200), headers=PAGE_HEADERS)
