"""The page behind a link in a message: its texts and its HTML, in the reader's language."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from hashlib import sha256
from html import escape
from string import Template
from typing import Literal, NamedTuple

from fastapi.responses import HTMLResponse

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
STATUSES: Mapping[Step, int] = {"unknown": 404, "gone": 410}
STYLE = """
:root { color-scheme: light dark }
body { margin: 0; font: 1.125rem/1.5 system-ui, sans-serif; background: Canvas; color: CanvasText }
main { max-width: 32rem; margin: 12vh auto; padding: 0 1.5rem; text-align: center }
h1 { font-size: 1.5rem }
button { font: inherit; font-weight: 600; padding: .75rem 1.5rem; border: 0; border-radius: .5rem;
  background: #1f5fd0; color: #fff; cursor: pointer }
label { display: block; margin: .75rem auto; max-width: 20rem; padding: .5rem; text-align: start }
input { width: 1.25rem; height: 1.25rem; margin-inline-end: .75rem; vertical-align: -.2rem }
form + form { margin-top: 2rem }
form + form button { background: none; color: inherit; font-weight: 400; text-decoration: underline }
button:focus-visible, input:focus-visible { outline: 3px solid; outline-offset: 3px }
"""
STYLE_HASH = b64encode(sha256(STYLE.encode()).digest()).decode()
PRIVATE_HEADERS = {
    "Cache-Control": "private, no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}
"""Of every answer to a link in a message: it is about one person."""
PAGE_HEADERS = {
    **PRIVATE_HEADERS,
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{STYLE_HASH}'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
}
"""The policy allows the style of the page, and no other."""
PAGE = Template("""<!doctype html>
<html lang="$language">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>$heading</title>
<style>$style</style>
</head>
<body>
<main>
<h1>$heading</h1>
<p>$sentence</p>
$form</main>
</body>
</html>
""")


def page_response(step: Step, languages: str, offered: Sequence[OfferedTopic] = ()) -> HTMLResponse:
    """The page as an answer, in the first language of an `Accept-Language` header that it has texts in."""
    status = STATUSES.get(step, 200)
    return HTMLResponse(render_page(step, languages, offered), status_code=status, headers=PAGE_HEADERS)


def render_page(step: Step, languages: str, offered: Sequence[OfferedTopic] = ()) -> str:
    """The page in the first language of an `Accept-Language` header that it has texts in, else in English."""
    language = _language(languages)
    texts = TEXTS[language][step]
    form = _form(texts.everything or texts.button) if texts.button else ""
    if step == "choose":
        form = _form(texts.button, "".join(_box(one, language) for one in offered)) + form
    return PAGE.substitute(
        language=language, heading=escape(texts.heading), sentence=escape(texts.sentence), form=form, style=STYLE
    )


def _language(languages: str) -> str:
    wanted = (part.partition(";")[0].partition("-")[0].strip().lower() for part in languages.split(","))
    return next((language for language in wanted if language in TEXTS), "en")


def _form(button: str, fields: str = "") -> str:
    choice = '<input type="hidden" name="choice" value="topics">' if fields else ""
    return f'<form method="post">{choice}{fields}<button>{escape(button)}</button></form>\n'


def _box(offered: OfferedTopic, language: str) -> str:
    """The box of a topic, and what it was when shown: a browser does not send a box without a tick."""
    name, label = escape(offered.topic.name), escape(getattr(offered.topic.labels, language))
    checked = " checked" if offered.wanted else ""
    sent = f'<input type="hidden" name="shown" value="{name}">'
    if offered.wanted:
        sent += f'<input type="hidden" name="ticked" value="{name}">'
    return f'{sent}<label><input type="checkbox" name="topic" value="{name}"{checked}>{label}</label>'
