"""The services that the endpoints depend on."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import Depends, Request

from common.addresses.address import AddressHasher
from common.audience import Audience
from common.audience.chosen_types import read_chosen_types
from common.audit import audit_entry, commit_entry
from common.caching import TtlCache
from common.clock import Clock
from common.mail.links import MessageLinks
from common.storage.documents import Documents
from common.web.principal import Principal

from .commands.bulk import BulkChanges
from .commands.erase import Erasure
from .commands.merge import CustomerMerges
from .commands.static_segments import StaticSegments
from .commands.suppress import SuppressionList
from .commands.update import CustomerUpdates
from .formats.column_types import ReadingDefaults
from .forms.confirmations import FormConfirmations
from .forms.limits import FormLimits
from .forms.requests import FormRequests
from .imports.actions import ImportActions
from .imports.jobs import ImportJobs
from .imports.mappings import SavedMappings
from .imports.submit import ImportResponse, ImportSubmission
from .model.form import Form
from .records.person_records import PersonRecords


@dataclass(frozen=True, kw_only=True, slots=True)
class CustomerServices:
    """What the endpoints use, built once per app."""

    documents: Documents
    available_vendors: Collection[str]  # the names of the vendors that this deployment has
    message_links: MessageLinks
    form_confirmations: FormConfirmations
    form_limits: FormLimits
    form_requests: FormRequests
    known_forms: TtlCache[str, Form]  # those that people send
    submission: ImportSubmission
    import_jobs: ImportJobs
    import_actions: ImportActions
    saved_mappings: SavedMappings
    customer_updates: CustomerUpdates
    suppression_list: SuppressionList
    bulk_changes: BulkChanges
    static_segments: StaticSegments
    erasure: Erasure
    merges: CustomerMerges
    person_records: PersonRecords
    hashes: AddressHasher
    audience: Audience
    currency: str  # ISO 4217
    reading: ReadingDefaults
    clock: Clock

    async def reading_defaults(self, request: Request) -> ReadingDefaults:
        """How the cells of a body are read: also with the types of attributes that somebody chose. JSON has no cells,
        and is not worth the read."""
        if "json" in request.headers.get("content-type", ""):
            return self.reading
        return replace(self.reading, attribute_types=await read_chosen_types(self.documents))

    async def log_action(self, what: str, member: Principal, **subject: object) -> None:
        """Write an entry of the audit log, for what is no commit of its own: an export is logged before it starts."""
        entry = audit_entry(what, by=member.actor, at=self.clock(), subject=subject)
        await commit_entry(self.documents, entry)

    async def log_import(self, member: Principal, outcome: ImportResponse, *, what: str) -> None:
        """Log that an import was started, also by a program."""
        await self.log_action(
            f"{what} import started", member, **{"import": outcome.import_id}, accepted=outcome.accepted
        )


async def _get_services(request: Request) -> CustomerServices:
    """Async, because FastAPI would call a plain function in a thread, which takes longer than everything it does."""
    services: CustomerServices = request.app.state.services
    return services


ServicesDep = Annotated[CustomerServices, Depends(_get_services)]
