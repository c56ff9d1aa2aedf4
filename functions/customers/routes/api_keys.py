"""API keys, for machines: an admin makes one with a role, and takes it back."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from common.errors import NotFound
from common.storage.documents import Create, Delete, Query
from common.web.app import Id
from common.web.auth import KEY_PREFIX, Admin, Role, key_path

from ..services import With

router = APIRouter(prefix="/api/keys", tags=["keys"])


class KeyIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: Annotated[
        str, Field(min_length=1, max_length=100, pattern=r"^[^@]+$", description="what it is for; no e-mail")
    ]
    role: Role


class Key(BaseModel):
    id: str
    name: str
    role: Role
    by: str
    created_at: datetime


class NewKey(Key):
    key: str = Field(description="send it as `Authorization: Bearer …`; it is shown only now")


class KeyList(BaseModel):
    items: list[Key]
    next: None = None


@router.post("", status_code=201, operation_id="create_key")
async def create_key(body: KeyIn, services: With, member: Admin) -> NewKey:
    """Only the key's hash is kept."""
    key = KEY_PREFIX + secrets.token_hex(20)
    path = key_path(key)
    data = body.model_dump() | {"by": member.email, "created_at": datetime.now(UTC)}
    await services.documents.commit([Create(path, data)])
    return NewKey(id=path.partition("/")[2], key=key, **data)


@router.get("", operation_id="list_keys")
async def list_keys(services: With, member: Admin) -> KeyList:
    found = await services.documents.query(Query(collection="keys"))
    items = [Key.model_validate({**(one.data or {}), "id": one.id}) for one in found]
    return KeyList(items=sorted(items, key=lambda one: one.created_at, reverse=True))


@router.delete("/{key_id}", status_code=204, operation_id="delete_key")
async def delete_key(key_id: Id, services: With, member: Admin) -> None:
    """The key is refused from now on, by every instance within 30 seconds."""
    found = await services.documents.get(f"keys/{key_id}")
    if not found.exists:
        raise NotFound("There is no such key.")
    await services.documents.commit([Delete(found.path)])
