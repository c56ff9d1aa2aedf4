"""Message templates with fields such as `{{ name }}`: validated when they are saved, rendered for each recipient."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from common.catalogue.languages import DEFAULT_TEXT
from common.errors import FieldError, Invalid
from common.events import MessageTemplate
from common.messages.plain_values import plain_fields
from common.messages.template_language import language_of_template
from common.messages.template_nodes import evaluate, paths_of, text_of
from common.messages.template_parser import MESSAGE_FIELDS, TemplateProblem, parse

__all__ = [
    "MESSAGE_FIELDS",
    "PARTS",
    "MessageText",
    "field_of",
    "render",
    "render_preview",
    "used_paths",
    "validate_template",
]
PARTS = ("subject", "body", "preview")
"""What a text consists of."""


@dataclass(frozen=True, slots=True)
class MessageText:
    """The text of one recipient's message."""

    subject: str  # one line
    body: str


def validate_template(template: MessageTemplate) -> None:
    """Raises `Invalid` if a text of it is not in the message language, naming each part that is wrong."""
    problems = [
        error
        for name, text in template.texts.items()
        for part in PARTS
        for error in _problems(field_of(name, part), getattr(text, part))
    ]
    if problems:
        raise Invalid("The message's template is not valid.", fields=problems)


def field_of(text: str, part: str) -> str:
    """The field of a part of one of the message's texts: `message.body`, or `message.languages.hi.body`."""
    return f"message.{part}" if text == DEFAULT_TEXT else f"message.languages.{text}.{part}"


def render(template: MessageTemplate, fields: Mapping[str, Any]) -> MessageText:
    """The default text for one recipient, with plain values only. Line breaks in the subject become spaces."""
    values = plain_fields(fields).values
    language = language_of_template(template.subject, template.body)
    subject, body = (text_of(evaluate(parse(text), values, language)) for text in (template.subject, template.body))
    return MessageText(subject=" ".join(subject.split()), body=body)


def render_preview(template: MessageTemplate, fields: Mapping[str, Any]) -> str | None:
    """The preview text for one recipient, in one line; None if there is none. Gemini does not write it."""
    if not template.preview:
        return None
    language = language_of_template(template.subject, template.body)
    text = text_of(evaluate(parse(template.preview), plain_fields(fields).values, language))
    return " ".join(text.split()) or None


def used_paths(template: MessageTemplate) -> set[tuple[str, ...]]:
    """The fields that the default text of a valid template uses: `("first_name",)`, `("attributes", "plan")`."""
    return {path for text in (template.subject, template.body, template.preview) for path in paths_of(parse(text))}


def _problems(name: str, text: str) -> list[FieldError]:
    try:
        parse(text)
    except TemplateProblem as error:
        return [FieldError(field=name, code=error.kind, message=str(error))]
    return []
