"""A campaign: as the caller gives it, as it is stored, and as the caller gets it back."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field, JsonValue

from common.events import Message, Personalization
from common.rules import Rule, check
from common.storage.documents import Snapshot

from .audience import AudienceIn, Name
from .states import State

Channel = Literal["email", "sms"]
Vendor = Literal["simulator", "webhook"]
PerMinute = Annotated[int, Field(ge=1, le=1_000_000, description="at most so many messages a minute")]


class CampaignIn(AudienceIn):
    name: Name
    message: Message
    channel: Channel = "email"
    vendor: Vendor = "simulator"
    personalization: Personalization = "gemini"
    per_minute: PerMinute | None = None


class CampaignChange(AudienceIn):
    """Only what is given changes."""

    name: Name | None = None
    message: Message | None = None
    channel: Channel | None = None
    vendor: Vendor | None = None
    personalization: Personalization | None = None
    per_minute: PerMinute | None = None


class Totals(BaseModel):
    audience: int
    sent: int
    failed: int
    skipped: int
    pending: int


class Counted(BaseModel):
    """What should be the same number."""

    counters: int
    ledger: int


class Campaign(BaseModel):
    """One campaign. Its rule is frozen at the launch, also where it came from a segment."""

    id: str
    name: str
    segment_id: str | None = None
    rules: dict[str, JsonValue]
    text: str
    words: str
    message: Message
    channel: Channel
    vendor: Vendor
    personalization: Personalization
    per_minute: int | None = None
    state: State
    start_at: datetime | None = None  # of a scheduled one
    start_problem: str | None = None  # why it could not be started when it was due; it is tried again each minute
    retrying: bool = False  # those who are to be sent to again are still being found
    created_at: datetime
    created_by: str
    launched_at: datetime | None = None
    launched_by: str | None = None
    finished_at: datetime | None = None
    totals: Totals | None = None  # once it is finished
    discrepancy: dict[str, Counted] | None = None  # where the counters differ from the ledger: never, if all is well

    @classmethod
    def of(cls, stored: Snapshot) -> Campaign:
        return cls.model_validate({**(stored.data or {}), "id": stored.id, "rules": json.loads(stored["rules"])})

    @property
    def rule(self) -> Rule:
        return check(self.rules)
