"""What somebody asked for with a form, until they confirm it: one document for a form and an address.

    form_requests/{keyed hash of form and address}
        form, to, name   which form; what stands in it
        asked_at, asks   when the last mail was sent, and how many there were
        ask              random: which request wrote it
        is_mail_pending  whether the mail is still to be published
        confirmed_at     when the owner of the mailbox confirmed
        void_until       the links until then are used up: none of them confirms a later request
        is_done          whether everything that follows from that is written; then there is no `to` and no `name`
        expires_at       when the last link stops to work

Nothing about the person is kept elsewhere, except the mail itself, in its claim, for as long.

The document is what makes it one mail: of many requests at once one writes it, and the others find it. It is written
before the mail is published; a process that dies in between leaves `is_mail_pending`, and the next request publishes
the same mail, under the same id. Delivery claims an id once.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from common.addresses.address import Address, AddressHasher
from common.batching import chunked
from common.clock import Clock
from common.errors import Conflict
from common.events import MessageReady
from common.ids import campaign_id_of_form, message_id, random_id
from common.mail.language import mail_language
from common.mail.links import LinkedRequest, MessageLinks
from common.messages.redactions import redact_claim
from common.pubsub.publisher import Publisher
from common.storage.documents import Create, Delete, Documents, Put, Query, Snapshot, Update, Where, Write
from common.storage.optimistic_commit import commit_with_retry

from ..model.form import DELETED_FORMS_PATH, Form, count_write

CHANNEL = "email"
LINK_LIFETIME = timedelta(hours=24)
ASK_AGAIN_AFTER = timedelta(minutes=15)
"""So long there is one mail, however often the form is sent."""
MAX_ASKS = 3
"""Mails to an address without a confirmation; then there is none until the last link has expired."""
MAX_IDS_PER_QUERY = 30
PENDING_FOR = timedelta(minutes=1)
"""After this time a mail that is not published has been lost."""


class FormRequests:
    """Asks the owners of mailboxes whether they want what was written into a form."""

    def __init__(
        self, documents: Documents, *, publisher: Publisher, hashes: AddressHasher, links: MessageLinks, clock: Clock
    ) -> None:
        self._documents = documents
        self._publisher = publisher
        self._hashes = hashes
        self._links = links
        self._clock = clock

    async def ask(self, form: Form, *, email: str, name: str | None) -> None:
        """Sends one mail with a link, or none if there was one just now. Whether anybody knows the address, or may not
        write to it, is not looked at here: delivery does that. So nobody learns it from the answer, nor from its time.
        """
        request_id = self._hashes.form_request_id(form.id, Address(kind="email", value=email))
        own = random_id()

        async def build(_: int) -> tuple[Snapshot | None, Sequence[Write]]:
            """The request with its count; or what is stored, if no mail is to be sent now."""
            stored = await self._documents.get(f"form_requests/{request_id}")
            now = self._clock()
            if stored.get("ask") == own or not _may_ask(stored, now):
                return stored, []
            asks = 1 if _is_over(stored, now) else stored["asks"] + 1
            fields = _new_request(form.id, email, name, ask=own, asks=asks, now=now)
            fields |= {"void_until": stored["void_until"]} if stored.get("void_until") else {}
            write = Put(stored.path, fields, stored.version) if stored.exists else Create(stored.path, fields)
            return None, [write, *([count_write(form.id, request_id, "asked")] if asks == 1 else [])]

        found = await commit_with_retry(self._documents, build)
        stored = found or await self._documents.get(f"form_requests/{request_id}")
        if stored.get("ask") == own or _is_lost(stored, self._clock()):
            await self._publish(form, stored)

    async def _publish(self, form: Form, stored: Snapshot) -> None:
        await self._publisher.publish([self._mail(form, stored)])
        with suppress(Conflict):  # another mail is asked for, or the document has expired
            await self._documents.commit([Update(stored.path, {"is_mail_pending": False}, stored.version)])

    def _mail(self, form: Form, stored: Snapshot) -> MessageReady:
        """The mail of a request: it has the same id however often it is published. Nothing that was written into the
        form stands in it, so nobody can make Herald send their own words to others."""
        campaign_id, mail = campaign_id_of_form(form.id), form.confirmation
        request = LinkedRequest(form_id=form.id, request_id=stored.id, until=stored["expires_at"])
        link = self._links.confirm_url(request, language=mail_language(None, mail.subject, mail.body))
        return MessageReady(
            message_id=message_id(campaign_id, f"{stored.id} {stored['asked_at'].isoformat()}"),
            campaign_id=campaign_id,
            customer_id=stored.id,
            to=stored["to"],
            subject=mail.subject,
            body=f"{mail.body}\n\n[{mail.button}]({link})",
            channel=CHANNEL,
            vendor=form.vendor,
            personalized_by="template",
            transactional=True,
            shares_inbox=True,
        )


async def forget_requests(documents: Documents, hashes: AddressHasher, addresses: Collection[str]) -> None:
    """Removes what somebody asked for with forms, and the mails that ask them: they are erased.

    A form that was deleted meanwhile is looked at as well: its requests are there until they have expired.
    """
    stored, deleted = (
        await documents.query(Query(collection="forms", fields=())),
        await documents.get(DELETED_FORMS_PATH),
    )
    forms = {*(form.id for form in stored), *deleted.get("forms", ())}
    ids = {hashes.form_request_id(form, Address(kind="email", value=value)) for form in forms for value in addresses}
    for batch in chunked(sorted(ids), MAX_IDS_PER_QUERY):
        mails = await documents.query(Query(collection="claims", where=[Where("customer", "in", batch)]))
        requests = [Delete(f"form_requests/{request_id}") for request_id in batch]
        await documents.commit([*requests, *(redact_claim(claim) for claim in mails)])


def _new_request(form_id: str, email: str, name: str | None, *, ask: str, asks: int, now: datetime) -> dict[str, Any]:
    """The document of a request whose mail is to be published."""
    return {
        "form": form_id,
        "to": email,
        "name": name,
        "ask": ask,
        "asks": asks,
        "asked_at": now,
        "is_mail_pending": True,
        "expires_at": now + LINK_LIFETIME,
    }


def _is_over(stored: Snapshot, now: datetime) -> bool:
    """Whether nothing waits for its owner: there is no request, or it has expired, or was confirmed."""
    return not stored.exists or bool(stored["expires_at"] <= now) or bool(stored.get("is_done"))


def _may_ask(stored: Snapshot, now: datetime) -> bool:
    """Whether another mail may be sent. Not while a confirmation is being written."""
    if stored.exists and now < stored["asked_at"] + ASK_AGAIN_AFTER:
        return False
    if stored.get("confirmed_at") and not stored.get("is_done"):
        return bool(stored["expires_at"] <= now)
    return _is_over(stored, now) or stored["asks"] < MAX_ASKS


def _is_lost(stored: Snapshot, now: datetime) -> bool:
    """Whether the process died before it published the mail, which nobody has confirmed yet."""
    is_waiting = stored.get("is_mail_pending") and not stored.get("is_done")
    return bool(is_waiting and now >= stored["asked_at"] + PENDING_FOR)
