"""The Markdown of messages: safe HTML, a readable text, and no number changed."""

from __future__ import annotations

import pytest

from common.mail.layout import MailLook, render_html
from common.mail.markdown import to_html, to_text


@pytest.mark.parametrize("body", ["2*500g, 3*250g", "5*3 and 4*2", "10*20*30 cm", "a_b_c", "5 * 3", "2**10**3"])
def test_stars_between_letters_and_digits_stay(body: str) -> None:
    """The guard has read the text before: its numbers must not change afterwards."""
    assert to_text(body) == body
    assert body in to_html(body)


@pytest.mark.parametrize(
    "body",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "[x](data:text/html,<script>)",
        "![x](http://tracker.example/a.png)",
        "![x](javascript:alert(1))",
        "<style>*{display:none}</style>",
        "$body $head ${footer}",
    ],
)
def test_nothing_runs_and_nothing_is_loaded_but_images_over_https(body: str) -> None:
    """HTML in a message is text."""
    html = render_html(body, subject=body, look=MailLook(), unsubscribe_url=None)
    inside = html.partition('class="card"')[2]
    assert not any(f"<{tag}" in inside for tag in ("script", "style", "img", "iframe", "object", "form"))
    assert 'href="javascript' not in html


def test_link_alone_is_a_button_and_text_has_its_address() -> None:
    """Within a sentence it is a link."""
    assert 'class="button"' in to_html("[Come in](https://shop.example)")
    assert 'class="button"' not in to_html("So [come in](https://shop.example).")
    assert to_text("[Come in](https://shop.example)") == "Come in: https://shop.example"
    assert to_text("See https://shop.example now") == "See https://shop.example now"


def test_lists_quotes_and_headings_are_readable_as_text() -> None:
    """Without the signs of Markdown."""
    assert to_text("# New\n\n**Wool** and *silk*\n\n- one\n- two\n\n1. a\n2. b") == (
        "New\n\nWool and silk\n\n- one\n- two\n\n1. a\n2. b"
    )


@pytest.mark.parametrize(
    ("markdown", "text"),
    [("Dear ****,", "Dear ,"), ("****\n\nCome", "Come"), ("**a** **b**", "a b"), ("**a****b**", "ab")],
)
def test_bold_around_a_missing_value_leaves_no_stars(markdown: str, text: str) -> None:
    """`**{{ name }}**` of somebody without a name: no stars in the text, and no line across the mail."""
    assert to_text(markdown) == text
    assert "*" not in to_html(markdown)
    assert "<hr" not in to_html(markdown)
