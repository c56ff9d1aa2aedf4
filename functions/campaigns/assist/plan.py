"""A goal becomes a plan: an audience, three messages, and a time. Nothing in it is guessed, and nothing is sent."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel

from common.catalogue.channels import CHANNELS
from common.errors import HeraldError
from common.events import MessageTemplate, WritingStyle
from common.rules import Language
from common.writing.brief import create_brief
from common.writing.check import TextProblem

from ..model.campaign import CampaignResponse
from ..services import CampaignServices
from .assisted_rule import AssistedRule, ask_within_budget, rule_from_answer
from .goal import CutGoal, TimeReason, channel_of, clean_goal, cut_goal, names_people, suggest_time
from .prompt import GoalAnswer, build_goal_prompt
from .questions import AssistQuestion
from .variants import NAMES, Angle, VariantsAnswer, VariantTask, check_variants, create_task, variants_prompt

ROUNDS = 2
MAX_NAME = 60


class PlannedMessage(BaseModel):
    """One of the messages to choose from."""

    angle: Angle
    message: MessageTemplate


class RefusedVariant(BaseModel):
    """A text that the guard refused."""

    angle: Angle
    reason: str  # the name of the check


class CampaignPlan(BaseModel):
    """A draft for a goal, or questions about it. The draft has the first message; the others can be put into it."""

    campaign: CampaignResponse | None  # the draft; null if there are questions
    audience: AssistedRule
    messages: list[PlannedMessage] = []
    refused: list[RefusedVariant] = []
    send_at: datetime | None = None  # a suggestion; nothing is scheduled
    send_at_reason: TimeReason | None = None  # said: the goal names the day


async def plan_campaign(services: CampaignServices, goal: str, language: Language) -> CampaignPlan:
    """The plan, without its draft. Raises `Unavailable`, and `BudgetUsedUp`."""
    goal, now = clean_goal(goal), services.clock()
    today = now.astimezone(services.zone).date()
    answer = await ask_within_budget(services, build_goal_prompt(goal, today), GoalAnswer)
    cut = cut_goal(goal, answer.audience)
    if (cut is None or names_people(cut.message)) and not answer.questions:
        return _asking(AssistQuestion(code="audience", about=""))
    audience = await rule_from_answer(services, answer, cut.audience if cut else "", language)
    if cut is None or audience.rule is None:
        return CampaignPlan(campaign=None, audience=audience)
    messages, refused = await _write(services, _task(services, cut, channel_of(goal)))
    at, reason = suggest_time(answer.send_on, cut.message, now=now, zone=services.zone)
    return CampaignPlan(
        campaign=None, audience=audience, messages=messages, refused=refused, send_at=at, send_at_reason=reason
    )


def _asking(question: AssistQuestion) -> CampaignPlan:
    return CampaignPlan(campaign=None, audience=AssistedRule.asking([question]))


def name_for(goal: str) -> str:
    """The beginning of the goal, up to a whole word."""
    goal = clean_goal(goal)
    return goal if len(goal) <= MAX_NAME else f"{goal[:MAX_NAME].rsplit(' ', 1)[0]}…"


def _task(services: CampaignServices, cut: CutGoal, channel: str) -> VariantTask:
    brief = create_brief(WritingStyle(), services.house_rules, {})
    return create_task(cut.message, has_subject=CHANNELS[channel].has_subject, brief=brief)


async def _write(services: CampaignServices, task: VariantTask) -> tuple[list[PlannedMessage], list[RefusedVariant]]:
    """The messages that passed, in the order of their angles. Those that did not are asked for once more."""
    written: dict[Angle, MessageTemplate] = {}
    problems: dict[Angle, TextProblem] = {}
    for _ in range(ROUNDS):
        errors = {angle: problem.advice for angle, problem in problems.items()}
        try:
            answer = await ask_within_budget(services, variants_prompt(task, errors), VariantsAnswer)
        except HeraldError as error:
            problems |= {a: TextProblem("unavailable", str(error)) for a in NAMES if a not in written}
            break
        open_angles = [angle for angle in NAMES if angle not in written]
        checked = check_variants(answer, task, open_angles, [*written.values()])
        written |= {angle: one for angle, one in checked.items() if isinstance(one, MessageTemplate)}
        problems = {angle: one for angle, one in checked.items() if isinstance(one, TextProblem)}
        if not problems:
            break
    messages = [PlannedMessage(angle=angle, message=written[angle]) for angle in NAMES if angle in written]
    return messages, [RefusedVariant(angle=angle, reason=problem.name) for angle, problem in problems.items()]
