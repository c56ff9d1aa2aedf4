"""What the endpoints are given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from common.audience import Audience
from common.documents import Documents

from .imports import Imports
from .intake import Intake


@dataclass(frozen=True, kw_only=True, slots=True)
class Services:
    documents: Documents
    intake: Intake
    imports: Imports
    audience: Audience


def _services(request: Request) -> Services:
    services: Services = request.app.state.services
    return services


With = Annotated[Services, Depends(_services)]
