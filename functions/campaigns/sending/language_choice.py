"""Which of a message's texts a person gets: the one in their language, if the message has it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field

from common.catalogue.languages import DEFAULT_TEXT, LANGUAGE_KEY_SQL, LANGUAGE_NAMES
from common.errors import FieldError, Invalid
from common.events import MessageTemplate, WritingStyle
from common.rules.sql import Condition

TextName = Annotated[str, Field(json_schema_extra={"enum": [DEFAULT_TEXT, *LANGUAGE_NAMES]}, max_length=20)]
"""Of one of a message's texts: its language, or `default`."""
EVERYBODY = Condition("true", ())


@dataclass(frozen=True, slots=True)
class PersonText:
    """What one person's message is made of."""

    template: MessageTemplate  # one text alone
    style: WritingStyle
    language: str | None  # the name of the text; None if the message has only one


def text_for(
    message: MessageTemplate, style: WritingStyle, fields: Mapping[str, Any], *, name: str | None = None
) -> PersonText:
    """The text for a person with these fields; with `name`, the text of that name.

    A text that is written in a language stays in it: the style's language holds for the default text only.
    """
    language = message.language_for(fields)
    if language and name:
        language = name
    if language not in {None, DEFAULT_TEXT}:
        style = style.model_copy(update={"language": None})
    return PersonText(message.text_in(language), style, language)


def require_text(message: MessageTemplate, name: str | None) -> None:
    """Raises `Invalid`, at the field `language`, if the message has no text of that name."""
    if name is not None and name not in message.texts:
        error = f"The message has no text {name!r}. It has: {', '.join(message.texts)}."
        raise Invalid(error, fields=[FieldError(field="language", code="not_found", message=error)])


def gets_one_of(message: MessageTemplate, names: Collection[str]) -> Condition:
    """Selects the people of the table `customers` who get one of these texts of the message."""
    if DEFAULT_TEXT in names:
        return speaks_none_of([language for language in message.languages or () if language not in names])
    return Condition(f"coalesce({_SPEAKS}, false)", (_all_names(names),))


def gets_another_text(message: MessageTemplate, name: str) -> Condition:
    """Selects everybody else."""
    return gets_one_of(message, [other for other in message.texts if other != name])


def speaks_none_of(languages: Collection[str]) -> Condition:
    """Selects the people of the table `customers` whose record names none of these languages."""
    return Condition(f"NOT coalesce({_SPEAKS}, false)", (_all_names(languages),))


_SPEAKS = f"list_contains(?::VARCHAR[], {LANGUAGE_KEY_SQL})"


def _all_names(languages: Collection[str]) -> list[str]:
    return [name for language in languages for name in LANGUAGE_NAMES.get(language, ())]
