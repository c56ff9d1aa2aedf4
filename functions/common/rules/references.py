"""Resolving the names in a rule: saved segments and campaigns.

What a name means is put into the tree before the rule is evaluated. So a stored rule is complete in itself, and a
campaign's rule stays as it was at the launch.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from difflib import get_close_matches
from typing import NoReturn

from common.errors import FieldError, Invalid
from common.rules import AllOf, AnyOf, EngagementNode, InSegment, Not, Rule, validate
from common.storage.documents import Documents, Query, Snapshot, Where

MAX_LOOKUPS = 50
MAX_SAME_NAME = 50  # campaigns with one name
MAX_FALLBACK = 200
"""Without an exact match, the newest documents up to this number are searched ignoring case, and for similar names."""


async def resolve_references(
    documents: Documents, rule: Rule, *, field: str = "rules", saved_as: str | None = None
) -> Rule:
    """The rule with the present meaning of its names; `saved_as` is the name of the segment that the rule belongs to.

    Raises `Invalid`, on `field`, if a name is unknown or ambiguous, or if segments contain each other.
    """
    complete = await ReferenceResolver(documents, field).resolve(rule, (saved_as,) if saved_as else ())
    return validate(complete.model_dump()) if complete != rule else rule


class ReferenceResolver:
    """Resolves the names of one rule, with a limit on the number of lookups."""

    def __init__(self, documents: Documents, field: str) -> None:
        self._documents = documents
        self._field = field
        self._lookups_left = MAX_LOOKUPS

    async def resolve(self, rule: Rule, within: tuple[str, ...]) -> Rule:
        """The rule with its names resolved; `within` are the segments that contain it, outermost first."""
        match rule:
            case AllOf(of=parts) | AnyOf(of=parts):
                return rule.model_copy(update={"of": tuple([await self.resolve(part, within) for part in parts])})
            case Not(of=part):
                return rule.model_copy(update={"of": await self.resolve(part, within)})
            case InSegment(segment=name):
                return rule.model_copy(update=await self._resolve_segment(name, within))
            case EngagementNode(campaign=name) if name is not None:
                campaigns = await self._find_by_name("campaigns", name, limit=MAX_SAME_NAME)
                return rule.model_copy(update={"campaigns": tuple(campaign.id for campaign in campaigns)})
        return rule

    async def _resolve_segment(self, name: str, within: tuple[str, ...]) -> dict[str, Rule | str | None]:
        """What says who is in the segment: its rule, or for a static segment its id."""
        if name.strip().casefold() in [outer.casefold() for outer in within]:
            self._fail("cycle", f"segments cannot contain each other: {' → '.join((*within, name))}")
        segments = await self._find_by_name("segments", name, limit=2)
        if len(segments) > 1:
            self._fail("ambiguous", f"two segments have the name “{name}”: rename one of them")
        [segment] = segments
        if segment.get("kind") == "static":
            return {"rule": None, "members_of": segment.id}
        rule = await self.resolve(validate(json.loads(segment["rules"])), (*within, name))
        return {"rule": rule, "members_of": None}

    async def _find_by_name(self, collection: str, name: str, *, limit: int) -> Sequence[Snapshot]:
        name = name.strip()  # as names are stored
        self._lookups_left -= 1
        if self._lookups_left < 0:
            self._fail("too_many", f"a rule may refer to at most {MAX_LOOKUPS} segments and campaigns in total")
        query = Query(collection=collection, where=[Where("name", "==", name)], limit=limit)
        return await self._documents.query(query) or await self._find_ignoring_case(collection, name)

    async def _find_ignoring_case(self, collection: str, name: str) -> Sequence[Snapshot]:
        newest = await self._documents.query(
            Query(collection=collection, order_by=("created_at", "desc"), limit=MAX_FALLBACK)
        )
        matches = [document for document in newest if document["name"].casefold() == name.casefold()]
        if not matches:
            self._fail_not_found(collection, name, [document["name"] for document in newest])
        return matches

    def _fail_not_found(self, collection: str, name: str, candidates: Sequence[str]) -> NoReturn:
        nearest = get_close_matches(name, candidates, n=1, cutoff=0.5)
        advice = f": did you mean “{nearest[0]}”?" if nearest else ""
        self._fail("not_found", f"{collection.removesuffix('s')} “{name}” not found{advice}")

    def _fail(self, code: str, message: str) -> NoReturn:
        raise Invalid(
            f"The rule is not valid: {message}.", fields=[FieldError(field=self._field, code=code, message=message)]
        )
