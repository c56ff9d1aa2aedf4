"""What people see who have sent a form, or follow the link in its mail: in their own language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Literal, NamedTuple

from fastapi.responses import HTMLResponse

from common.addresses.topics import Topic
from common.web.plain_page import PAGE_HEADERS, preferred_language, render_button, render_plain_page

Step = Literal["ask", "done", "used", "gone", "sent", "wrong"]


class FormPageTexts(NamedTuple):
    """A heading, a sentence, and the button's text if there is a button."""

    heading: str
    sentence: str
    button: str = ""


TEXTS: Mapping[str, Mapping[Step, FormPageTexts]] = {
    "en": {
        "ask": FormPageTexts(
            "Do you want our messages?",
            "Press the button, and we write to this mailbox. Otherwise nothing happens.",
            "Yes, I want them",
        ),
        "done": FormPageTexts("Thank you", "You get our messages from now on. Each has a link to unsubscribe."),
        "used": FormPageTexts("This is confirmed already", "Nothing changes. You can close this page."),
        "gone": FormPageTexts(
            "This link does not work", "A link works for one day. Fill in the form again to get another one."
        ),
        "sent": FormPageTexts("Thank you", ""),
        "wrong": FormPageTexts("Something is missing", "Go back, and check the e-mail address that you wrote."),
    },
    "hi": {
        "ask": FormPageTexts(
            "क्या आप हमारे संदेश पाना चाहते हैं?",
            "बटन दबाएँ, तो हम इस मेलबॉक्स पर लिखेंगे। नहीं तो कुछ नहीं होगा।",
            "हाँ, मुझे चाहिए",
        ),
        "done": FormPageTexts("धन्यवाद", "अब से आपको हमारे संदेश मिलेंगे। हर संदेश में सदस्यता छोड़ने का लिंक होता है।"),
        "used": FormPageTexts("इसकी पुष्टि हो चुकी है", "कुछ नहीं बदलता। आप यह पेज बंद कर सकते हैं।"),
        "gone": FormPageTexts("यह लिंक काम नहीं करता", "लिंक एक दिन तक चलता है। नया लिंक पाने के लिए फ़ॉर्म दोबारा भरें।"),
        "sent": FormPageTexts("धन्यवाद", ""),
        "wrong": FormPageTexts("कुछ छूट गया है", "वापस जाएँ और लिखा हुआ ई-मेल पता जाँचें।"),
    },
}
STATUSES: Mapping[Step, int] = {"gone": 404, "wrong": 422}


def page_response(
    step: Step, languages: str, *, sentence: str | None = None, topics: Sequence[Topic] = ()
) -> HTMLResponse:
    """The page in the first language of an `Accept-Language` header that it has texts in, else in English.

    `sentence` replaces that of the page; `topics` are shown as a list.
    """
    language = preferred_language(languages, TEXTS)
    texts = TEXTS[language][step]
    content = "".join(f"<li>{escape(getattr(topic.labels, language))}</li>" for topic in topics)
    content = f"<ul>{content}</ul>\n" if content else ""
    content += render_button(texts.button) if texts.button else ""
    page = render_plain_page(
        language=language, heading=texts.heading, sentence=sentence or texts.sentence, content=content
    )
    return HTMLResponse(page, status_code=STATUSES.get(step, 200), headers=PAGE_HEADERS)
