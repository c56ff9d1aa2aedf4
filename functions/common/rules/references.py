"""What a rule refers to by name: saved segments, and campaigns. Found, and put into the tree, before the rule is asked:
so a stored rule is complete in itself, and a campaign's rule stays what it was at the launch."""

from __future__ import annotations

import json
from collections.abc import Sequence
from difflib import get_close_matches
from typing import NoReturn

from common.errors import FieldError, Invalid
from common.rules import AllOf, AnyOf, InSegment, Not, Received, Rule, check
from common.storage.documents import Documents, Query, Snapshot, Where

MOST_LOOKED_UP = 50
MOST_ALIKE = 50  # campaigns of one name
NEWEST = 200
"""Among so many the name is looked for regardless of case, and a similar one, where none is exactly so."""


async def resolved(documents: Documents, rule: Rule, *, field: str = "rules", saved_as: str | None = None) -> Rule:
    """The rule with what its names mean now. Raises `Invalid`, on `field`, where there is no such thing, or where
    segments would contain each other; `saved_as` is the name of the segment whose rule this is."""
    complete = await References(documents, field).put_in(rule, (saved_as,) if saved_as else ())
    return check(complete.model_dump()) if complete != rule else rule


class References:
    def __init__(self, documents: Documents, field: str) -> None:
        self._documents = documents
        self._field = field
        self._left = MOST_LOOKED_UP

    async def put_in(self, rule: Rule, within: tuple[str, ...]) -> Rule:
        """`within` are the segments that this is a part of, outermost first."""
        match rule:
            case AllOf(of=parts) | AnyOf(of=parts):
                return rule.model_copy(update={"of": tuple([await self.put_in(part, within) for part in parts])})
            case Not(of=part):
                return rule.model_copy(update={"of": await self.put_in(part, within)})
            case InSegment(segment=name):
                return rule.model_copy(update={"rule": await self._segment(name, within)})
            case Received(campaign=name) if name is not None:
                found = await self._named("campaigns", name, most=MOST_ALIKE)
                return rule.model_copy(update={"campaigns": tuple(one.id for one in found)})
        return rule

    async def _segment(self, name: str, within: tuple[str, ...]) -> Rule:
        if name.casefold() in [one.casefold() for one in within]:
            self._refuse("cycle", f"segments cannot contain each other: {' → '.join((*within, name))}")
        found = await self._named("segments", name, most=2)
        if len(found) > 1:
            self._refuse("ambiguous", f"there are two segments named “{name}”: give one of them another name")
        return await self.put_in(check(json.loads(found[0]["rules"])), (*within, name))

    async def _named(self, collection: str, name: str, *, most: int) -> Sequence[Snapshot]:
        self._left -= 1
        if self._left < 0:
            self._refuse("too_many", f"a rule may refer to {MOST_LOOKED_UP} segments and campaigns in all")
        query = Query(collection=collection, where=[Where("name", "==", name)], limit=most)
        return await self._documents.query(query) or await self._alike(collection, name)

    async def _alike(self, collection: str, name: str) -> Sequence[Snapshot]:
        newest = await self._documents.query(
            Query(collection=collection, order_by=("created_at", "desc"), limit=NEWEST)
        )
        found = [one for one in newest if one["name"].casefold() == name.casefold()]
        if not found:
            self._miss(collection, name, [one["name"] for one in newest])
        return found

    def _miss(self, collection: str, name: str, known: Sequence[str]) -> NoReturn:
        nearest = get_close_matches(name, known, n=1, cutoff=0.5)
        advice = f": did you mean “{nearest[0]}”?" if nearest else ""
        self._refuse("not_found", f"there is no {collection.removesuffix('s')} named “{name}”{advice}")

    def _refuse(self, code: str, message: str) -> NoReturn:
        raise Invalid(
            f"The rule is not valid: {message}.", fields=[FieldError(field=self._field, code=code, message=message)]
        )
