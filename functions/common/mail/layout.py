"""The layout of e-mails: one column that fits phones and desktops, light and dark, with a footer that the law asks for.

Old mail programs know neither style sheets nor flexible boxes: tables lay out, and each element has its style. Those
that know dark mode swap the colours by the style sheet in the head.

A browser shows the same page under `page_policy`: it loads images, and runs nothing.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from hashlib import sha256
from html import escape
from string import Template

from pydantic import Field

from common.settings import Settings

from .language import direction
from .markdown import ChangeLink, to_html, to_text
from .texts import known_language, texts_in

MAX_PREVIEW = 200
PADDING = "&#8199;&#847; " * 60
"""Invisible characters after the preview text, so that mail programs do not go on with the body."""


class MailLook(Settings):
    """How the e-mails of this deployment look, and what their footer says."""

    shop_name: str | None = Field(alias="MAIL_SHOP_NAME", default=None, max_length=100)
    logo_url: str | None = Field(
        alias="MAIL_LOGO_URL", default=None, pattern=r"^https://\S+$", description="an image, 40 pixels high when shown"
    )
    accent: str = Field(
        alias="MAIL_COLOR", default="#1f5fd0", pattern=r"^#[0-9a-fA-F]{6}$", description="of links and buttons"
    )
    postal_address: str | None = Field(
        alias="MAIL_POSTAL_ADDRESS", default=None, max_length=300, description="in the footer, as laws ask for"
    )


STYLE = """
:root { color-scheme: light dark; supported-color-schemes: light dark }
@media (max-width: 620px) { .card { padding: 20px !important } }
@media (prefers-color-scheme: dark) {
  body, .page { background: #16181c !important; color: #e8e8ea !important }
  .card { background: #22252b !important; color: #e8e8ea !important }
  .card a:not(.button) { color: #9db9ff !important }
  .footer, .footer a { color: #a7abb4 !important }
}
"""
PAGE = Template("""<!doctype html>
<html lang="$language" dir="$direction">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>$title</title>
<style>$style</style>
</head>
<body style="margin:0;padding:0;background:#f3f4f6;color:#1c1d21;-webkit-text-size-adjust:100%">
$preview<table role="presentation" class="page" width="100%" cellpadding="0" cellspacing="0" style="background:#f3f4f6">
<tr><td align="center" style="padding:24px 12px">
<table role="presentation" width="600" cellpadding="0" cellspacing="0" style="width:100%;max-width:600px">
$head<tr><td class="card" style="background:#ffffff;border-radius:10px;padding:32px;\
font:16px/1.55 -apple-system,'Segoe UI',Roboto,'Noto Sans','Noto Sans Devanagari',Helvetica,Arial,sans-serif;\
color:#1c1d21;overflow-wrap:anywhere">
$body</td></tr>
$footer</table>
</td></tr>
</table>
$pixel</body>
</html>
""")


def render_html(
    body: str,
    *,
    subject: str,
    look: MailLook,
    unsubscribe_url: str | None,
    view_url: str | None = None,
    preview: str = "",
    language: str | None = "en",
    change_link: ChangeLink = str,
    open_url: str | None = None,
) -> str:
    """The HTML page of a message whose body is Markdown. `open_url` is an image that nobody sees.

    `language` is that of the message, None if it is not known: the words of the footer are in it, or in English.
    """
    return PAGE.substitute(
        style=STYLE,
        language=escape(language or ""),
        direction=direction(language),
        title=escape(subject),
        preview=_preview(preview),
        head=_head(look),
        body=to_html(body, accent=look.accent, change_link=change_link),
        footer=_footer(look, _links(language, view_url, unsubscribe_url), language),
        pixel=_pixel(open_url),
    )


def render_text(
    body: str,
    *,
    look: MailLook,
    unsubscribe_url: str | None,
    view_url: str | None = None,
    language: str | None = "en",
    change_link: ChangeLink = str,
) -> str:
    """The same message as plain text."""
    links = _links(language, view_url, unsubscribe_url)
    lines = [look.shop_name, look.postal_address, *(f"{name}: {url}" for name, url in links.items())]
    footer = "\n".join(line for line in lines if line)
    text = to_text(body, change_link=change_link)
    return f"{text}\n\n-- \n{footer}\n" if footer else f"{text}\n"


def in_scheme(html: str, scheme: str) -> str:
    """The page of a message as it is shown in a `light` or `dark` mailbox, whatever the browser's own setting. With
    another word, that setting decides."""
    if scheme not in {"light", "dark"}:
        return html
    media = STYLE.replace("(prefers-color-scheme: dark)", "all" if scheme == "dark" else "not all")
    style = media.replace("light dark", scheme)
    return html.replace(f"<style>{STYLE}</style>", f"<style>{style}</style>", 1)


def page_policy(html: str) -> str:
    """The Content-Security-Policy under which a browser shows the page of a message: of its style sheets only this one,
    images, no script, no form, and nothing of the site that it comes from."""
    style = html.partition("<style>")[2].partition("</style>")[0]
    digest = b64encode(sha256(style.encode()).digest()).decode()
    return (
        f"default-src 'none'; img-src https:; style-src-elem 'sha256-{digest}'; style-src-attr 'unsafe-inline'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'self'; "
        "sandbox allow-popups allow-popups-to-escape-sandbox"
    )


def _preview(preview: str) -> str:
    """The line that mail programs show beside the subject; not visible in the message."""
    if not preview:
        return ""
    style = "display:none;max-height:0;overflow:hidden;mso-hide:all"
    return f'<div style="{style}">{escape(preview[:MAX_PREVIEW])}{PADDING}</div>\n'


def _head(look: MailLook) -> str:
    name = escape(look.shop_name or "")
    if look.logo_url:
        logo = f'<img src="{escape(look.logo_url)}" alt="{name}" height="40" style="height:40px;border:0">'
        return f'<tr><td align="center" style="padding:0 0 20px">{logo}</td></tr>\n'
    return ""


def _links(language: str | None, view_url: str | None, unsubscribe_url: str | None) -> dict[str, str]:
    """The links of the footer that there are, by what stands there."""
    texts = texts_in(language)
    links = {texts.view_in_browser: view_url, texts.unsubscribe: unsubscribe_url}
    return {name: url for name, url in links.items() if url}


def _footer(look: MailLook, links: Mapping[str, str], language: str | None) -> str:
    """`links` are the addresses, by what stands there. Words in another language than the message say so."""
    style = "font:13px/1.5 -apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif;color:#6a6e78"
    own = known_language(language)
    mark = "" if own == language else f'lang="{own}" dir="{direction(own)}" '
    lines = [f'<span dir="auto">{escape(text)}</span>' for text in (look.shop_name, look.postal_address) if text]
    shown = [f'<a {mark}href="{escape(url)}" style="color:#6a6e78">{escape(name)}</a>' for name, url in links.items()]
    if shown:
        lines.append(" &#183; ".join(shown))
    if not lines:
        return ""
    return f'<tr><td class="footer" align="center" style="padding:20px 12px;{style}">{"<br>".join(lines)}</td></tr>\n'


def _pixel(open_url: str | None) -> str:
    style = "display:block;width:1px;height:1px;border:0"
    return f'<img src="{escape(open_url)}" width="1" height="1" alt="" style="{style}">\n' if open_url else ""
