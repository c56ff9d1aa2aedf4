"""Help from Gemini over HTTP: plain words become a rule. Nothing is saved."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

from common.audience.reader import query_time_limit
from common.errors import Invalid
from common.llm.usage import MeteredModel
from common.rules import Language, Rule, describe, to_text, validate
from common.rules.references import resolve_references
from common.web.auth import Manager, guarded_router

from ..assist.prompt import RuleAnswer, build_prompt, parse_answer, tree_of
from ..assist.questions import AssistNote, AssistQuestion, notes_on, unsaid
from ..model.audience import RuleResponse
from ..services import CampaignServices, ServicesDep

router = guarded_router("/api/assist", tag="assist")


class WordsRequest(BaseModel):
    """What a manager says."""

    model_config = ConfigDict(extra="forbid")

    words: Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=500)]
    language: Language = "en"


class AssistedRule(BaseModel):
    """A rule with its count, or questions. It is not saved."""

    rule: RuleResponse | None  # null if there are questions
    count: int | None  # of the customers who match it now
    notes: list[AssistNote]  # how negatives were taken
    questions: list[AssistQuestion]


@router.post("/rules", operation_id="words_to_rule")
async def words_to_rule(body: WordsRequest, services: ServicesDep, member: Manager) -> AssistedRule:
    """Turns plain words in English, Hindi or Hinglish into a rule, which is validated as any other.

    Every number, name and date of the rule must be in the words; otherwise, and if something is unclear, the answer has
    questions and no rule. Gemini's calls count as previews (429 if they are used up; 503 if it does not answer).
    """
    answer = await _ask(services, body.words)
    if answer.questions or not answer.nodes:
        unclear = answer.questions or ["?"]
        return _back([AssistQuestion(code="unclear", about=text[:300]) for text in unclear])
    try:
        rule = validate(tree_of(answer))
        resolved = await resolve_references(services.documents, rule, field="rules")
    except Invalid as error:
        messages = [field.message for field in error.fields] or [str(error)]
        return _back([AssistQuestion(code="rule", about=message) for message in messages])
    if questions := unsaid(rule, body.words):
        return _back(questions)
    return await _found(services, resolved, body.language)


async def _ask(services: CampaignServices, words: str) -> RuleAnswer:
    """Gemini's answer, within the budget of previews. Raises `Unavailable`."""
    await services.preview_budget.require()
    model = MeteredModel(services.model)
    try:
        answer = await model.generate(build_prompt(words))
    finally:
        await services.preview_budget.record(model.used)
    try:
        return parse_answer(answer.content)
    except Invalid:
        return RuleAnswer()


async def _found(services: CampaignServices, rule: Rule, language: Language) -> AssistedRule:
    await services.audience.refresh()
    with query_time_limit():
        count = await services.audience.count(rule, services.clock())
    description = describe(rule, services.currency, language)
    response = RuleResponse(text=to_text(rule), tree=rule.model_dump(mode="json"), description=description)
    return AssistedRule(rule=response, count=count, notes=notes_on(rule), questions=[])


def _back(questions: list[AssistQuestion]) -> AssistedRule:
    return AssistedRule(rule=None, count=None, notes=[], questions=questions)
