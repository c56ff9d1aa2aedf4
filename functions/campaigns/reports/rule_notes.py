"""What a rule leaves out that its author may not expect, with the number of people."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from common.audience.other_kinds import ValueKind, count_other_kinds
from common.rules import Rule, to_text
from common.rules.never_active import with_never_active

from ..services import CampaignServices


class RuleNote(BaseModel):
    """People whom a rule leaves out, and a rule that includes them."""

    code: Literal["never_active_left_out", "other_kind"]
    field: str
    people: int = Field(description="how many people the rule leaves out for this reason")
    suggestion: str | None = Field(default=None, description="the rule that includes them; null if there is none")
    kind: ValueKind | None = Field(
        default=None, description="of `other_kind`: with what the rule compares the attribute; theirs is another kind"
    )


async def notes_on_rule(services: CampaignServices, rule: Rule, count: int) -> list[RuleNote]:
    """The notes on a rule that `count` customers match now. Those that are about nobody are omitted."""
    missed = [
        RuleNote(code="other_kind", field=one.field, kind=one.kind, people=one.people)
        for one in await count_other_kinds(services.audience, rule)
    ]
    return [*await _note_on_never_active(services, rule, count), *missed]


async def _note_on_never_active(services: CampaignServices, rule: Rule, count: int) -> list[RuleNote]:
    wider = with_never_active(rule)
    if wider == rule:
        return []
    added = await services.audience.count(wider, services.clock()) - count
    note = RuleNote(code="never_active_left_out", field="last_active_at", people=added, suggestion=to_text(wider))
    return [note] if added > 0 else []
