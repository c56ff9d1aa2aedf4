"""The composition root: builds the objects of the function from its dependencies."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

from fastapi import FastAPI

from common.addresses.address import AddressHasher
from common.addresses.key_check import KeyCheck
from common.clock import Clock, utc_now
from common.events import ReceiptsReported
from common.ids import random_id
from common.mail.layout import MailLook
from common.mail.links import MessageLinks
from common.messages.campaign_state import CampaignStates
from common.messages.completion import Completion
from common.messages.ledger import Ledger, counter_shard
from common.pubsub.publisher import Publisher
from common.pubsub.push import Endpoint, decode_as
from common.pubsub.runtime import dead_letter_endpoint, endpoint
from common.settings import FunctionSettings, PublicUrlSettings, SuppressionSettings
from common.storage.documents import Documents
from common.web.rate_limits import RateLimits

from .address_consequences import AddressConsequences
from .app import CallbackParser, create_receipts_app
from .callbacks import create_parsers
from .finish_requests import FinishRequests
from .form_mails import FormMails
from .planned_recipients import PlannedRecipients
from .record_dead_letter import DeadLetter, DeadLetterRecorder
from .recorder import ReceiptRecorder
from .sent_messages import SentMessages
from .topic_choices import TopicChoices
from .tracked_receipts import TrackedReceipts


class ReceiptsSettings(FunctionSettings):
    """The settings of the receipts function."""

    @cached_property
    def parsers(self) -> Mapping[str, CallbackParser]:
        """By vendor, with the keys of the vendors that this deployment has."""
        return create_parsers(self.environ)

    @cached_property
    def public_url(self) -> str:
        return PublicUrlSettings.read(self.environ).public_url

    @cached_property
    def look(self) -> MailLook:
        """How mails look in a browser: as in a mailbox."""
        return MailLook.read(self.environ)

    @cached_property
    def suppression(self) -> SuppressionSettings:
        return SuppressionSettings.read(self.environ)


@dataclass(frozen=True, kw_only=True, eq=False)
class ReceiptsFunction:
    """The objects of the receipts function, each built on first use: an entry point builds only what it needs."""

    documents: Documents
    publisher: Publisher
    settings: ReceiptsSettings
    clock: Clock = utc_now
    monotonic: Callable[[], float] = time.monotonic  # the clock of caches, in seconds
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep

    @cached_property
    def app(self) -> FastAPI:
        """The HTTP API."""
        return create_receipts_app(
            documents=self.documents,
            publisher=self.publisher,
            parsers=self.settings.parsers,
            links=self._links,
            sent=SentMessages(self.documents, links=self._links, hasher=self._hashes, look=self.settings.look),
            clock=self.clock,
            monotonic=self.monotonic,
            limits=RateLimits(self.settings.rate_limits, monotonic=self.monotonic),
        )

    @cached_property
    def _links(self) -> MessageLinks:
        return MessageLinks(self.settings.suppression.key, public_url=self.settings.public_url)

    @cached_property
    def record_endpoint(self) -> Endpoint[ReceiptsReported]:
        read = decode_as(ReceiptsReported)
        return endpoint(
            self.settings.environ,
            self.publisher,
            read=read,
            handle=self.recorder.record,
            check_ready=self._key_check.require_known_key,
        )

    @cached_property
    def dead_letter_endpoint(self) -> Endpoint[DeadLetter]:
        handle = self.dead_letter_recorder.record
        return dead_letter_endpoint(
            self.settings.environ,
            read=DeadLetter.from_push,
            handle=handle,
            check_ready=self._key_check.require_known_key,
        )

    @cached_property
    def recorder(self) -> ReceiptRecorder:
        return self._create_recorder(self._finish_requests)

    def _create_recorder(self, finish_requests: FinishRequests | None) -> ReceiptRecorder:
        """Records receipts, and what they mean for addresses."""
        return ReceiptRecorder(
            self.ledger,
            CampaignStates(self.documents, monotonic=self.monotonic),
            PlannedRecipients(self.documents),
            finish_requests,
            documents=self.documents,
            consequences=AddressConsequences(self.documents, self._hashes, clock=self.clock),
            form_mails=FormMails(self.documents, self._hashes),
            topic_choices=TopicChoices(self.documents, self._hashes, clock=self.clock),
            tracked=TrackedReceipts(self.documents, clock=self.clock, sleep=self.sleep),
            clock=self.clock,
        )

    @cached_property
    def _hashes(self) -> AddressHasher:
        return AddressHasher(self.settings.suppression.key)

    @cached_property
    def _key_check(self) -> KeyCheck:
        return KeyCheck(documents=self.documents, hashes=self._hashes)

    @cached_property
    def _finish_requests(self) -> FinishRequests:
        """Asks for the end of campaigns whose last outcome was recorded."""
        completion = Completion(self.documents)
        return FinishRequests(completion, self.publisher, monotonic=self.monotonic, sleep=self.sleep)

    @cached_property
    def ledger(self) -> Ledger:
        return Ledger(self.documents, shard=counter_shard(random_id()))

    @cached_property
    def dead_letter_recorder(self) -> DeadLetterRecorder:
        """A tick finishes a campaign whose last message is a dead letter: this function may not publish."""
        return DeadLetterRecorder(self.documents, self._create_recorder(None), clock=self.clock)


compose = ReceiptsFunction
"""Takes the fields of the class as keyword arguments. Production, the OpenAPI generator and the tests use it."""
