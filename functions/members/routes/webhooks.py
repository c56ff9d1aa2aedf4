"""Webhooks: an admin says which events go to which address, and sees what became of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from common.audit import audit_entry, log_entry
from common.clock import UtcDatetime
from common.errors import FieldError, Invalid, NotFound
from common.ids import random_id
from common.storage.documents import Create, Delete, Merge, Put, Query, Snapshot, Update, Where, Write
from common.storage.optimistic_commit import commit_with_retry
from common.web.app import DocumentId
from common.web.auth import AdminInPerson, guarded_router
from common.webhooks.event_types import TEST_TYPE, EventType, WebhookEvent
from common.webhooks.store import (
    MAX_WEBHOOKS,
    RETENTION,
    WebhookState,
    attempts_range,
    batch_path,
    delivery,
    new_batch,
    parse_event_id,
    state_path,
    webhook_path,
)

from ..services import MemberServices, ServicesDep
from ..webhook_address import WebhookAddress, check_address, new_secret

router = guarded_router("/api/webhooks", tag="webhooks")
PREVIOUS_SECRET_LASTS = timedelta(hours=24)
REPLAY_PAGE = 400
MAX_REPLAY_PAGES = 20
"""Of one request, which may take a minute."""
MAX_ATTEMPTS = 100
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
Types = Annotated[list[EventType], Field(min_length=1, max_length=20, description="the events that it gets")]


class CreateWebhookRequest(BaseModel):
    """Where which events go."""

    model_config = ConfigDict(extra="forbid")

    name: Name
    url: WebhookAddress
    events: Types


class ChangeWebhookRequest(BaseModel):
    """What changes; what is not given stays."""

    model_config = ConfigDict(extra="forbid")

    name: Name | None = None
    url: WebhookAddress | None = None
    events: Types | None = None
    enabled: bool | None = Field(default=None, description="true also for one that Herald has switched off")


class Webhook(BaseModel):
    """One webhook, without its secret."""

    id: str
    name: str
    url: str
    events: list[str]
    enabled: bool
    needs_attention: Literal["failing", "gone"] | None = Field(
        description="why Herald has switched it off: days without success, or the server answered 410"
    )
    failing_since: datetime | None
    last_success_at: datetime | None
    previous_secret_until: datetime | None  # until then requests are signed with the secret before, too
    by: str
    created_at: datetime

    @classmethod
    def from_snapshots(cls, stored: Snapshot, state: Snapshot) -> Webhook:
        """The webhook of its two documents."""
        status = WebhookState.from_snapshot(state)
        names = ("enabled", "needs_attention", "failing_since", "last_success_at")
        fields = {name: stored[name] for name in ("name", "url", "by", "created_at")}
        return cls(
            id=stored.id,
            events=list(status.types),
            previous_secret_until=stored.get("previous_until"),
            **fields,
            **{name: getattr(status, name) for name in names},
        )


class WebhookWithSecret(Webhook):
    """A webhook with its new secret."""

    secret: str = Field(description="whsec_…: checks the signatures; it is shown only once")


class WebhookListResponse(BaseModel):
    """All webhooks, newest first."""

    items: list[Webhook]
    next: None = None


class EventAttempt(BaseModel):
    """One request."""

    id: str  # `webhook-id` of the event: the same however often it is sent
    type: str
    status: int | None  # None: there was no answer
    error: str | None
    milliseconds: int


class Attempt(BaseModel):
    """The requests for events that happened together."""

    at: datetime
    attempt: int  # 1: the first one
    events: list[EventAttempt]
    not_tried: int  # the events that wait because requests before them failed, or the time was over
    next_at: datetime | None  # when those that failed are sent again; None: never, or nothing failed


class AttemptListResponse(BaseModel):
    """The newest attempts first. They are kept for 7 days."""

    items: list[Attempt]
    next: str | None = Field(description="`after` of the next page; null at the end")


class ReplayRequest(BaseModel):
    """What is sent again, under the same ids."""

    model_config = ConfigDict(extra="forbid")

    event: Annotated[str, Field(max_length=100)] | None = Field(default=None, description="the id of one event")
    since: UtcDatetime | None = Field(default=None, description="all events since then, 7 days at most")

    @model_validator(mode="after")
    def _check_one(self) -> ReplayRequest:
        if (self.event is None) == (self.since is None):
            raise PydanticCustomError("one_of", "Give either event or since")
        return self


class QueuedResponse(BaseModel):
    """What is sent within about a minute."""

    events: int
    until: datetime | None = Field(
        default=None, description="there are more events than fit into one request: ask again since this time"
    )


@router.post("", status_code=201, operation_id="create_webhook")
async def create_webhook(body: CreateWebhookRequest, services: ServicesDep, member: AdminInPerson) -> WebhookWithSecret:
    """Adds a webhook. It gets what happens from then on, with a delay of up to half a minute."""
    check_address(body.url, allows_private=services.webhooks_may_be_private)
    id_, secret, now = random_id(), new_secret(), services.clock()
    data = {"name": body.name, "url": body.url, "secret": secret, "by": member.actor, "created_at": now}
    about = {"name": body.name, "url": body.url, "events": list(body.events)}
    entry = audit_entry("webhook created", by=member.actor, at=now, subject={"webhook": id_}, after=about)

    async def build(_: int) -> tuple[None, Sequence[Write]]:
        """The webhook, beside those that there are. It touches one of them, so that of two at a time one is second."""
        known = await services.access.query(Query(collection="webhooks", fields=("name",)))
        if any(webhook.id == id_ for webhook in known):
            return None, []  # the response of the commit was lost
        if len(known) >= MAX_WEBHOOKS:
            raise Invalid(f"There can be {MAX_WEBHOOKS} webhooks at most.", fields=[_too_many()])
        touched = [Update(webhook.path, {"name": webhook["name"]}, webhook.version) for webhook in known[:1]]
        return None, [Create(webhook_path(id_), data), *touched, log_entry(entry)]

    await commit_with_retry(services.access, build)
    # In the other database. Without it the webhook is in the list, switched off, and can be deleted.
    await services.documents.commit([Put(state_path(id_), {"types": list(body.events), "enabled": True})])
    return WebhookWithSecret(**(await _read(services, id_)).model_dump(), secret=secret)


def _too_many() -> FieldError:
    return FieldError(field="", code="too_many", message="Delete a webhook first.")


@router.get("", operation_id="list_webhooks")
async def list_webhooks(services: ServicesDep, member: AdminInPerson) -> WebhookListResponse:
    """Lists all webhooks, newest first, each with how it goes."""
    stored = await services.access.query(Query(collection="webhooks"))
    states = await services.documents.get_all([state_path(webhook.id) for webhook in stored])
    items = [Webhook.from_snapshots(*pair) for pair in zip(stored, states, strict=True)]
    return WebhookListResponse(items=sorted(items, key=lambda webhook: webhook.created_at, reverse=True))


@router.patch("/{webhook_id}", operation_id="change_webhook")
async def change_webhook(
    webhook_id: DocumentId, body: ChangeWebhookRequest, services: ServicesDep, member: AdminInPerson
) -> Webhook:
    """Changes a webhook. One that Herald has switched off goes on with what still waits when it is switched on."""
    if body.url:
        check_address(body.url, allows_private=services.webhooks_may_be_private)
    stored = await _read_stored(services, webhook_id)
    state = WebhookState.from_snapshot(await services.documents.get(state_path(webhook_id)))
    given = body.model_dump(exclude_none=True)
    known = {"name": stored["name"], "url": stored["url"], "events": list(state.types), "enabled": state.enabled}
    changed = {name: value for name, value in given.items() if known[name] != value}

    def entry(names: Collection[str]) -> Create:
        before, after = ({name: of[name] for name in names} for of in (known, changed))
        about = {"webhook": webhook_id}
        return audit_entry(
            "webhook changed", by=member.actor, at=services.clock(), subject=about, before=before, after=after
        )

    address: dict[str, Any] = {name: changed[name] for name in ("name", "url") if name in changed}
    if address:
        await services.access.commit([Update(stored.path, address, stored.version), log_entry(entry(address))])
    rights = [name for name in ("events", "enabled") if name in changed]
    if rights or "url" in changed:
        entries = [entry(rights)] if rights else []
        await services.documents.commit([Merge(state_path(webhook_id), _state_changes(changed)), *entries])
    return await _read(services, webhook_id)


def _state_changes(changed: Mapping[str, Any]) -> dict[str, Any]:
    """With a new address, or switched on again, it begins without failures."""
    begins_anew = changed.get("enabled") or "url" in changed
    changes: dict[str, Any] = {"failing_since": None, "needs_attention": None} if begins_anew else {}
    changes |= {"types": changed["events"]} if "events" in changed else {}
    return changes | ({"enabled": changed["enabled"]} if "enabled" in changed else {})


@router.post("/{webhook_id}/secret", operation_id="rotate_webhook_secret")
async def rotate_webhook_secret(
    webhook_id: DocumentId, services: ServicesDep, member: AdminInPerson
) -> WebhookWithSecret:
    """Makes a new secret. For 24 hours requests are signed with the one before, too."""
    stored, secret, now = await _read_stored(services, webhook_id), new_secret(), services.clock()
    previous = {"previous_secret": stored["secret"], "previous_until": now + PREVIOUS_SECRET_LASTS}
    entry = audit_entry("webhook secret changed", by=member.actor, at=now, subject={"webhook": webhook_id})
    await services.access.commit(
        [Update(stored.path, {"secret": secret, **previous}, stored.version), log_entry(entry)]
    )
    return WebhookWithSecret(**(await _read(services, webhook_id)).model_dump(), secret=secret)


@router.delete("/{webhook_id}", status_code=204, operation_id="delete_webhook")
async def delete_webhook(webhook_id: DocumentId, services: ServicesDep, member: AdminInPerson) -> None:
    """Deletes a webhook. What waits for it is not sent. Its state goes first: nothing is written down for it from then
    on, and until it is deleted itself, the list shows it."""
    stored = await _read_stored(services, webhook_id)
    await services.documents.commit([Delete(state_path(webhook_id))])
    before = {"name": stored["name"], "url": stored["url"]}
    entry = audit_entry(
        "webhook deleted", by=member.actor, at=services.clock(), subject={"webhook": webhook_id}, before=before
    )

    async def build(_: int) -> tuple[None, Sequence[Write]]:
        known = await services.access.get(stored.path)
        return None, [Delete(known.path, known.version), log_entry(entry)] if known.exists else []

    await commit_with_retry(services.access, build)


@router.get("/{webhook_id}/attempts", operation_id="list_webhook_attempts")
async def list_webhook_attempts(
    webhook_id: DocumentId,
    services: ServicesDep,
    member: AdminInPerson,
    limit: Annotated[int, Field(ge=1, le=MAX_ATTEMPTS)] = 20,
    after: Annotated[str | None, Field(pattern=r"^[0-9]{16}\.[0-9a-f]{20}$")] = None,
) -> AttemptListResponse:
    """What the server answered, the newest first."""
    await _read_stored(services, webhook_id)
    first, end = attempts_range(webhook_id)
    query = Query(
        collection="webhook_attempts",
        id_from=first,
        id_before=end,
        after=(f"{first}{after}",) if after else None,
        limit=limit + 1,
    )
    found = await services.documents.query(query)
    has_more = len(found) > limit
    items = [Attempt.model_validate(attempt.data) for attempt in found[:limit]]
    return AttemptListResponse(items=items, next=found[limit - 1].id.removeprefix(first) if has_more else None)


@router.post("/{webhook_id}/replay", status_code=202, operation_id="replay_webhook")
async def replay_webhook(
    webhook_id: DocumentId, body: ReplayRequest, services: ServicesDep, member: AdminInPerson
) -> QueuedResponse:
    """Sends one event again, or all since a time, under the same ids. Events are kept for 7 days."""
    await _read_stored(services, webhook_id)
    if body.event:
        return await _replay_event(services, webhook_id, body.event)
    state = WebhookState.from_snapshot(await services.documents.get(state_path(webhook_id)))
    return await _replay_since(services, webhook_id, state, max(body.since or services.clock(), _oldest(services)))


def _oldest(services: MemberServices) -> datetime:
    return services.clock() - RETENTION


async def _replay_event(services: MemberServices, webhook_id: str, event: str) -> QueuedResponse:
    batch, number = parse_event_id(event) or ("", 0)
    stored = await services.documents.get(batch_path(batch or "0"))
    if number >= len(stored.get("types", ())):
        raise NotFound(f"Not found: event {event!r}. Events are kept for {RETENTION.days} days.")
    await services.documents.commit([delivery(webhook_id, batch, [number], now=services.clock(), replay=random_id())])
    return QueuedResponse(events=1)


async def _replay_since(
    services: MemberServices, webhook_id: str, state: WebhookState, since: datetime
) -> QueuedResponse:
    """Queue all events that the webhook wants, the oldest first."""
    replay, events = random_id(), 0
    query = Query(
        collection="outgoing_events",
        where=[Where("at", ">=", since)],
        order_by=("at", "asc"),
        limit=REPLAY_PAGE,
        fields=("at", "types"),
    )
    for _ in range(MAX_REPLAY_PAGES):
        page = await services.documents.query(query)
        if not page:
            return QueuedResponse(events=events, until=None)
        query, now = replace(query, after=(page[-1]["at"], page[-1].id)), services.clock()
        wanted = {one.id: [n for n, type_ in enumerate(one["types"]) if type_ in state.types] for one in page}
        queued = [
            delivery(webhook_id, batch, numbers, now=now, replay=replay) for batch, numbers in wanted.items() if numbers
        ]
        await services.documents.commit(queued)
        events += sum(map(len, wanted.values()))
    return QueuedResponse(events=events, until=page[-1]["at"])


@router.post("/{webhook_id}/test", status_code=202, operation_id="test_webhook")
async def test_webhook(webhook_id: DocumentId, services: ServicesDep, member: AdminInPerson) -> QueuedResponse:
    """Sends an event of the type `webhook.test`, so that the server can be tried."""
    await _read_stored(services, webhook_id)
    now, batch = services.clock(), random_id()
    event = WebhookEvent(type=TEST_TYPE, timestamp=now.isoformat(), data={"webhook_id": webhook_id})
    await services.documents.commit(
        [new_batch([event], now=now, waiting=False, batch=batch), delivery(webhook_id, batch, [0], now=now)]
    )
    return QueuedResponse(events=1)


async def _read_stored(services: MemberServices, webhook_id: str) -> Snapshot:
    stored = await services.access.get(webhook_path(webhook_id))
    if not stored.exists:
        raise NotFound(f"Not found: webhook {webhook_id!r}.")
    return stored


async def _read(services: MemberServices, webhook_id: str) -> Webhook:
    stored = await _read_stored(services, webhook_id)
    return Webhook.from_snapshots(stored, await services.documents.get(state_path(webhook_id)))
