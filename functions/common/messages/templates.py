"""Message templates with fields such as `{{ name }}`: validated when they are saved, rendered for each recipient."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from jinja2 import Template, TemplateError, meta
from jinja2.sandbox import ImmutableSandboxedEnvironment

from common.catalogue.fields import all_records
from common.errors import FieldError, Invalid
from common.events import MessageTemplate

MESSAGE_FIELDS = tuple(record.name for record in all_records() if record.in_messages)
"""The fields that a message can use. Gemini's prompt has these fields of a customer and no others."""


@dataclass(frozen=True, slots=True)
class MessageText:
    """The text of one recipient's message."""

    subject: str  # one line
    body: str


def _blank_if_none(value: Any) -> Any:
    """Missing values are rendered as nothing."""
    return "" if value is None else value


ENVIRONMENT = ImmutableSandboxedEnvironment(finalize=_blank_if_none, keep_trailing_newline=True)


def validate_template(template: MessageTemplate) -> None:
    """Raises `Invalid` if the template cannot be rendered: wrong syntax, or unknown fields."""
    problems = [
        error
        for name, text in (("message.subject", template.subject), ("message.body", template.body))
        for error in _problems(name, text)
    ]
    if problems:
        raise Invalid("The message's template is not valid.", fields=problems)


def render(template: MessageTemplate, fields: Mapping[str, Any]) -> MessageText:
    """The text for one recipient. Line breaks in the subject become spaces."""
    subject = " ".join(_template(template.subject).render(fields).split())
    return MessageText(subject=subject, body=_template(template.body).render(fields))


def _problems(name: str, text: str) -> list[FieldError]:
    """What is wrong with one part of the template. It is rendered with a sample to find errors of its expressions."""
    try:
        unknown = sorted(meta.find_undeclared_variables(ENVIRONMENT.parse(text)) - set(MESSAGE_FIELDS))
        if not unknown:
            _template(text).render(SAMPLE)
    except (TemplateError, TypeError, ValueError, ArithmeticError, LookupError) as error:
        return [FieldError(field=name, code="template", message=f"{error}")]
    known = ", ".join(MESSAGE_FIELDS)
    return [
        FieldError(field=name, code="unknown_field", message=f"Unknown field {field!r}. The fields are: {known}")
        for field in unknown
    ]


@lru_cache(maxsize=100)
def _template(text: str) -> Template:
    return ENVIRONMENT.from_string(text)


SAMPLE: Mapping[str, Any] = dict.fromkeys(MESSAGE_FIELDS) | {
    "name": "Asha Rao",
    "first_name": "Asha",
    "attributes": {},
}
