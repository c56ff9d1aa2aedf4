"""The rule or segment in a request, and a rule in documents and responses."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, JsonValue, StringConstraints
from pydantic_core import PydanticCustomError

from common.errors import FieldError, Invalid
from common.ids import ID_PATTERN
from common.rules import Language, Rule, describe, parse, to_text, validate
from common.rules.references import resolve_references
from common.storage.documents import Documents, Snapshot

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class RuleRequest(BaseModel):
    """A rule as text or as a tree."""

    model_config = ConfigDict(extra="forbid")

    text: str | None = None
    rules: dict[str, JsonValue] | None = Field(default=None, description="the rule as a tree")


def rule_as_given(value: Any) -> Any:
    """The object of a request with the tree of its `rule`, as responses have it, if it says no rule in another way.

    Raises `PydanticCustomError` if somebody changed only the text or only the tree of the rule.
    """
    if not isinstance(value, Mapping) or "rule" not in value:
        return value
    rest = {name: one for name, one in value.items() if name != "rule"}
    rule = value["rule"]
    if rule is None:
        return rest
    if not isinstance(rule, Mapping) or rule.get("tree") is None or value.get("text") or value.get("rules"):
        return value
    if "text" in rule and rule["text"] != _text_of(rule["tree"]):
        raise PydanticCustomError("one_of", "The text and the tree of the rule differ: send one of them only")
    return {**rest, "rules": rule["tree"]}


def _text_of(tree: object) -> str:
    try:
        return to_text(validate(tree))
    except Invalid as invalid:
        raise PydanticCustomError("invalid", "{message}", {"message": str(invalid)}) from None


class AudienceRequest(RuleRequest):
    """A rule, or the id of a saved segment."""

    segment_id: str | None = Field(default=None, pattern=ID_PATTERN)


class RuleResponse(BaseModel):
    """One rule in three forms."""

    text: str
    tree: dict[str, JsonValue]
    description: str  # in English, or in the language of the request where it has one

    @classmethod
    def from_snapshot(cls, stored: Snapshot) -> RuleResponse:
        """The rule of a segment, or of a campaign that has one."""
        return cls(text=stored["text"], tree=json.loads(stored["rules"]), description=stored["words"])

    def to_rule(self) -> Rule:
        return validate(self.tree)

    def in_language(self, language: Language, currency: str) -> Self:
        """The same rule, described in another language than the stored description has."""
        if language == "en":
            return self
        return self.model_copy(update={"description": describe(self.to_rule(), currency, language)})


def parse_request(request: RuleRequest, currency: str) -> Rule:
    """The rule of a request; amounts are in `currency`.

    Raises `Invalid` if there is not exactly one rule, or if it is not valid.
    """
    if (request.text is None) == (request.rules is None):
        error = FieldError(field="text", code="one_of", message="Give the rule either as `text` or as `rules`.")
        raise Invalid("Give exactly one rule.", fields=[error])
    return parse(request.text, currency) if request.text is not None else validate(request.rules)


async def resolve_rule(
    request: RuleRequest, documents: Documents, currency: str, *, saved_as: str | None = None
) -> Rule:
    """The rule of a request, including the current rules of the segments and campaigns that it names.

    `saved_as` is the name under which the rule will be saved as a segment. Raises `Invalid`, also for rules that refer
    to each other in a circle.
    """
    field = "text" if request.text is not None else "rules"
    return await resolve_references(documents, parse_request(request, currency), field=field, saved_as=saved_as)


def rule_fields(rule: Rule, currency: str) -> dict[str, Any]:
    """The fields that store a rule: the tree as JSON (Firestore maps nest only 20 deep), text and description."""
    return {"rules": rule.model_dump_json(), "text": to_text(rule), "words": describe(rule, currency)}
