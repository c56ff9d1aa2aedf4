"""The composition root: builds the objects of the function from its dependencies."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import tzinfo
from functools import cached_property, partial

from fastapi import FastAPI

from common.addresses.address import AddressHasher
from common.addresses.key_check import KeyCheck
from common.audience import Audience
from common.caching import TtlCache
from common.clock import Clock, utc_now
from common.events import ProcessImportShard
from common.mail.links import MessageLinks
from common.messages.dead_letters import redact_dead_letters
from common.phones import phones_without_country_in
from common.pubsub.publisher import Publisher
from common.pubsub.push import Endpoint, decode_as
from common.pubsub.runtime import endpoint
from common.settings import (
    AccessSettings,
    FunctionSettings,
    MoneySettings,
    PublicUrlSettings,
    RegionSettings,
    SuppressionSettings,
    TimeZoneSettings,
    VendorAvailabilitySettings,
    ViewerSettings,
)
from common.storage.documents import DocumentReader, Documents
from common.web.auth import VerifyIdToken, create_authenticator
from common.web.rate_limits import RateLimits

from .app import create_customers_app
from .commands.address_states import AddressStates
from .commands.bulk import BulkChanges
from .commands.erase import Erasure
from .commands.holder_search import HolderSearch
from .commands.merge import CustomerMerges
from .commands.record_activities import ActivityRecorder
from .commands.static_segments import StaticSegments
from .commands.suppress import SuppressionList
from .commands.update import CustomerUpdates
from .commands.upsert import CustomerUpserts
from .formats.column_types import ReadingDefaults
from .forms.confirmations import FormConfirmations
from .forms.limits import FormLimits
from .forms.requests import FormRequests, forget_requests
from .imports.actions import ImportActions
from .imports.changes import redact_changes
from .imports.jobs import TIME_BUDGET_SECONDS, ImportJobs
from .imports.mappings import SavedMappings
from .imports.submit import ImportSubmission
from .imports.undo import ImportUndo
from .records.person_records import PersonRecords
from .services import CustomerServices

MAX_FORMS = 100
FORM_SECONDS = 30.0
"""So long a form is known that people send."""


class CustomersSettings(FunctionSettings):
    """The settings of the customers function."""

    @cached_property
    def access(self) -> AccessSettings:
        return AccessSettings.read(self.environ)

    @cached_property
    def public_url(self) -> str:
        return PublicUrlSettings.read(self.environ).public_url

    @cached_property
    def vendor_availability(self) -> VendorAvailabilitySettings:
        return VendorAvailabilitySettings.read(self.environ)

    @cached_property
    def viewers(self) -> ViewerSettings:
        return ViewerSettings.read(self.environ)

    @cached_property
    def suppression(self) -> SuppressionSettings:
        return SuppressionSettings.read(self.environ)

    @cached_property
    def money(self) -> MoneySettings:
        return MoneySettings.read(self.environ)

    @cached_property
    def region(self) -> RegionSettings:
        return RegionSettings.read(self.environ)

    @cached_property
    def time_zone(self) -> TimeZoneSettings:
        return TimeZoneSettings.read(self.environ)


@dataclass(frozen=True, kw_only=True, eq=False)
class CustomersFunction:
    """The objects of the customers function, each built on first use: an entry point builds only what it needs."""

    documents: Documents
    publisher: Publisher
    open_access: Callable[[], DocumentReader]  # the access database; called only for the API
    verify_id_token: VerifyIdToken
    settings: CustomersSettings
    clock: Clock = utc_now
    monotonic: Callable[[], float] = time.monotonic  # the clock of limits and caches, in seconds
    import_seconds: float = TIME_BUDGET_SECONDS  # the time after which a shard is continued by another command

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
        return create_customers_app(
            authenticator=authenticator,
            services=self._services,
            zone=self._zone,
            region=self._region,
            limits=RateLimits(self.settings.rate_limits),
            check_ready=self._key_check.require_known_key,
        )

    @cached_property
    def ingest_endpoint(self) -> Endpoint[ProcessImportShard]:
        return endpoint(
            self.settings.environ,
            self.publisher,
            read=decode_as(ProcessImportShard),
            handle=partial(process_in_region, self._region, self.import_jobs, self.import_undo),
            check_ready=self._key_check.require_known_key,
        )

    @cached_property
    def import_jobs(self) -> ImportJobs:
        """Used by both entry points."""
        return ImportJobs(
            documents=self.documents,
            publisher=self.publisher,
            customer_upserts=CustomerUpserts(
                self.documents, hashes=self._hashes, audience=self._audience, clock=self.clock
            ),
            activity_recorder=ActivityRecorder(
                self.documents, hashes=self._hashes, zone=self._zone, audience=self._audience, clock=self.clock
            ),
            hashes=self._hashes,
            zone=self._zone,
            budget=self.import_seconds,
            clock=self.clock,
        )

    @cached_property
    def import_undo(self) -> ImportUndo:
        """Undoes imports, in `ingest`."""
        holders = HolderSearch(self.documents, self._audience)
        return ImportUndo(
            documents=self.documents,
            publisher=self.publisher,
            hashes=self._hashes,
            address_states=AddressStates(self.documents, self._hashes, holders, clock=self.clock),
            zone=self._zone,
            budget=self.import_seconds,
            clock=self.clock,
        )

    @cached_property
    def _services(self) -> CustomerServices:
        """What the endpoints use."""
        documents, hashes, clock = self.documents, self._hashes, self.clock
        person_records = PersonRecords(documents)
        suppression_list = SuppressionList(documents, hashes=hashes, clock=clock)
        return CustomerServices(
            documents=documents,
            available_vendors=self.settings.vendor_availability.names,
            message_links=self._links,
            form_confirmations=FormConfirmations(
                documents,
                upserts=CustomerUpserts(documents, hashes=hashes, audience=self._audience, clock=clock),
                suppression_list=suppression_list,
                clock=clock,
            ),
            form_limits=FormLimits(
                client_per_second=self.settings.rate_limits.per_second["anonymous"], monotonic=self.monotonic
            ),
            form_requests=FormRequests(
                documents, publisher=self.publisher, hashes=hashes, links=self._links, clock=clock
            ),
            known_forms=TtlCache(max_size=MAX_FORMS, ttl=FORM_SECONDS, clock=self.monotonic),
            submission=ImportSubmission(import_jobs=self.import_jobs),
            import_jobs=self.import_jobs,
            import_actions=ImportActions(
                documents=documents, publisher=self.publisher, import_jobs=self.import_jobs, clock=clock
            ),
            saved_mappings=SavedMappings(documents, clock=clock),
            customer_updates=CustomerUpdates(documents, hashes=hashes, clock=clock),
            suppression_list=suppression_list,
            bulk_changes=BulkChanges(documents, hashes=hashes, clock=clock),
            static_segments=StaticSegments(documents, hashes=hashes, audience=self._audience, clock=clock),
            erasure=Erasure(
                documents,
                hashes=hashes,
                person_records=person_records,
                redact_imports=self._redact_copies,
                clock=clock,
            ),
            merges=CustomerMerges(documents, hashes=hashes, clock=clock),
            person_records=person_records,
            hashes=hashes,
            audience=self._audience,
            currency=self.settings.money.currency,
            reading=ReadingDefaults(date_order=self.settings.region.date_order, currency=self.settings.money.currency),
            clock=clock,
        )

    async def _redact_copies(self, customer_ids: Collection[str], addresses: Collection[str]) -> None:
        """Removes a person from what was kept of events and files: imports, with what they changed, dead letters, and
        what they asked for with forms."""
        await self.import_jobs.redact(customer_ids, addresses)
        await redact_changes(self.documents, customer_ids)
        await redact_dead_letters(self.documents, {*customer_ids, *addresses})
        await forget_requests(self.documents, self._hashes, addresses)

    @cached_property
    def _audience(self) -> Audience:
        """Loaded when a request first needs it."""
        return Audience(self.documents, zone=self._zone, hash_address=self._hashes.hash_value)

    @cached_property
    def _links(self) -> MessageLinks:
        return MessageLinks(self.settings.suppression.key, public_url=self.settings.public_url)

    @cached_property
    def _zone(self) -> tzinfo:
        return self.settings.time_zone.time_zone

    @cached_property
    def _region(self) -> str:
        return self.settings.region.default_region

    @cached_property
    def _hashes(self) -> AddressHasher:
        return AddressHasher(self.settings.suppression.key)

    @cached_property
    def _key_check(self) -> KeyCheck:
        return KeyCheck(documents=self.documents, hashes=self._hashes)


async def process_in_region(
    region: str, import_jobs: ImportJobs, import_undo: ImportUndo, command: ProcessImportShard
) -> None:
    """Process a shard whose phone numbers without a country code are of `region`, or a part of an undo."""
    if command.action == "undo":
        await import_undo.process(command)
        return
    with phones_without_country_in(region):
        await import_jobs.process(command)


compose = CustomersFunction
"""Takes the fields of the class as keyword arguments. Production, the OpenAPI generator and the tests use it."""
