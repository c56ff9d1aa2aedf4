"""The API's OpenAPI document, made of the code: `python -m local.openapi > docs/openapi.json`."""

from __future__ import annotations

import json
import sys
from typing import Any

from fastapi import FastAPI
from pydantic import SecretStr

from campaigns.app import Services as CampaignsServices
from campaigns.app import create_campaigns_app
from campaigns.lifecycle.lifecycle import Conductor
from common.audience import Audience
from common.llm.gemini import Answer, Prompt
from common.messages.deferred import DeferredMessages
from common.messages.ledger import Ledger
from common.messages.suppressions import Hashes
from common.storage.memory import MemoryDocuments, MemoryPublisher
from common.web.auth import Access, Members
from customers.app import create_customers_app
from customers.commands.record_activities import Activities
from customers.commands.upsert import Ingestion
from customers.imports.jobs import Imports
from customers.services import services_of
from receipts.app import create_receipts_app

DESCRIPTION = """\
Every call but `/api/receipts` carries a Firebase ID token of a member: `Authorization: Bearer …`. Lists answer with
`items` and `next`, which is given back as `after` for the page that follows. Errors are RFC 9457 problem details, with
one entry in `errors` for each bad field.
"""


class _NoModel:
    async def ask(self, prompt: Prompt) -> Answer:
        raise AssertionError("nothing is asked while the document is made")


async def _nobody(token: str) -> str:
    raise AssertionError("nobody signs in while the document is made")


def document() -> dict[str, Any]:
    """The three HTTP functions' documents as one."""
    merged: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {"title": "Herald", "version": "1", "description": DESCRIPTION},
        "paths": {},
        "components": {
            "schemas": {},
            "securitySchemes": {"member": {"type": "http", "scheme": "bearer", "bearerFormat": "Firebase ID token"}},
        },
        "security": [{"member": []}],
    }
    for app in _apps():
        part = app.openapi()
        merged["paths"] |= part["paths"]
        merged["components"]["schemas"] |= part["components"]["schemas"]
    return merged


def _apps() -> list[FastAPI]:
    documents, publisher = MemoryDocuments(), MemoryPublisher()
    audience = Audience(documents)
    access = Access(email_of=_nobody, members=Members(documents, first_admin=""))
    hashes = Hashes(SecretStr(""))
    imports = Imports(
        documents=documents,
        publisher=publisher,
        ingestion=Ingestion(documents, hashes=hashes),
        activities=Activities(documents, hashes=hashes),
    )
    customers = services_of(documents, imports=imports, hashes=hashes, audience=audience)
    campaigns = CampaignsServices(
        documents=documents,
        publisher=publisher,
        audience=audience,
        ledger=Ledger(documents, shard=""),
        model=_NoModel(),
        conductor=Conductor(documents=documents, publisher=publisher, currency="INR"),
        held=DeferredMessages(documents, publisher),
        currency="INR",
    )
    return [
        create_customers_app(access=access, services=customers),
        create_campaigns_app(access=access, services=campaigns),
        create_receipts_app(publisher=publisher, readers={}),
    ]


if __name__ == "__main__":
    json.dump(document(), sys.stdout, indent=1, ensure_ascii=False)
    sys.stdout.write("\n")
