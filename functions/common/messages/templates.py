"""Messages with `{{ name }}`-style fields: checked when they are saved, filled in for each person."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from jinja2 import Template, TemplateError, meta
from jinja2.sandbox import ImmutableSandboxedEnvironment

from common.errors import FieldError, Invalid
from common.events import Message

FIELDS: Mapping[str, str] = {
    "name": "the person's name",
    "first_name": "the first word of it",
    "city": "the city",
    "spend": "what they have spent, with the currency",
    "visits": "how often they came",
    "orders": "how often they ordered",
    "active_days": "on how many days they were active",
    "last_active_at": "the day they were last active, like 2026-11-23",
    "attributes": "the customer's own attributes, as in {{ attributes.plan }}",
}
"""What a message may say about a person; the same goes into Gemini's prompt, and nothing else."""


def _finished(value: Any) -> Any:
    """What is not known of a person is left empty."""
    return "" if value is None else value


ENVIRONMENT = ImmutableSandboxedEnvironment(finalize=_finished, keep_trailing_newline=True)


def check(message: Message) -> None:
    """Raises `Invalid` for what could not be filled in: broken syntax, fields that do not exist."""
    problems = [
        error
        for name, text in (("message.subject", message.subject), ("message.body", message.body))
        for error in _problems(name, text)
    ]
    if problems:
        raise Invalid("The message cannot be filled in.", fields=problems)


def render(message: Message, fields: Mapping[str, Any]) -> Message:
    """The message for one person. The subject keeps to one line."""
    subject = " ".join(_template(message.subject).render(fields).split())
    return Message.model_construct(subject=subject, body=_template(message.body).render(fields))


def _problems(name: str, text: str) -> list[FieldError]:
    try:
        unknown = sorted(meta.find_undeclared_variables(ENVIRONMENT.parse(text)) - FIELDS.keys())
        if not unknown:
            _template(text).render(SAMPLE)
    except (TemplateError, TypeError, ValueError, ArithmeticError, LookupError) as error:
        return [FieldError(field=name, code="template", message=f"{error}")]
    known = ", ".join(FIELDS)
    return [
        FieldError(field=name, code="unknown_field", message=f"There is no field {one!r}; there are: {known}")
        for one in unknown
    ]


@lru_cache(maxsize=100)
def _template(text: str) -> Template:
    return ENVIRONMENT.from_string(text)


SAMPLE: Mapping[str, Any] = dict.fromkeys(FIELDS) | {
    "name": "Asha Rao",
    "first_name": "Asha",
    "attributes": {},
}
