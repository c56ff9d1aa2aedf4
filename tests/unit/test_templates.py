"""Message templates: validation and rendering."""

from __future__ import annotations

import pytest

from common.errors import Invalid
from common.events import MessageTemplate
from common.messages.templates import render, validate_template


def message(body: str, subject: str = "Hello {{ first_name }}") -> MessageTemplate:
    return MessageTemplate(subject=subject, body=body)


def test_render_with_missing_values_leaves_them_empty() -> None:
    """Fields are replaced by the recipient's values, and the subject has no line breaks."""
    text = render(
        message("Dear {{ name }} of {{ city }}: {{ attributes.plan }}{{ attributes.none }}.", "Hi\n{{ first_name }}"),
        {"name": "Asha Rao", "first_name": "Asha", "city": None, "attributes": {"plan": "gold"}},
    )
    assert (text.subject, text.body) == ("Hi Asha", "Dear Asha Rao of : gold.")


def test_validate_template_with_known_fields_accepts_it() -> None:
    """Known fields, default values and attributes are allowed."""
    validate_template(message("You came {{ visits }} times, {{ first_name or 'friend' }}. {{ attributes.plan }}"))


@pytest.mark.parametrize(
    ("subject", "body", "field", "code"),
    [
        ("Hi", "Dear {{ nmae }}", "message.body", "unknown_field"),
        ("{{ password }}", "Hi", "message.subject", "unknown_field"),
        ("Hi", "Dear {{ name", "message.body", "template"),
        ("Hi", "{% if %}", "message.body", "template"),
        ("Hi", "{{ name.__class__.__mro__ }}", "message.body", "template"),
        ("Hi", "{{ 1 / 0 }}", "message.body", "template"),
        ("Hi", "{{ name + 1 }}", "message.body", "template"),
    ],
)
def test_validate_template_with_an_error_names_the_field(subject: str, body: str, field: str, code: str) -> None:
    """Wrong syntax and unknown fields are errors."""
    with pytest.raises(Invalid) as error:
        validate_template(MessageTemplate(subject=subject, body=body))
    assert [(detail.field, detail.code) for detail in error.value.fields] == [(field, code)]


def test_render_with_template_syntax_in_data_leaves_it_unchanged() -> None:
    """A recipient's values are never evaluated."""
    assert render(message("{{ name }}"), {"name": "{{ 7 * 7 }}", "first_name": ""}).body == "{{ 7 * 7 }}"
