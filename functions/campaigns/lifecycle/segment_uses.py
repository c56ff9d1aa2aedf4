"""What uses a segment: campaigns whose audience it is, and rules of campaigns and segments that name it.

A rule refers to a segment by its name. So a segment's new name is written into these rules in the commit that gives the
segment its name. A launched campaign has the rule frozen, with the name that the segment had.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence

from common.errors import FieldError, Refused
from common.rules import AllOf, AnyOf, InSegment, Not, Rule, validate
from common.rules.nodes import walk
from common.storage.documents import Documents, Query, Snapshot, Update, Where, pages

from ..model.audience import rule_fields
from ..model.states import State

ACTIVE_STATES: Sequence[State] = ("scheduled", "running", "paused")
UNFROZEN_STATES: Sequence[State] = ("draft", "scheduled")
"""The states in which the rule of a campaign can still change."""
MAX_USES = 200
"""In one commit."""
MAX_NAMED = 10
PAGE_SIZE = 200


async def require_unused(documents: Documents, segment: Snapshot) -> None:
    """Raises `Refused`, naming the uses, if a scheduled or running campaign or another segment uses the segment."""
    campaigns = [campaign async for campaign in _users(documents, segment, _in_states(ACTIVE_STATES))]
    segments = [other async for other in _users(documents, segment, Query(collection="segments"))]
    uses = [
        *(f"the campaign “{campaign['name']}”, which is {campaign['state']}" for campaign in campaigns),
        *(f"the segment “{other['name']}”" for other in segments),
    ]
    if uses:
        more = f"; and {len(uses) - MAX_NAMED} more" if len(uses) > MAX_NAMED else ""
        message = f"It is used by {'; '.join(uses[:MAX_NAMED])}{more}."
        error = FieldError(field="segment_id", code="in_use", message=message)
        raise Refused(f"The segment “{segment['name']}” cannot be deleted. {message}", fields=[error])


async def rename_writes(documents: Documents, segment: Snapshot, name: str, *, currency: str) -> list[Update]:
    """The writes that put the segment's new name into every rule that names it.

    Raises `Refused` if there are more rules than one commit can change.
    """
    queries = [_in_states(UNFROZEN_STATES), Query(collection="segments")]
    users = [user for query in queries async for user in _users(documents, segment, query) if _names(user, segment)]
    if len(users) > MAX_USES:
        raise Refused(f"More than {MAX_USES} rules name this segment, so that it cannot get another name.")
    return [
        Update(user.path, rule_fields(_renamed(_rule(user), _key(segment["name"]), name), currency), user.version)
        for user in users
    ]


def _in_states(states: Sequence[State]) -> Query:
    return Query(collection="campaigns", where=[Where("state", "in", list(states))])


async def _users(documents: Documents, segment: Snapshot, query: Query) -> AsyncIterator[Snapshot]:
    """The campaigns or segments that the query finds and that use the segment."""
    async for page in pages(documents, query, PAGE_SIZE):
        for stored in page:
            if stored.path != segment.path and (stored.get("segment_id") == segment.id or _names(stored, segment)):
                yield stored


def _names(stored: Snapshot, segment: Snapshot) -> bool:
    """Whether the stored rule names the segment, also inside another segment that it names."""
    if not stored.get("rules"):
        return False
    key = _key(segment["name"])
    return any(isinstance(node, InSegment) and _key(node.segment) == key for node in walk(_rule(stored)))


def _rule(stored: Snapshot) -> Rule:
    return validate(json.loads(stored["rules"]))


def _key(name: str) -> str:
    """What two names of one segment have in common."""
    return name.strip().casefold()


def _renamed(rule: Rule, key: str, name: str) -> Rule:
    """The rule with `name` for every segment whose name has this key."""
    match rule:
        case AllOf(of=parts) | AnyOf(of=parts):
            return rule.model_copy(update={"of": tuple(_renamed(part, key, name) for part in parts)})
        case Not(of=part):
            return rule.model_copy(update={"of": _renamed(part, key, name)})
        case InSegment(segment=segment, rule=part):
            inner = {"rule": part and _renamed(part, key, name)}
            return rule.model_copy(update=inner | ({"segment": name} if _key(segment) == key else {}))
    return rule
