"""Pages for people who do not sign in, behind links in messages: one column, light and dark, without a script."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Collection
from hashlib import sha256
from html import escape
from string import Template
from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import Depends, Header, Query

from common.addresses.topics import Topic

MAX_FORM_FIELDS = 100
AcceptedLanguages = Annotated[str, Header(alias="accept-language", max_length=1_000)]


def _reader_languages(
    accepted: AcceptedLanguages = "",
    language: Annotated[str, Query(description="that of the message with the link")] = "",
) -> str:
    return f"{language},{accepted}"


ReaderLanguages = Annotated[str, Depends(_reader_languages)]
"""As an `Accept-Language` header: the language of a link first, then those of the browser."""
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
<html lang="$language" dir="ltr">
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
<p dir="auto">$sentence</p>
$content</main>
</body>
</html>
""")


def render_plain_page(*, language: str, heading: str, sentence: str, content: str = "") -> str:
    """The page. `content` is HTML, such as forms; the other texts are plain."""
    return PAGE.substitute(
        language=language, heading=escape(heading), sentence=escape(sentence), content=content, style=STYLE
    )


def render_button(text: str, fields: str = "") -> str:
    """A form of one button, which is sent to the address of the page. `fields` is HTML."""
    return f'<form method="post">{fields}<button>{escape(text)}</button></form>\n'


def render_label(topic: Topic, language: str) -> str:
    """What a topic is called on a page in the language: in English, and marked as such, if it has no name in it."""
    if label := getattr(topic.labels, language, None):
        return escape(label)
    return f'<span lang="en">{escape(topic.labels.en)}</span>'


def preferred_language(languages: str, known: Collection[str]) -> str:
    """The first language of an `Accept-Language` header that is known, else English."""
    wanted = (part.partition(";")[0].partition("-")[0].strip().lower() for part in languages.split(","))
    return next((language for language in wanted if language in known), "en")


def parse_form(body: bytes) -> list[tuple[str, str]]:
    """The fields of a form. What is none has none, as the POST of a mail program that unsubscribes."""
    try:
        return parse_qsl(body.decode(errors="replace"), max_num_fields=MAX_FORM_FIELDS)
    except ValueError:
        return []
