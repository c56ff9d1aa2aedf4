"""The composition root: builds the objects of the function from its dependencies."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from common.clock import Clock, utc_now
from common.events import RecipientSelected
from common.ids import random_id
from common.llm.language_model import LanguageModel
from common.llm.safety_net import NO_NET, SafetyNet
from common.llm.usage import GeminiUsage
from common.messages.campaign_state import CampaignStates
from common.messages.deferred import DeferredMessages
from common.pubsub.publisher import Publisher
from common.pubsub.push import Endpoint, decode_as
from common.pubsub.runtime import endpoint
from common.settings import FunctionSettings, GeminiCapSettings, HouseRuleSettings
from common.storage.documents import Documents

from .budget import GeminiBudget
from .personalizer import LINGER_SECONDS, Personalizer


class PersonalizationSettings(FunctionSettings):
    """The settings of the personalization function."""

    @cached_property
    def gemini_caps(self) -> GeminiCapSettings:
        return GeminiCapSettings.read(self.environ)

    @cached_property
    def house_rules(self) -> HouseRuleSettings:
        return HouseRuleSettings.read(self.environ)


@dataclass(frozen=True, kw_only=True, eq=False)
class PersonalizationFunction:
    """The objects of the personalization function, each built on first use."""

    documents: Documents
    publisher: Publisher
    model: LanguageModel
    settings: PersonalizationSettings
    net: SafetyNet = NO_NET  # a second look at Gemini's texts
    linger: float = LINGER_SECONDS  # how long a batch waits for more recipients
    clock: Clock = utc_now
    monotonic: Callable[[], float] = time.monotonic  # the clock of caches, in seconds

    @cached_property
    def personalize_endpoint(self) -> Endpoint[RecipientSelected]:
        read, handle = decode_as(RecipientSelected), self.personalizer.personalize
        return endpoint(self.settings.environ, self.publisher, read=read, handle=handle)

    @cached_property
    def personalizer(self) -> Personalizer:
        """Writes the texts of recipients."""
        return Personalizer(
            model=self.model,
            publisher=self.publisher,
            documents=self.documents,
            campaign_states=CampaignStates(self.documents, monotonic=self.monotonic),
            deferred=DeferredMessages(self.documents, self.publisher),
            budget=GeminiBudget(
                GeminiUsage(self.documents, instance=random_id()),
                calls_per_day=self.settings.gemini_caps.calls_per_day,
                clock=self.clock,
                monotonic=self.monotonic,
            ),
            net=self.net,
            house=self.settings.house_rules,
            linger=self.linger,
            clock=self.clock,
            monotonic=self.monotonic,
        )


compose = PersonalizationFunction
"""Takes the fields of the class as keyword arguments. Production and the tests use it."""
