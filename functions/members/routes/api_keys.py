"""API keys for programs: an admin creates a key with a role, and deletes it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from common.audit import audit_entry, log_entry
from common.errors import Conflict, Exists, FieldError, Invalid, NotFound
from common.storage.documents import Create, Delete, Put, Query, Snapshot
from common.web.api_keys import key_id, key_name_path, key_path, key_use_path, new_key, normalized_name
from common.web.app import DocumentId
from common.web.auth import AdminInPerson, guarded_router
from common.web.principal import Role

from ..services import ServicesDep

router = guarded_router("/api/keys", tag="keys")


def _normalize(value: object) -> object:
    return normalized_name(value) if isinstance(value, str) else value


def _check_printable(name: str) -> str:
    """Raises for characters that a reader of the audit log cannot see, and for what looks like an e-mail."""
    if not name.isprintable() or "@" in name:
        raise PydanticCustomError("characters", "Use letters, digits and signs that can be seen, but no @")
    return name


class CreateKeyRequest(BaseModel):
    """The name and role of a new key, and how long it works."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[
        str,
        Field(min_length=1, max_length=100, description="what the key is for; unique, and not an e-mail address"),
        BeforeValidator(_normalize),
        AfterValidator(_check_printable),
    ]
    role: Role
    expires_in_days: Annotated[int, Field(ge=1, le=3_650)] | None = Field(
        default=None, description="after so many days the key is refused; by default it works until it is deleted"
    )


class ApiKey(BaseModel):
    """One key, without its secret."""

    id: str  # the audit log names the key by it
    name: str
    role: Role
    by: str
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None  # some minutes old at most

    @classmethod
    def from_snapshots(cls, key: Snapshot, use: Snapshot) -> ApiKey:
        """The key of its two documents."""
        return cls.model_validate({"expires_at": None, **(key.data or {}), "id": key.id, "last_used_at": use.get("at")})


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
    key, now = new_key(), services.clock()
    id_ = key_id(key)
    expires_at = now + timedelta(days=body.expires_in_days) if body.expires_in_days else None
    rights = {"name": body.name, "role": body.role, "expires_at": expires_at}
    data = {**rights, "by": member.actor, "created_at": now}
    entry = audit_entry("key created", by=member.actor, at=now, subject={"key": id_}, after=rights)
    await services.documents.commit([Put(key_use_path(id_), {"at": None})])
    try:
        await services.access.commit(
            [Create(key_name_path(body.name), {"key": id_}), Create(key_path(id_), data), log_entry(entry)]
        )
    except Exists:
        if not (await services.access.get(key_path(id_))).exists:  # else this commit succeeded, its response was lost
            await services.documents.commit([Delete(key_use_path(id_))])
            raise _name_taken(body.name) from None
    return CreateKeyResponse(id=id_, key=key, last_used_at=None, **data)


def _name_taken(name: str) -> Invalid:
    message = f"Another key has the name {name}; its entries in the audit log would look like this one's."
    return Invalid(message, fields=[FieldError(field="name", code="taken", message=message)])


@router.get("", operation_id="list_keys")
async def list_keys(services: ServicesDep, member: AdminInPerson) -> KeyListResponse:
    """Lists all keys, newest first."""
    keys = await services.access.query(Query(collection="keys"))
    uses = await services.documents.get_all([key_use_path(key.id) for key in keys])
    items = [ApiKey.from_snapshots(key, use) for key, use in zip(keys, uses, strict=True)]
    return KeyListResponse(items=sorted(items, key=lambda key: key.created_at, reverse=True))


@router.delete("/{key_id}", status_code=204, operation_id="delete_key")
async def delete_key(key_id: DocumentId, services: ServicesDep, member: AdminInPerson) -> None:
    """Deletes the key. Every instance refuses it within 5 seconds."""
    key = await services.access.get(key_path(key_id))
    if not key.exists:
        raise NotFound(f"Not found: API key {key_id!r}.")
    before = {name: key.get(name) for name in ("name", "role", "expires_at")}
    entry = audit_entry("key deleted", by=member.actor, at=services.clock(), subject={"key": key.id}, before=before)
    deleted = [Delete(key.path, key.version), Delete(key_name_path(key["name"]))]
    try:
        await services.access.commit([*deleted, log_entry(entry)])
    except (Conflict, Exists):
        if (await services.access.get(key.path)).exists:
            raise  # otherwise this commit succeeded, and its response was lost
    await services.documents.commit([Delete(key_use_path(key.id))])
