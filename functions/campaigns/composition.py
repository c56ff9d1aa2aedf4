"""The composition root: builds the objects of the function from its dependencies."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

from fastapi import FastAPI

from common.addresses.address import AddressHasher
from common.addresses.changes import RecentAddressChanges
from common.addresses.key_check import KeyCheck
from common.addresses.late_flags import LateFlags
from common.audience import Audience
from common.audience.bucket_choice import HeldBuckets
from common.audience.walk import AudienceWalk, begin_walk
from common.clock import Clock, utc_now
from common.events import Tick
from common.ids import random_id
from common.llm.language_model import LanguageModel
from common.llm.prices import TokenPrices
from common.llm.safety_net import NoSafetyNet, SafetyNet
from common.llm.usage import GeminiUsage
from common.mail.layout import MailLook
from common.mail.links import MessageLinks
from common.messages.completion import Completion
from common.messages.deferred import DeferredMessages
from common.messages.ledger import Ledger, counter_shard
from common.messages.recipient_check import RecipientCheck
from common.messages.send_times import SendTimes
from common.pubsub.publisher import Publisher
from common.pubsub.push import Endpoint
from common.pubsub.runtime import endpoint
from common.settings import (
    AccessSettings,
    ApprovalSettings,
    ConsentSettings,
    FrequencySettings,
    FunctionSettings,
    GeminiBudgetSettings,
    GeminiPriceSettings,
    HouseRuleSettings,
    MoneySettings,
    PacingSettings,
    QuietHoursSettings,
    ResultSettings,
    RetentionSettings,
    SummarySettings,
    SuppressionSettings,
    TimeZoneSettings,
    VendorAvailabilitySettings,
    VendorRateSettings,
    ViewerSettings,
    WatchdogSettings,
)
from common.storage.documents import DocumentReader, Documents
from common.web.auth import VerifyIdToken, create_authenticator
from common.web.rate_limits import RateLimits

from .app import create_campaigns_app
from .lifecycle.approval import ApprovalPolicy
from .lifecycle.commands import Command, CommandHandler, parse_command, parse_tick
from .lifecycle.daily_sizes import DailySizes
from .lifecycle.finishing import CampaignFinisher
from .lifecycle.lifecycle import CampaignLifecycle
from .lifecycle.lost_messages import LostMessages
from .lifecycle.retention import CampaignRetention
from .lifecycle.scheduler import PARALLEL_CAMPAIGNS, Scheduler
from .lifecycle.watchdog import Watchdog
from .results.last_days import LastDaysFigures
from .results.results import CampaignResults
from .sending.audience_plan import AudiencePlanner
from .sending.exclusions import AudienceExclusions
from .sending.fan_out import BUDGET_SECONDS, PAGE_SIZE, FanOutWorker
from .sending.frequency import MessageFrequency
from .sending.gemini_preview import GeminiPreviews
from .sending.preview_budget import PreviewBudget
from .sending.rate_limit import RateLimitedDispatch
from .sending.retry import FailedMessageRetry
from .sending.test_send import TeamAddresses
from .services import CampaignServices
from .summaries.earlier_campaigns import EarlierCampaigns
from .summaries.summary import SummaryWriter
from .summaries.summary_budget import SummaryBudget

DISPATCH_SHARE = 0.9
"""The part of the time between two ticks in which deferred messages are dispatched."""


class CampaignsSettings(FunctionSettings):
    """The settings of the campaigns function."""

    @cached_property
    def access(self) -> AccessSettings:
        return AccessSettings.read(self.environ)

    @cached_property
    def approval(self) -> ApprovalSettings:
        return ApprovalSettings.read(self.environ)

    @cached_property
    def viewers(self) -> ViewerSettings:
        return ViewerSettings.read(self.environ)

    @cached_property
    def consent(self) -> ConsentSettings:
        return ConsentSettings.read(self.environ)

    @cached_property
    def frequency(self) -> FrequencySettings:
        return FrequencySettings.read(self.environ)

    @cached_property
    def gemini_budget(self) -> GeminiBudgetSettings:
        return GeminiBudgetSettings.read(self.environ)

    @cached_property
    def gemini_prices(self) -> GeminiPriceSettings:
        return GeminiPriceSettings.read(self.environ)

    @cached_property
    def house_rules(self) -> HouseRuleSettings:
        return HouseRuleSettings.read(self.environ)

    @cached_property
    def mail_look(self) -> MailLook:
        """How mails look in the editor: as in a mailbox."""
        return MailLook.read(self.environ)

    @cached_property
    def money(self) -> MoneySettings:
        return MoneySettings.read(self.environ)

    @cached_property
    def pacing(self) -> PacingSettings:
        return PacingSettings.read(self.environ)

    @cached_property
    def results(self) -> ResultSettings:
        return ResultSettings.read(self.environ)

    @cached_property
    def retention(self) -> RetentionSettings:
        return RetentionSettings.read(self.environ)

    @cached_property
    def send_times(self) -> SendTimes:
        """When messages may be sent."""
        settings = QuietHoursSettings.read(self.environ)
        return SendTimes(quiet_hours=settings.hours, zone=settings.time_zone)

    @cached_property
    def summaries(self) -> SummarySettings:
        return SummarySettings.read(self.environ)

    @cached_property
    def suppression(self) -> SuppressionSettings:
        return SuppressionSettings.read(self.environ)

    @cached_property
    def time_zone(self) -> TimeZoneSettings:
        return TimeZoneSettings.read(self.environ)

    @cached_property
    def vendor_availability(self) -> VendorAvailabilitySettings:
        return VendorAvailabilitySettings.read(self.environ)

    @cached_property
    def vendor_rates(self) -> VendorRateSettings:
        return VendorRateSettings.read(self.environ)

    @cached_property
    def watchdog(self) -> WatchdogSettings:
        return WatchdogSettings.read(self.environ)


@dataclass(frozen=True, kw_only=True, eq=False)
class CampaignsFunction:
    """The objects of the campaigns function, each built on first use: an entry point builds only what it needs."""

    documents: Documents
    publisher: Publisher
    open_access: Callable[[], DocumentReader]  # the access database; called only for the API
    create_model: Callable[[], LanguageModel]  # called only for the API
    verify_id_token: VerifyIdToken
    settings: CampaignsSettings
    create_net: Callable[[], SafetyNet] = NoSafetyNet  # a second look at the texts of previews; called only for the API
    clock: Clock = utc_now
    monotonic: Callable[[], float] = time.monotonic  # the clock of time budgets, in seconds
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep
    parallel_campaigns: int = PARALLEL_CAMPAIGNS  # in one tick
    page_size: int = PAGE_SIZE  # recipients in one page of the fan-out
    fan_out_seconds: float = BUDGET_SECONDS  # the time after which a fan-out command is continued by another one

    @cached_property
    def app(self) -> FastAPI:
        """The HTTP API."""
        authenticator = create_authenticator(
            self.documents,
            access=self.open_access(),
            verify_id_token=self.verify_id_token,
            first_admin=self.settings.access.first_admin,
            clock=self.clock,
            viewers_see_addresses=self.settings.viewers.see_addresses,
        )
        limits = RateLimits(self.settings.rate_limits, monotonic=self.monotonic)
        return create_campaigns_app(authenticator=authenticator, services=self._services, limits=limits)

    @cached_property
    def fan_out_endpoint(self) -> Endpoint[Command]:
        return endpoint(self.settings.environ, self.publisher, read=parse_command, handle=self.commands.handle)

    @cached_property
    def commands(self) -> CommandHandler:
        """Executes the commands on the topic `fan-outs`."""
        return CommandHandler(
            planner=self._planner,
            fan_out=self.fan_out,
            failed_message_retry=self.failed_message_retry,
            lost_messages=self._lost_messages,
            finisher=self._finisher,
            daily_sizes=self._daily_sizes,
        )

    @cached_property
    def tick_endpoint(self) -> Endpoint[Tick]:
        return endpoint(
            self.settings.environ,
            self.publisher,
            read=parse_tick,
            handle=self.scheduler.tick,
            check_ready=self._key_check.require_known_key,
        )

    @cached_property
    def scheduler(self) -> Scheduler:
        """Runs the duties of each tick."""
        return Scheduler(
            documents=self.documents,
            publisher=self.publisher,
            ledger=self.ledger,
            lifecycle=self.lifecycle,
            finisher=self._finisher,
            dispatch=self.dispatch,
            watchdog=self._watchdog,
            retention=self._retention,
            late_flags=LateFlags(self.documents, self._hashes, clock=self.clock),
            owner=random_id(),
            budget_seconds=self.settings.pacing.tick_seconds,
            parallel_campaigns=self.parallel_campaigns,
            clock=self.clock,
            monotonic=self.monotonic,
        )

    @cached_property
    def lifecycle(self) -> CampaignLifecycle:
        return CampaignLifecycle(
            documents=self.documents,
            publisher=self.publisher,
            available_vendors=self.settings.vendor_availability.names,
            currency=self.settings.money.currency,
            clock=self.clock,
        )

    @cached_property
    def _finisher(self) -> CampaignFinisher:
        """Finishes campaigns without pending messages."""
        return CampaignFinisher(
            documents=self.documents,
            ledger=self.ledger,
            completion=Completion(self.documents),
            deferred=self._deferred,
            lifecycle=self.lifecycle,
        )

    @cached_property
    def ledger(self) -> Ledger:
        return Ledger(self.documents, shard=counter_shard(random_id()))

    @cached_property
    def fan_out(self) -> FanOutWorker:
        """Selects the recipients of a campaign and publishes their messages."""
        return FanOutWorker(
            documents=self.documents,
            audience=self._bucket_audience,
            held=self._held_buckets,
            planner=self._planner,
            publisher=self.publisher,
            deferred=self._deferred,
            currency=self.settings.money.currency,
            zone=self.settings.time_zone.time_zone,
            send_times=self.settings.send_times,
            rates=self.settings.pacing.vendor_rates,
            unknown_allowed=self.settings.consent.unknown_allowed,
            page_size=self.page_size,
            budget_seconds=self.fan_out_seconds,
            clock=self.clock,
        )

    @cached_property
    def _planner(self) -> AudiencePlanner:
        """Finds the audience of a campaign."""
        return AudiencePlanner(
            documents=self.documents,
            begin_walk=self._begin_walk,
            publisher=self.publisher,
            exclusions=self._exclusions,
        )

    @cached_property
    def _exclusions(self) -> AudienceExclusions:
        """Says who of an audience gets no message."""
        return AudienceExclusions(
            hashes=self._hashes,
            frequency=MessageFrequency(documents=self.documents, audience=self._audience),
            cap=self.settings.frequency.cap,
            unknown_allowed=self.settings.consent.unknown_allowed,
            clock=self.clock,
        )

    @cached_property
    def failed_message_retry(self) -> FailedMessageRetry:
        return FailedMessageRetry(
            documents=self.documents,
            publisher=self.publisher,
            ledger=self.ledger,
            fan_out=self.fan_out,
            clock=self.clock,
        )

    @cached_property
    def dispatch(self) -> RateLimitedDispatch:
        """Releases deferred messages at the agreed rates."""
        return RateLimitedDispatch(
            documents=self.documents,
            deferred=self._deferred,
            rates=self.settings.pacing.vendor_rates,
            recipient_check=self._recipient_check,
            send_times=self.settings.send_times,
            budget_seconds=DISPATCH_SHARE * self.settings.pacing.tick_seconds,
            parallel_steps=self.parallel_campaigns,
            clock=self.clock,
            monotonic=self.monotonic,
            sleep=self.sleep,
        )

    @cached_property
    def _hashes(self) -> AddressHasher:
        return AddressHasher(self.settings.suppression.key)

    @cached_property
    def _key_check(self) -> KeyCheck:
        return KeyCheck(documents=self.documents, hashes=self._hashes)

    @cached_property
    def _recipient_check(self) -> RecipientCheck:
        """Looks at each recipient when a message is released."""
        changes = RecentAddressChanges(self.documents, self._hashes, clock=self.clock, monotonic=self.monotonic)
        unknown_allowed = self.settings.consent.unknown_allowed
        return RecipientCheck(self.documents, changes, self._hashes, unknown_allowed=unknown_allowed)

    @cached_property
    def _watchdog(self) -> Watchdog:
        """Finds stalled campaigns."""
        return Watchdog(
            documents=self.documents,
            publisher=self.publisher,
            ledger=self.ledger,
            deferred=self._deferred,
            lifecycle=self.lifecycle,
            stall_after=timedelta(seconds=self.settings.watchdog.stall_seconds),
            clock=self.clock,
        )

    @cached_property
    def _retention(self) -> CampaignRetention:
        """Removes the records of old campaigns."""
        days = self.settings.retention.days
        return CampaignRetention(
            documents=self.documents,
            ledger=self.ledger,
            compute_results=self._results.compute,
            keep_for=timedelta(days=days) if days else None,
            clock=self.clock,
            monotonic=self.monotonic,
        )

    @cached_property
    def _results(self) -> CampaignResults:
        """Says what campaigns brought."""
        return CampaignResults(
            documents=self.documents,
            audience=self._audience,
            conversion_days=self.settings.results.conversion_days,
            currency=self.settings.money.currency,
            clock=self.clock,
        )

    @cached_property
    def _lost_messages(self) -> LostMessages:
        """Sends the lost messages of stalled campaigns again."""
        return LostMessages(
            documents=self.documents,
            publisher=self.publisher,
            ledger=self.ledger,
            fan_out=self.fan_out,
            failed_message_retry=self.failed_message_retry,
            stall_after=timedelta(seconds=self.settings.watchdog.stall_seconds),
            budget_seconds=self.fan_out_seconds,
            clock=self.clock,
        )

    @cached_property
    def _daily_sizes(self) -> DailySizes:
        """Counts the segments once a day."""
        return DailySizes(
            documents=self.documents,
            begin_walk=self._begin_walk,
            publisher=self.publisher,
            zone=self.settings.time_zone.time_zone,
            clock=self.clock,
        )

    @cached_property
    def _services(self) -> CampaignServices:
        """What the endpoints use."""
        usage = GeminiUsage(self.documents, instance=random_id())
        calls_per_day = self.settings.gemini_budget.preview_calls
        budget = PreviewBudget(usage=usage, calls_per_day=calls_per_day, clock=self.clock)
        return CampaignServices(
            documents=self.documents,
            publisher=self.publisher,
            audience=self._audience,
            ledger=self.ledger,
            model=self._model,
            previews=GeminiPreviews(
                model=self._model,
                budget=budget,
                house=self.settings.house_rules,
                clock=self.clock,
                net=self.create_net(),
            ),
            preview_budget=budget,
            usage=usage,
            team_addresses=TeamAddresses(documents=self.documents, hasher=self._hashes),
            summary_writer=self._summary_writer,
            lifecycle=self.lifecycle,
            deferred=self._deferred,
            available_vendors=self.settings.vendor_availability.names,
            vendor_rates=self.settings.vendor_rates.vendor_rates,
            mail_look=self.settings.mail_look,
            message_links=MessageLinks(self.settings.suppression.key),
            house_rules=self.settings.house_rules,
            currency=self.settings.money.currency,
            token_prices=TokenPrices.in_currency(self.settings.gemini_prices, self.settings.money.currency),
            zone=self.settings.time_zone.time_zone,
            approval=ApprovalPolicy(above=self.settings.approval.above),
            exclusions=self._exclusions,
            results=self._results,
            last_days=LastDaysFigures(
                audience=self._audience,
                ledger=self.ledger,
                conversion_days=self.settings.results.conversion_days,
                clock=self.clock,
            ),
            send_times=self.settings.send_times,
            unknown_allowed=self.settings.consent.unknown_allowed,
            clock=self.clock,
        )

    @cached_property
    def _summary_writer(self) -> SummaryWriter:
        """Has Gemini write summaries, within the budget."""
        per_day = self.settings.summaries.per_day
        budget = SummaryBudget(documents=self.documents, per_day=per_day, clock=self.clock)
        earlier = EarlierCampaigns(documents=self.documents, ledger=self.ledger)
        return SummaryWriter(model=self._model, budget=budget, earlier=earlier, clock=self.clock)

    @cached_property
    def _model(self) -> LanguageModel:
        return self.create_model()

    @cached_property
    def _audience(self) -> Audience:
        """All customers, for the API and for results."""
        zone = self.settings.time_zone.time_zone
        return Audience(self.documents, zone=zone, hash_address=self._hashes.hash_value)

    @cached_property
    def _held_buckets(self) -> HeldBuckets:
        return HeldBuckets()

    @cached_property
    def _bucket_audience(self) -> Audience:
        """The customers of the buckets that are held, for fan-out."""
        return Audience(self.documents, buckets=self._held_buckets.choose)

    def _begin_walk(self) -> AbstractAsyncContextManager[AudienceWalk]:
        """A walk through all customers, for a plan."""
        zone = self.settings.time_zone.time_zone
        return begin_walk(self.documents, zone=zone, hash_address=self._hashes.hash_value)

    @cached_property
    def _deferred(self) -> DeferredMessages:
        return DeferredMessages(self.documents, self.publisher)


compose = CampaignsFunction
"""Takes the fields of the class as keyword arguments. Production, the OpenAPI generator and the tests use it."""
