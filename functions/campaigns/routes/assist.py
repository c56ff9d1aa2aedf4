"""Help from Gemini over HTTP: plain words become a rule, and a goal becomes a draft."""

from __future__ import annotations

from typing import Annotated

from fastapi import Response
from pydantic import BaseModel, ConfigDict, StringConstraints

from common.events import MessageTemplate
from common.rules import Language
from common.web.auth import Manager, guarded_router
from common.web.idempotency import IdempotencyDep
from common.web.rate_limits import costs

from ..assist.assisted_rule import AssistedRule, ask_within_budget, rule_from_answer
from ..assist.goal import channel_of
from ..assist.plan import CampaignPlan, name_for, plan_campaign
from ..assist.prompt import RuleAnswer, build_prompt
from ..lifecycle.drafts import CONTENT_FIELDS, NO_AUDIENCE, create_draft
from ..model.audience import rule_fields
from ..model.campaign import CampaignResponse, CreateCampaignRequest
from ..services import CampaignServices, ServicesDep

router = guarded_router("/api/assist", tag="assist")


class WordsRequest(BaseModel):
    """What a manager says."""

    model_config = ConfigDict(extra="forbid")

    words: Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=500)]
    language: Language = "en"


class GoalRequest(BaseModel):
    """What a manager wants to achieve: with whom, and with which offer."""

    model_config = ConfigDict(extra="forbid")

    goal: Annotated[str, StringConstraints(strip_whitespace=True, min_length=10, max_length=1_000)]
    language: Language = "en"  # of the rule's description


@router.post("/rules", operation_id="words_to_rule")
async def words_to_rule(body: WordsRequest, services: ServicesDep, member: Manager) -> AssistedRule:
    """Turns plain words in English, Hindi or Hinglish into a rule, which is validated as any other.

    Every number, name and date of the rule must be in the words; otherwise, and if something is unclear, the answer has
    questions and no rule. Gemini's calls count as previews (429 if they are used up; 503 if it does not answer).
    """
    answer = await ask_within_budget(services, build_prompt(body.words), RuleAnswer)
    return await rule_from_answer(services, answer, body.words, body.language)


@router.post("/plans", status_code=201, operation_id="goal_to_plan", dependencies=costs(10))
async def goal_to_plan(
    body: GoalRequest, services: ServicesDep, member: Manager, *, request: IdempotencyDep, response: Response
) -> CampaignPlan:
    """Turns a goal in English, Hindi or Hinglish into a draft: audience, three messages to choose from, a time.

    The audience is validated and counted as for `/api/assist/rules`. Every fact of a message is a part of the goal, and
    what is beside them passes the guard: a plan offers nothing that the goal does not. If something is unclear, the
    answer has questions and no draft (200). Gemini's calls, two to three, count as previews. With an `Idempotency-Key`,
    a repeated request makes one draft.
    """

    async def plan(campaign_id: str) -> CampaignPlan:
        planned = await plan_campaign(services, body.goal, body.language)
        if planned.audience.rule is None:
            return planned
        draft = await _save_draft(services, campaign_id, planned, body.goal, by=member.actor)
        return planned.model_copy(update={"campaign": draft})

    planned = await request.run(CampaignPlan, plan, documents=services.documents, member=member, clock=services.clock)
    response.status_code = 201 if planned.campaign else 200
    return planned


async def _save_draft(
    services: CampaignServices, campaign_id: str, planned: CampaignPlan, goal: str, *, by: str
) -> CampaignResponse:
    """The draft with the first message, if there is one."""
    assert planned.audience.rule is not None, "the caller has looked"
    first = planned.messages[0].message if planned.messages else MessageTemplate()
    content = CreateCampaignRequest(name=name_for(goal), message=first, channel=channel_of(goal))
    audience = rule_fields(planned.audience.rule.to_rule(), services.currency)
    fields = {**content.model_dump(include={*CONTENT_FIELDS}), **NO_AUDIENCE, **audience}
    return await create_draft(services.documents, campaign_id, fields, by=by, now=services.clock(), planned=True)
