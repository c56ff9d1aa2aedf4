"""The OpenAPI document of the API, generated from the code: `python -m local.openapi > docs/openapi.json`."""

from __future__ import annotations

import json
import sys
from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from campaigns.composition import CampaignsSettings
from campaigns.composition import compose as compose_campaigns
from common.llm.language_model import ModelResponse, Prompt
from common.storage.memory import MemoryDocuments, MemoryPublisher
from common.web.principal import Identity
from common.web.problems import Problem
from customers.commands.suppress import SuppressionInput
from customers.composition import CustomersSettings
from customers.composition import compose as compose_customers
from customers.model.activity import ActivityInput
from customers.model.customer import CustomerInput
from customers.model.person_reference import PersonReference
from members.composition import MembersSettings
from members.composition import compose as compose_members
from receipts.composition import ReceiptsSettings
from receipts.composition import compose as compose_receipts

DESCRIPTION = """\
Every call except `/api/receipts` carries the Firebase ID token of a member: `Authorization: Bearer …`. Lists return
`items` and `next`; send `next` as `after` to get the next page. What `GET` gives of customers, segments, drafts,
suppressions, forms and topics, `POST`, `PUT` or `PATCH` takes, and leaves out what only Herald writes. Errors are RFC
9457 problem details, with one entry in `errors` for each invalid field.
"""

SETTINGS = {
    "PUBLIC_URL": "https://herald.example",
    "FIRST_ADMIN": "unused",
    "SUPPRESSION_KEY": "unused while the document is built",
    "CALLBACK_SECRET": "unused",
}
"""Settings without a default. They do not change the document."""


NAMED_MODELS: list[tuple[type[BaseModel], JsonSchemaMode]] = [
    (Problem, "serialization"),
    (CustomerInput, "validation"),
    (ActivityInput, "validation"),
    (PersonReference, "validation"),
    (SuppressionInput, "validation"),
]
"""What the functions refer to by name without declaring it to FastAPI: errors, and rows of bodies read as a stream."""


class _UnusedModel:
    async def generate(self, prompt: Prompt) -> ModelResponse:
        raise AssertionError("the model is not used while the document is built")


async def _reject_sign_in(token: str, *, fresh: bool = False) -> Identity:
    raise AssertionError("no request is authenticated while the document is built")


def build_document() -> dict[str, Any]:
    """Merge the documents of the HTTP functions into one."""
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
    for app in create_apps().values():
        openapi = app.openapi()
        merged["paths"] |= openapi["paths"]
        merged["components"]["schemas"] |= openapi["components"]["schemas"]
    _, named = models_json_schema(NAMED_MODELS, ref_template="#/components/schemas/{model}")
    merged["components"]["schemas"] |= named["$defs"]
    return merged


def create_apps() -> dict[str, FastAPI]:
    """Compose the HTTP functions on in-memory adapters; returns the application of each entry point."""
    documents, publisher, environ = MemoryDocuments(), MemoryPublisher(), SETTINGS
    ports: dict[str, Any] = {"documents": documents, "publisher": publisher, "verify_id_token": _reject_sign_in}
    members = compose_members(**ports, access=documents, settings=MembersSettings(environ))
    customers = compose_customers(**ports, open_access=MemoryDocuments, settings=CustomersSettings(environ))
    campaigns = compose_campaigns(
        **ports, open_access=MemoryDocuments, create_model=_UnusedModel, settings=CampaignsSettings(environ)
    )
    receipts = compose_receipts(documents=documents, publisher=publisher, settings=ReceiptsSettings(environ))
    return {"customers": customers.app, "campaigns": campaigns.app, "members": members.app, "receipts": receipts.app}


if __name__ == "__main__":
    json.dump(build_document(), sys.stdout, indent=1, ensure_ascii=False)
    sys.stdout.write("\n")
