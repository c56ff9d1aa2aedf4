"""Which languages the people of a campaign's audience speak, as their records say."""

from __future__ import annotations

from collections import Counter

from pydantic import BaseModel

from common.audience.reader import query_time_limit
from common.catalogue.languages import LANGUAGE_KEY_SQL, LANGUAGE_NAMES, language_named
from common.rules import Everyone
from common.rules.sql import Condition, and_

from ..model.campaign import CampaignResponse
from ..services import CampaignServices
from .checklist import resolve_audience

PER_NAME = f"SELECT {LANGUAGE_KEY_SQL}, count(*) FROM customers WHERE {{}} GROUP BY 1"  # noqa: S608  # fixed texts; the condition has parameters


class LanguagePeople(BaseModel):
    """How many people speak one language."""

    language: str | None  # null: their records name none, or one that messages have no texts in
    count: int


class MessageLanguages(BaseModel):
    """The languages of those whom a launch would reach now, and those that a message can have a text in."""

    reachable: int
    is_audience: bool  # false: the campaign has no valid audience yet, so the people are any customers
    people: list[LanguagePeople]  # most people first
    available: list[str]


async def count_languages(services: CampaignServices, campaign: CampaignResponse) -> MessageLanguages:
    """One query of the index; nothing else is read."""
    audience = await resolve_audience(services, campaign)
    await services.audience.refresh()
    exclusions = await services.exclusions.of(campaign)
    now = services.clock()
    with query_time_limit():
        reached = await services.audience.where(audience.rule or Everyone(), now)
        for exclusion in exclusions.all_rules:
            condition = await services.audience.where(exclusion, now)
            reached = and_(reached, Condition(f"NOT coalesce({condition.sql}, false)", condition.parameters))
        rows = await services.audience.select(PER_NAME.format(reached.sql), reached.parameters)
    people = Counter[str | None]()
    for name, count in rows:
        people[language_named(name)] += count
    return MessageLanguages(
        reachable=people.total(),
        is_audience=audience.rule is not None,
        people=[LanguagePeople(language=language, count=count) for language, count in people.most_common()],
        available=[*LANGUAGE_NAMES],
    )
