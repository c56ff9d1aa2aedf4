"""API keys for programs: an admin creates a key with a role, and deletes it."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from common.errors import NotFound
from common.storage.documents import Create, Delete, Query
from common.web.app import DocumentId
from common.web.auth import KEY_PREFIX, AdminInPerson, Role, guarded_router, key_path

from ..services import ServicesDep

router = guarded_router("/api/keys", tag="keys")


class CreateKeyRequest(BaseModel):
    """The name and role of a new key."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[
        str,
        Field(
            min_length=1, max_length=100, pattern=r"^[^@]+$", description="what the key is for; not an e-mail address"
        ),
    ]
    role: Role


class ApiKey(BaseModel):
    """One key, without its secret."""

    id: str
    name: str
    role: Role
    by: str
    created_at: datetime


class CreateKeyResponse(ApiKey):
    """The new key with its secret."""

    key: str = Field(description="send it as `Authorization: Bearer …`; it is shown only once")


class KeyListResponse(BaseModel):
    """All keys, newest first."""

    items: list[ApiKey]
    next: None = None


@router.post("", status_code=201, operation_id="create_key")
async def create_key(body: CreateKeyRequest, services: ServicesDep, member: AdminInPerson) -> CreateKeyResponse:
    """Creates a key. Only its hash is stored."""
    key = KEY_PREFIX + secrets.token_hex(20)
    path = key_path(key)
    data = body.model_dump() | {"by": member.email, "created_at": services.clock()}
    await services.documents.commit([Create(path, data)])
    return CreateKeyResponse(id=path.partition("/")[2], key=key, **data)


@router.get("", operation_id="list_keys")
async def list_keys(services: ServicesDep, member: AdminInPerson) -> KeyListResponse:
    """Lists all keys, newest first."""
    keys = await services.documents.query(Query(collection="keys"))
    items = [ApiKey.model_validate({**(key.data or {}), "id": key.id}) for key in keys]
    return KeyListResponse(items=sorted(items, key=lambda key: key.created_at, reverse=True))


@router.delete("/{key_id}", status_code=204, operation_id="delete_key")
async def delete_key(key_id: DocumentId, services: ServicesDep, member: AdminInPerson) -> None:
    """Deletes the key. Every instance refuses it within 30 seconds."""
    keys = await services.documents.get(f"keys/{key_id}")
    if not keys.exists:
        raise NotFound(f"Not found: API key {key_id!r}.")
    await services.documents.commit([Delete(keys.path)])
