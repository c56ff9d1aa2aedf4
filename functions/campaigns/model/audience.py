"""How a caller says who is meant."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from common.errors import FieldError, Invalid
from common.ids import ID
from common.rules import Rule, check, in_words, parse, write
from common.rules.references import resolved
from common.storage.documents import Documents

Name = Annotated[str, Field(min_length=1, max_length=200)]


class RuleIn(BaseModel):
    """A rule as text or as a tree."""

    model_config = ConfigDict(extra="forbid")

    text: str | None = None
    rules: dict[str, JsonValue] | None = Field(default=None, description="the rule as a tree")


class AudienceIn(RuleIn):
    """A rule, or a saved segment."""

    segment_id: str | None = Field(default=None, pattern=ID)


def rule_of(given: RuleIn) -> Rule:
    """Raises `Invalid` unless there is exactly one rule, and it is right."""
    if (given.text is None) == (given.rules is None):
        place = FieldError(field="text", code="one_of", message="Give the rule either as `text` or as `rules`.")
        raise Invalid("Give exactly one rule.", fields=[place])
    return parse(given.text) if given.text is not None else check(given.rules)


async def complete_rule(given: RuleIn, documents: Documents, *, saved_as: str | None = None) -> Rule:
    """The rule with the segments and campaigns that it names, as they are now."""
    field = "text" if given.text is not None else "rules"
    return await resolved(documents, rule_of(given), field=field, saved_as=saved_as)


def rule_fields(rule: Rule, currency: str) -> dict[str, Any]:
    """A rule as it is stored: the tree as JSON (Firestore's own maps nest only 20 deep), the text, and the words."""
    return {"rules": rule.model_dump_json(), "text": write(rule), "words": in_words(rule, currency)}
