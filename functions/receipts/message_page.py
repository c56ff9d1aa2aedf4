"""The page behind a link in a message: its texts and its HTML, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Literal, NamedTuple

from fastapi.responses import HTMLResponse

from common.web.plain_page import PAGE_HEADERS, preferred_language, render_button, render_plain_page

from .topic_choices import OfferedTopic

Step = Literal["ask", "choose", "done", "saved", "gone", "unknown"]


class PageTexts(NamedTuple):
    """A heading, a sentence, and the button's text if there is a button; `everything` is that of the second one."""

    heading: str
    sentence: str
    button: str = ""
    everything: str = ""


TEXTS: Mapping[str, Mapping[Step, PageTexts]] = {
    "en": {
        "ask": PageTexts(
            "Unsubscribe?", "You will get no more messages of this kind at this address.", "Yes, unsubscribe"
        ),
        "choose": PageTexts(
            "What do you want to get?",
            "Untick what you do not want at this address.",
            "Save my choice",
            "Nothing at all: unsubscribe from everything",
        ),
        "saved": PageTexts("Your choice is saved", "It also holds for messages that wait. You can close this page."),
        "done": PageTexts(
            "You are unsubscribed", "You will get no more messages of this kind. You can close this page."
        ),
        "gone": PageTexts("This message is gone", "Its text is not kept any more. You can close this page."),
        "unknown": PageTexts(
            "This link does not work", "Open it from the message again, or answer the message and say so."
        ),
    },
    "hi": {
        "ask": PageTexts("सदस्यता छोड़ें?", "इस पते पर आपको इस तरह के और संदेश नहीं मिलेंगे।", "हाँ, सदस्यता छोड़ें"),
        "choose": PageTexts(
            "आप क्या पाना चाहते हैं?",
            "जो आपको इस पते पर नहीं चाहिए, उसका निशान हटाएँ।",
            "मेरी पसंद सहेजें",
            "कुछ भी नहीं: सब कुछ छोड़ें",
        ),
        "saved": PageTexts("आपकी पसंद सहेज ली गई है", "यह उन संदेशों पर भी लागू है जो भेजे जाने वाले हैं। आप यह पेज बंद कर सकते हैं।"),
        "done": PageTexts("आपकी सदस्यता समाप्त हो गई है", "आपको इस तरह के और संदेश नहीं मिलेंगे। आप यह पेज बंद कर सकते हैं।"),
        "gone": PageTexts("यह संदेश अब नहीं है", "इसका पाठ अब रखा नहीं जाता। आप यह पेज बंद कर सकते हैं।"),
        "unknown": PageTexts("यह लिंक काम नहीं करता", "इसे संदेश से दोबारा खोलें, या संदेश का उत्तर देकर हमें बताएं।"),
    },
}
CHOICE = '<input type="hidden" name="choice" value="topics">'
STATUSES: Mapping[Step, int] = {"unknown": 404, "gone": 410}


def page_response(step: Step, languages: str, offered: Sequence[OfferedTopic] = ()) -> HTMLResponse:
    """The page as an answer, in the first language of an `Accept-Language` header that it has texts in."""
    status = STATUSES.get(step, 200)
    return HTMLResponse(render_page(step, languages, offered), status_code=status, headers=PAGE_HEADERS)


def render_page(step: Step, languages: str, offered: Sequence[OfferedTopic] = ()) -> str:
    """The page in the first language of an `Accept-Language` header that it has texts in, else in English."""
    language = preferred_language(languages, TEXTS)
    texts = TEXTS[language][step]
    content = render_button(texts.everything or texts.button) if texts.button else ""
    if step == "choose":
        boxes = "".join(_box(one, language) for one in offered)
        content = render_button(texts.button, CHOICE + boxes) + content
    return render_plain_page(language=language, heading=texts.heading, sentence=texts.sentence, content=content)


def _box(offered: OfferedTopic, language: str) -> str:
    """The box of a topic, and what it was when shown: a browser does not send a box without a tick."""
    name, label = escape(offered.topic.name), escape(getattr(offered.topic.labels, language))
    checked = " checked" if offered.wanted else ""
    sent = f'<input type="hidden" name="shown" value="{name}">'
    if offered.wanted:
        sent += f'<input type="hidden" name="ticked" value="{name}">'
    return f'{sent}<label><input type="checkbox" name="topic" value="{name}"{checked}>{label}</label>'
