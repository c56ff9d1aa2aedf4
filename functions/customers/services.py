"""What the endpoints are given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from common.audience import Audience
from common.messages.suppressions import Hashes
from common.storage.documents import Documents

from .commands.erase import Erasure
from .commands.suppress import Suppressing
from .commands.update import Changing
from .imports.jobs import Imports
from .imports.submit import Intake
from .records.person_records import Traces


@dataclass(frozen=True, kw_only=True, slots=True)
class Services:
    documents: Documents
    intake: Intake
    imports: Imports
    changing: Changing
    suppressing: Suppressing
    erasure: Erasure
    traces: Traces
    hashes: Hashes
    audience: Audience


def services_of(documents: Documents, *, imports: Imports, hashes: Hashes, audience: Audience) -> Services:
    traces = Traces(documents)
    return Services(
        documents=documents,
        intake=Intake(imports=imports),
        imports=imports,
        changing=Changing(documents, hashes=hashes),
        suppressing=Suppressing(documents, hashes=hashes),
        erasure=Erasure(documents, hashes=hashes, traces=traces, forget=imports.forget),
        traces=traces,
        hashes=hashes,
        audience=audience,
    )


async def _services(request: Request) -> Services:
    """Not a plain function: FastAPI would call that in a thread, which takes longer than all else that it does."""
    services: Services = request.app.state.services
    return services


With = Annotated[Services, Depends(_services)]
