from __future__ import annotations

import pytest

from common.errors import Invalid
from common.events import Message
from common.messages.templates import check, render


def message(body: str, subject: str = "Hello {{ first_name }}") -> Message:
    return Message(subject=subject, body=body)


def test_fields_are_filled_in_and_unknown_values_left_empty() -> None:
    written = render(
        message("Dear {{ name }} of {{ city }}: {{ attributes.plan }}{{ attributes.none }}.", "Hi\n{{ first_name }}"),
        {"name": "Asha Rao", "first_name": "Asha", "city": None, "attributes": {"plan": "gold"}},
    )
    assert (written.subject, written.body) == ("Hi Asha", "Dear Asha Rao of : gold.")


def test_a_good_message_passes() -> None:
    check(message("You came {{ visits }} times, {{ first_name or 'friend' }}. {{ attributes.plan }}"))


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
def test_what_cannot_be_filled_in_is_an_error_when_saving(subject: str, body: str, field: str, code: str) -> None:
    with pytest.raises(Invalid) as error:
        check(Message(subject=subject, body=body))
    assert [(one.field, one.code) for one in error.value.fields] == [(field, code)]


def test_data_is_never_a_template() -> None:
    assert render(message("{{ name }}"), {"name": "{{ 7 * 7 }}", "first_name": ""}).body == "{{ 7 * 7 }}"
