"""The services that the endpoints depend on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from common.addresses.address import AddressHasher
from common.audience import Audience
from common.clock import Clock
from common.storage.documents import Documents

from .commands.erase import Erasure
from .commands.merge import CustomerMerges
from .commands.suppress import SuppressionList
from .commands.update import CustomerUpdates
from .imports.jobs import ImportJobs
from .imports.submit import ImportSubmission
from .records.person_records import PersonRecords


@dataclass(frozen=True, kw_only=True, slots=True)
class CustomerServices:
    """What the endpoints use, built once per app."""

    documents: Documents
    submission: ImportSubmission
    import_jobs: ImportJobs
    customer_updates: CustomerUpdates
    suppression_list: SuppressionList
    erasure: Erasure
    merges: CustomerMerges
    person_records: PersonRecords
    hashes: AddressHasher
    audience: Audience
    clock: Clock


async def _get_services(request: Request) -> CustomerServices:
    """Async, because FastAPI would call a plain function in a thread, which takes longer than everything it does."""
    services: CustomerServices = request.app.state.services
    return services


ServicesDep = Annotated[CustomerServices, Depends(_get_services)]
