"""The services that the endpoints depend on."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import tzinfo
from typing import Annotated

from fastapi import Depends, Request

from common.audience import Audience
from common.clock import Clock
from common.llm.language_model import LanguageModel
from common.llm.prices import TokenPrices
from common.llm.usage import GeminiUsage
from common.mail.layout import MailLook
from common.mail.links import MessageLinks
from common.messages.deferred import DeferredMessages
from common.messages.ledger import Ledger
from common.messages.send_times import SendTimes
from common.pubsub.publisher import Publisher
from common.settings import HouseRuleSettings
from common.storage.documents import Documents

from .lifecycle.approval import ApprovalPolicy
from .lifecycle.lifecycle import CampaignLifecycle
from .results.last_days import LastDaysFigures
from .results.results import CampaignResults
from .sending.exclusions import AudienceExclusions
from .sending.gemini_preview import GeminiPreviews
from .sending.preview_budget import PreviewBudget
from .sending.test_send import TeamAddresses
from .summaries.summary import SummaryWriter


@dataclass(frozen=True, kw_only=True, slots=True)
class CampaignServices:
    """What the endpoints use, built once per app."""

    documents: Documents
    publisher: Publisher
    audience: Audience
    ledger: Ledger
    model: LanguageModel
    previews: GeminiPreviews
    preview_budget: PreviewBudget
    usage: GeminiUsage
    team_addresses: TeamAddresses
    summary_writer: SummaryWriter
    lifecycle: CampaignLifecycle
    deferred: DeferredMessages
    available_vendors: Collection[str]  # the names of the vendors that this deployment has
    vendor_rates: Mapping[str, int]  # messages a minute, by vendor
    mail_look: MailLook
    message_links: MessageLinks
    house_rules: HouseRuleSettings  # of the texts of all campaigns
    currency: str  # ISO 4217
    token_prices: TokenPrices | None  # of the model, in the currency; None if nobody knows them
    zone: tzinfo  # of the deployment: of times without one, and of days
    approval: ApprovalPolicy
    exclusions: AudienceExclusions
    results: CampaignResults
    last_days: LastDaysFigures
    send_times: SendTimes
    unknown_allowed: Collection[str]  # channels that may be used although nobody knows of a consent
    clock: Clock


async def _get_services(request: Request) -> CampaignServices:
    """Async, because FastAPI would call a plain function in a thread, which takes longer than everything it does."""
    services: CampaignServices = request.app.state.services
    return services


ServicesDep = Annotated[CampaignServices, Depends(_get_services)]
