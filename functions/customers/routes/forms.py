"""Forms over HTTP, for the team: what people are asked, and how many have confirmed."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from pydantic import BaseModel

from common.addresses.topics import read_topics
from common.audit import audit_entry, audit_path
from common.batching import chunked
from common.catalogue.vendor_choice import check_vendor
from common.errors import Exists, Refused
from common.storage.documents import Create, Delete, Query, Update, Write
from common.storage.optimistic_commit import commit_with_retry
from common.web.app import DocumentId
from common.web.auth import Sender, Viewer, guarded_router
from common.web.idempotency import IdempotencyDep

from ..model.form import (
    DELETED_FORMS_PATH,
    Form,
    FormInput,
    check_topics,
    count_paths,
    deletion_write,
    form_path,
    get_form_or_404,
)
from ..services import CustomerServices, ServicesDep

MAX_FORMS = 100
router = guarded_router("/api/forms", tag="forms")


class FormList(BaseModel):
    """All forms, the newest first. There are at most 100."""

    items: list[Form]


@router.get("", operation_id="list_forms")
async def list_forms(services: ServicesDep, member: Viewer) -> FormList:
    """The forms, with the numbers of people who have asked with them, and who have confirmed it."""
    query = Query(collection="forms", order_by=("created_at", "desc"), limit=MAX_FORMS)
    stored = await services.documents.query(query)
    paths = [path for one in stored for path in count_paths(one.id)]
    counts = [one for batch in chunked(paths, 400) for one in await services.documents.get_all(batch)]
    by_form = chunked(counts, len(count_paths("")))
    return FormList(items=[Form.from_snapshots(one, of_form) for one, of_form in zip(stored, by_form, strict=True)])


@router.post("", status_code=201, operation_id="create_form")
async def create_form(body: FormInput, services: ServicesDep, member: Sender, request: IdempotencyDep) -> Form:
    """A form for other sites: see `POST /api/forms/{form_id}`. It needs the right to send, because it sends mails.

    With an `Idempotency-Key`, a repeated request creates one.
    """

    async def create(form_id: str) -> Form:
        """Create the form with its entry in the audit log, unless a repetition has done so."""
        await _check(body, services)
        total = await services.documents.sums(Query(collection="forms"), [])
        if total["count"] >= MAX_FORMS:
            raise Refused(f"There are {MAX_FORMS} forms already; delete one first.")
        now = services.clock()
        created = {"created_at": now, "created_by": member.actor}
        entry = audit_entry("form created", by=member.actor, at=now, subject={"form": form_id})
        with suppress(Exists):  # a repetition, or the response of the commit was lost
            await services.documents.commit([Create(form_path(form_id), body.to_document() | created), entry])
        return await _read(form_id, services)

    return await request.run(Form, create, documents=services.documents, member=member, clock=services.clock)


@router.put("/{form_id}", operation_id="replace_form")
async def replace_form(form_id: DocumentId, body: FormInput, services: ServicesDep, member: Sender) -> Form:
    """Changes the form from now on, within half a minute also for those who send it. A link that was sent before grants
    what the form asks for when it is followed."""
    await _check(body, services)
    entry_path = audit_path()

    async def build(attempt: int) -> tuple[None, Sequence[Write]]:
        stored = await get_form_or_404(services.documents, form_id)
        if attempt and (await services.documents.get(entry_path)).exists:
            return None, []
        subject = {"form": form_id}
        entry = audit_entry("form changed", by=member.actor, at=services.clock(), path=entry_path, subject=subject)
        return None, [Update(stored.path, body.to_document(), stored.version), entry]

    await commit_with_retry(services.documents, build)
    return await _read(form_id, services)


@router.delete("/{form_id}", status_code=204, operation_id="delete_form")
async def delete_form(form_id: DocumentId, services: ServicesDep, member: Sender) -> None:
    """Nobody can send it any more, and links that were not followed do not work. What people agreed to stays."""
    entry_path = audit_path()

    async def build(attempt: int) -> tuple[None, Sequence[Write]]:
        """Delete the form over the version that was read; nothing if an earlier attempt has done so."""
        if attempt and (await services.documents.get(entry_path)).exists:
            return None, []
        stored, now = await get_form_or_404(services.documents, form_id), services.clock()
        noted = deletion_write(await services.documents.get(DELETED_FORMS_PATH), form_id, now)
        entry = audit_entry("form deleted", by=member.actor, at=now, path=entry_path, subject={"form": form_id})
        counts = [Delete(path) for path in count_paths(form_id)]
        return None, [Delete(stored.path, stored.version), *counts, noted, entry]

    await commit_with_retry(services.documents, build)


async def _check(body: FormInput, services: CustomerServices) -> None:
    """Raises `Invalid` for a vendor or a topic that this deployment does not have."""
    check_vendor(body.vendor, body.channel, services.available_vendors)
    check_topics(body.topics, {topic.name for topic in await read_topics(services.documents)})


async def _read(form_id: str, services: CustomerServices) -> Form:
    stored = await get_form_or_404(services.documents, form_id)
    return Form.from_snapshots(stored, await services.documents.get_all(count_paths(form_id)))
