"""Approval: a second person with the right to send looks at a campaign before it is launched.

    campaigns/{id}   approved_by, approved_at   who approved the draft, and when; a change takes it away
                     approved_content           fingerprint of what was approved: message, settings and rule
                     checked_content            of a scheduled campaign: fingerprint of what was checked for the start

The fingerprint has the rule as it is at that moment, with the rules of all segments in it: a segment that is changed
later is another audience, which nobody has approved.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from common.errors import Refused
from common.ids import stable_hash
from common.storage.documents import Snapshot
from common.web.principal import Principal

from .drafts import CONTENT_FIELDS

LATER_FIELDS = frozenset({"topic", "simulation", "sentences"})
"""Fields that older drafts, which may be approved, do not have."""
NOT_APPROVED: Mapping[str, None] = {"approved_by": None, "approved_at": None, "approved_content": None}
"""The fields of a draft that was changed."""


class ApprovalNeeded(Refused):
    """A second person who may send has to approve this campaign before it is launched, as it is now."""


class ChangedSinceCheck(Refused):
    """Its message or audience was changed since the start was scheduled; look at it, and schedule it again."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ApprovalPolicy:
    """Which campaigns need an approval: those to more than `above` people, and transactional ones; None: none."""

    above: int | None

    def is_needed(self, *, recipients: int, transactional: bool) -> bool:
        return self.above is not None and (transactional or recipients > self.above)


def content_fingerprint(campaign: Snapshot, rule: Mapping[str, Any]) -> str:
    """A hash of what people would get, and of who gets it. `rule` has the stored fields of the present rule.

    A campaign without a later field, such as a topic, has the fingerprint that it had before: its approval stays.
    """
    content = {name: campaign.get(name) for name in sorted(CONTENT_FIELDS - {"per_minute"})}
    content = {name: value for name, value in content.items() if value or name not in LATER_FIELDS}
    return stable_hash("content", json.dumps(content, sort_keys=True), rule["rules"])


def is_approved(campaign: Snapshot, content: str) -> bool:
    """Whether somebody approved the campaign as it is now."""
    return campaign.get("approved_by") is not None and campaign.get("approved_content") == content


def require_approval(campaign: Snapshot, content: str, *, by: Principal) -> None:
    """Raises `Refused` if nobody approved the campaign as it is now, or only the one who launches it.

    A key is no person: who approves could have its secret.
    """
    if not is_approved(campaign, content):
        raise ApprovalNeeded()
    if not by.is_person:
        raise Refused("This campaign needs two people: one approves it, and another one launches it, not an API key.")
    if campaign["approved_by"] == by.actor:
        raise ApprovalNeeded("You approved this campaign yourself: somebody else who may send has to launch it.")
