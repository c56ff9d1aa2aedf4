"""The message of a campaign as real people of its audience would get it, and who lacks a field that it uses."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Self

from pydantic import BaseModel

from common.audience import Audience, CustomerRow
from common.audience.index.rows import CUSTOMER_COLUMN_NAMES, row_from_duckdb
from common.audience.reader import query_time_limit
from common.catalogue.fields import FIELDS
from common.catalogue.languages import LANGUAGE_FIELD
from common.events import MessageTemplate
from common.guard.languages import language_of
from common.messages.templates import used_paths
from common.rules import AllOf, IsMissing, Not, Rule
from common.rules.sql import Condition, and_

from ..model.campaign import CampaignResponse
from ..sending.language_choice import EVERYBODY, gets_another_text, gets_one_of, speaks_none_of
from ..services import CampaignServices

Choice = Literal["random", "no_name", "long_name", "other_language"]
CAN_BE_MISSING = frozenset(name for name, record in FIELDS.items() if record.kind in {"text", "date"})
HAS_NO_NAME = Condition("coalesce(trim(name), '') = ''", ())
HAS_NAME = Condition("coalesce(trim(name), '') <> ''", ())


@dataclass(frozen=True, kw_only=True, slots=True)
class PreviewPerson:
    """A person of the audience, and why they were chosen."""

    row: CustomerRow
    choice: Choice


@dataclass(frozen=True, kw_only=True, slots=True)
class PreviewSample:
    """People who would get the message, and by field how many of all of them lack it; without zeros."""

    people: Sequence[PreviewPerson]
    reachable: int
    missing: Mapping[str, int]


class MissingField(BaseModel):
    """How many people lack a field that the message uses: there it is empty, or has its default."""

    field: str
    count: int

    @classmethod
    def from_counts(cls, counts: Mapping[str, int]) -> list[Self]:
        return [cls(field=field, count=count) for field, count in counts.items()]


async def sample_recipients(
    services: CampaignServices,
    campaign: CampaignResponse,
    rule: Rule,
    *,
    people: int,
    message: MessageTemplate | None = None,
    text: str | None = None,
    seed: str = "",
) -> PreviewSample:
    """`sample_people` of those whom a launch would reach now, or of these, who would get one text of the message.

    Without `message`, it is the campaign's.
    """
    shown = message or campaign.message
    await services.audience.refresh()
    exclusions = await services.exclusions.of(campaign)
    with query_time_limit():
        return await sample_people(
            services.audience,
            rule,
            services.clock(),
            excluding=[*exclusions.all_rules, *([gets_another_text(shown, text)] if text else [])],
            fields=field_readers(shown, text),
            people=people,
            seed=seed,
            language=_language(shown.text_in(text)),
        )


def _language(text: MessageTemplate) -> str:
    """Of a text; English if it is not certain."""
    return language_of(f"{text.subject}\n{text.body}") or "en"


def field_readers(message: MessageTemplate, text: str | None = None) -> dict[str, Condition]:
    """By field that a text of the message shows: those who get such a text. With `text`, of that text alone."""
    texts = {text: message.text_in(text)} if text else message.texts
    names = defaultdict[str, list[str]](list)
    for name, template in texts.items():
        for field in used_fields(template):
            names[field].append(name)
    return {
        field: EVERYBODY if len(of_field) == len(texts) else gets_one_of(message, of_field)
        for field, of_field in sorted(names.items())
    }


def used_fields(template: MessageTemplate) -> list[str]:
    """The fields that the default text of a valid template shows, in order: `first_name`, `attributes.plan`.

    Money and counts are not among them: they are never missing.
    """
    paths = used_paths(template)
    attributes = {path[1] for path in paths if path[0] == "attributes" and path[1].isidentifier()}
    names = sorted({path[0] for path in paths} & CAN_BE_MISSING)
    return [*names, *(f"attributes.{key}" for key in sorted(attributes))]


async def sample_people(
    audience: Audience,
    rule: Rule,
    now: datetime,
    *,
    excluding: Sequence[Rule | Condition],
    fields: Mapping[str, Condition],
    people: int,
    seed: str,
    language: str = "en",
) -> PreviewSample:
    """At most `people` random people, then one without a name, one with the longest name, and one of another language.

    The same seed chooses the same people, as long as the audience is the same. People whom an exclusion rule matches
    are left out everywhere. `fields` has, by field, whose message shows it. One query each for the people and for the
    numbers; none of them reads the database.
    """
    reachable = await audience.where(rule, now)
    for exclusion in excluding:
        condition = await audience.where(exclusion, now)
        reachable = and_(reachable, Condition(f"NOT coalesce({condition.sql}, false)", condition.parameters))
    order, parameters = "hash(id || ?), id", [seed]
    elsewhere = and_(reachable, await _speaks_another(audience, language, now))
    special = [
        *_as(await _select(audience, and_(reachable, HAS_NO_NAME), order, parameters, 1), "no_name"),
        *_as(await _select(audience, and_(reachable, HAS_NAME), "length(name) DESC, id", [], 1), "long_name"),
        *_as(await _select(audience, elsewhere, order, parameters, 1), "other_language"),
    ]
    candidates = await _select(audience, reachable, order, parameters, people + len(special)) if people else []
    known = {person.row.id for person in special}
    chosen = [*_as([row for row in candidates if row.id not in known][:people], "random"), *special]
    numbers = await _count_missing(audience, reachable, now, fields)
    missing = {field: number for field, number in zip(fields, numbers[1:], strict=True) if number}
    return PreviewSample(people=_each_once(chosen), reachable=numbers[0], missing=missing)


async def _speaks_another(audience: Audience, language: str, now: datetime) -> Condition:
    """People whose record names a language that is not this one."""
    return and_(await audience.where(Not(of=IsMissing(field=LANGUAGE_FIELD)), now), speaks_none_of([language]))


async def _select(
    audience: Audience, condition: Condition, order: str, parameters: Sequence[str], limit: int
) -> list[CustomerRow]:
    sql = f"SELECT {CUSTOMER_COLUMN_NAMES} FROM customers WHERE {condition.sql} ORDER BY {order} LIMIT ?"
    rows = await audience.select(sql, [*condition.parameters, *parameters, limit])
    return [row_from_duckdb(row) for row in rows]


def _as(rows: Sequence[CustomerRow], choice: Choice) -> list[PreviewPerson]:
    return [PreviewPerson(row=row, choice=choice) for row in rows]


def _each_once(people: Sequence[PreviewPerson]) -> list[PreviewPerson]:
    """A person who was chosen for a name and at random is there for the name only."""
    latest = {person.row.id: person for person in people}
    return sorted(latest.values(), key=people.index)


async def _count_missing(
    audience: Audience, reachable: Condition, now: datetime, fields: Mapping[str, Condition]
) -> tuple[int, ...]:
    """The number of people, then for each field how many of its readers have no value in it."""
    conditions = [and_(readers, await audience.where(_is_missing(field), now)) for field, readers in fields.items()]
    counts = [f", count(*) FILTER (WHERE {condition.sql})" for condition in conditions]
    parameters = [value for condition in conditions for value in condition.parameters]
    sql = f"SELECT count(*){''.join(counts)} FROM customers WHERE {reachable.sql}"
    [numbers] = await audience.select(sql, [*parameters, *reachable.parameters])
    return tuple(int(number) for number in numbers)


def _is_missing(field: str) -> Rule:
    """The field has no value, and neither has the one from which it is guessed."""
    missing = IsMissing(field=field)
    whole = FIELDS[field].guessed_from if field in FIELDS else ""
    return AllOf(of=(missing, IsMissing(field=whole))) if whole else missing
