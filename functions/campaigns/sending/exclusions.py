"""Who of an audience gets no message, and why: the same for the preview, the checklist, the estimate and the plan."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from common.addresses.address import AddressHasher
from common.audience import Audience, OncePerValue, OneGroup
from common.clock import Clock
from common.frequency_cap import OFF, FrequencyCap
from common.rules import Rule
from common.rules.sql import Condition

from ..model.campaign import CampaignResponse
from .frequency import TOO_OFTEN, MessageFrequency
from .holdout import holdout_group
from .recipients import exclusion_rules, once_per_address


@dataclass(frozen=True, kw_only=True, slots=True)
class Exclusions:
    """The reasons in the order in which they are looked at. The first one that applies to a person counts.

    The held out are the last: they are a part of those who would get the message otherwise. So what became of them can
    be compared with what became of the others.
    """

    rules: Mapping[str, Rule | Condition]
    once: OncePerValue | None
    held_out: OneGroup | None = None

    @property
    def all_rules(self) -> list[Rule | Condition]:
        """Without `once`, which is about several people."""
        return [*self.rules.values(), *([self.held_out.condition] if self.held_out else [])]


@dataclass(frozen=True, kw_only=True, slots=True)
class AudienceExclusions:
    """Finds the exclusions of a campaign. The audience must have been refreshed before."""

    hashes: AddressHasher
    frequency: MessageFrequency
    cap: FrequencyCap | None  # of campaigns that do not say
    unknown_allowed: Collection[str]  # channels that may be used although nobody knows of a consent
    clock: Clock

    async def on_channel(
        self,
        channel: str,
        topic: str | None,
        *,
        transactional: bool,
        one_per_address: bool,
        frequency_cap: str | None = None,
    ) -> Exclusions:
        """Those of a campaign that is not saved yet, and holds nobody out."""
        rules: dict[str, Rule | Condition] = {
            **exclusion_rules(channel, topic, transactional=transactional, unknown_allowed=self.unknown_allowed)
        }
        cap = None if transactional else self._cap_of(frequency_cap)
        if cap and (had_enough := await self.frequency.had_enough(channel, cap, self.clock())):
            rules[TOO_OFTEN] = had_enough
        return Exclusions(rules=rules, once=once_per_address(channel, one_per_address=one_per_address))

    async def of(self, campaign: CampaignResponse) -> Exclusions:
        """Those of a saved campaign, with the share that it holds out."""
        exclusions = await self.on_channel(
            campaign.channel,
            campaign.topic,
            transactional=campaign.transactional,
            one_per_address=campaign.one_per_address,
            frequency_cap=campaign.frequency_cap,
        )
        key = self.hashes.holdout_key(campaign.id)
        return replace(exclusions, held_out=holdout_group(key, campaign.holdout_percent))

    def of_part(self, audience: Audience, now: datetime) -> AudienceExclusions:
        """The same exclusions of the people of another audience, which may be a part of all; always as of now."""
        return replace(self, frequency=replace(self.frequency, audience=audience), clock=lambda: now)

    def planned_cap(self, campaign: CampaignResponse) -> str | None:
        """The cap that holds for each message of the campaign, as its claim looks at it again.

        `off`: the messages only count for the caps of other campaigns; None: they do not count.
        """
        if campaign.transactional:
            return None
        if campaign.frequency_cap == OFF:
            return OFF if self.cap else None
        return campaign.frequency_cap or (str(self.cap) if self.cap else None)

    def _cap_of(self, own: str | None) -> FrequencyCap | None:
        """That of the campaign, or else of the deployment."""
        if own is None:
            return self.cap
        return None if own == OFF else FrequencyCap.parse(own)
