"""A rule that Gemini made of somebody's words: validated as any other, described and counted, or asked back."""

from __future__ import annotations

from typing import TypeVar

from pydantic import BaseModel

from common.audience.reader import query_time_limit
from common.errors import Invalid
from common.llm.language_model import Prompt
from common.llm.usage import MeteredModel
from common.rules import Language, Rule, describe, to_text, validate
from common.rules.references import resolve_references

from ..model.audience import RuleResponse
from ..services import CampaignServices
from .prompt import RuleAnswer, parse_answer, tree_of
from .questions import AssistNote, AssistQuestion, notes_on, unsaid

Answer = TypeVar("Answer", bound=BaseModel)


class AssistedRule(BaseModel):
    """A rule with its count, or questions. It is not saved."""

    rule: RuleResponse | None  # null if there are questions
    count: int | None  # of the customers who match it now
    notes: list[AssistNote]  # how negatives were taken
    questions: list[AssistQuestion]

    @classmethod
    def asking(cls, questions: list[AssistQuestion]) -> AssistedRule:
        return cls(rule=None, count=None, notes=[], questions=questions)


async def ask_within_budget(services: CampaignServices, prompt: Prompt, shape: type[Answer]) -> Answer:
    """Gemini's answer, within the budget of previews; the default of the shape if the answer has another one.

    Raises `Unavailable`, and `BudgetUsedUp`.
    """
    await services.preview_budget.require()
    model = MeteredModel(services.model)
    try:
        answer = await model.generate(prompt)
    finally:
        await services.preview_budget.record(model.used)
    try:
        return parse_answer(answer.content, shape)
    except Invalid:
        return shape()


async def rule_from_answer(
    services: CampaignServices, answer: RuleAnswer, words: str, language: Language
) -> AssistedRule:
    """The rule, if all that it says is in the words; otherwise questions."""
    if answer.questions or not answer.nodes:
        unclear = answer.questions or ["?"]
        return AssistedRule.asking([AssistQuestion(code="unclear", about=text[:300]) for text in unclear])
    try:
        rule = validate(tree_of(answer))
        resolved = await resolve_references(services.documents, rule, field="rules")
    except Invalid as error:
        messages = [field.message for field in error.fields] or [str(error)]
        return AssistedRule.asking([AssistQuestion(code="rule", about=message) for message in messages])
    if questions := unsaid(rule, words):
        return AssistedRule.asking(questions)
    return await _describe_and_count(services, resolved, language)


async def _describe_and_count(services: CampaignServices, rule: Rule, language: Language) -> AssistedRule:
    await services.audience.refresh()
    with query_time_limit():
        count = await services.audience.count(rule, services.clock())
    description = describe(rule, services.currency, language)
    response = RuleResponse(text=to_text(rule), tree=rule.model_dump(mode="json"), description=description)
    return AssistedRule(rule=response, count=count, notes=notes_on(rule), questions=[])
