"""The owner of a mailbox confirms what was written into a form: only from then on they are known, and agree.

The click is written down first, with its time. What follows from it can be done again, with the same time, by whoever
presses the button once more after a process has died: people who unsubscribed meanwhile stay so, because that is newer.
A link works once. It cannot be used to agree again after somebody has left.

Who unsubscribed and confirms later has come back: the suppression that they asked for themselves is lifted. No other
one is: a bounce, a complaint, an erasure, or what a member has suppressed is not theirs to lift.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from common.addresses.address import Address
from common.addresses.holders import find_holders
from common.addresses.topics import Topic, consent_name, read_topics
from common.clock import Clock
from common.errors import Conflict, Unavailable
from common.mail.links import LinkedRequest
from common.storage.documents import Documents, Snapshot, Update, Write
from common.storage.optimistic_commit import commit_with_retry

from ..commands.suppress import SuppressionList
from ..commands.upsert import CustomerUpserts
from ..model.customer import ConsentInput, CustomerInput
from ..model.form import count_write, form_path
from .requests import CHANNEL

RequestState = Literal["open", "used", "gone"]


@dataclass(frozen=True, kw_only=True, slots=True)
class FoundRequest:
    """What a link is about."""

    state: RequestState
    topics: Sequence[Topic] = ()  # that the person agrees to; none: mails of any kind


class FormConfirmations:
    """Looks at links, and grants what they confirm."""

    def __init__(
        self, documents: Documents, *, upserts: CustomerUpserts, suppression_list: SuppressionList, clock: Clock
    ) -> None:
        self._documents = documents
        self._upserts = upserts
        self._suppression_list = suppression_list
        self._clock = clock

    async def find(self, link: LinkedRequest) -> FoundRequest:
        """What the link is about. Nothing changes."""
        stored, form = await self._documents.get_all([_path(link), form_path(link.form_id)])
        state = _state(stored, link) if form.exists else "gone"
        return FoundRequest(state=state, topics=await self._topics_of(form))

    async def confirm(self, link: LinkedRequest) -> RequestState:
        """Records the click and grants what the form asks for. Returns what the link was before: `open` means that it
        is confirmed now."""
        form = await self._documents.get(form_path(link.form_id))
        if not form.exists:
            return "gone"
        state, stored, clicked_at = await self._record_click(link)
        if state == "open":
            await self._grant(form, Address(kind="email", value=stored["to"]), stored["name"], at=clicked_at)
            void = {"is_done": True, "void_until": stored["expires_at"], "to": None, "name": None}
            with suppress(Conflict):  # erased meanwhile
                await self._documents.commit([Update(stored.path, void)])
        return state

    async def _topics_of(self, form: Snapshot) -> list[Topic]:
        """Those of the form that there still are: people agree to nothing that their page does not show."""
        wanted = form.get("topics", ())
        return [topic for topic in await read_topics(self._documents) if topic.name in wanted] if wanted else []

    async def _record_click(self, link: LinkedRequest) -> tuple[RequestState, Snapshot, datetime]:
        """Write down when the button was pressed first, and count it. Returns the request before, and that time."""

        async def build(_: int) -> tuple[tuple[RequestState, Snapshot, datetime], Sequence[Write]]:
            """The click with its count; nothing if there was one before, or the link confirms nothing."""
            stored, now = await self._documents.get(_path(link)), self._clock()
            state = _state(stored, link)
            known_at: datetime | None = stored.get("confirmed_at")
            if state != "open" or known_at:
                return (state, stored, known_at or now), []
            click = Update(stored.path, {"confirmed_at": now}, stored.version)
            return (state, stored, now), [click, count_write(link.form_id, link.request_id, "confirmed")]

        return await commit_with_retry(self._documents, build)

    async def _grant(self, form: Snapshot, address: Address, name: str | None, *, at: datetime) -> None:
        """The customer with the address is found or created, and says yes to the channel and the topics."""
        source, topics = f"form {form.id}: {form['name']}", await self._topics_of(form)
        await self._suppression_list.lift_own(address, until=at, reason="confirmed by a link", by=f"form {form.id}")
        said = ConsentInput(state="granted", at=at, source=source)
        consent = {consent_name(CHANNEL, topic): said for topic in (None, *(one.name for one in topics))}
        row = CustomerInput(email=address.value, consent=consent, **await self._new_name(address, name))
        [result] = await self._upserts.upsert([row], on_several_customers="oldest")
        if result.status == "rejected":
            raise Unavailable("This could not be written down; try again later.")

    async def _new_name(self, address: Address, name: str | None) -> dict[str, str]:
        """The name that was written into the form, unless the customer has one already."""
        is_known = any(holder.get("name") for holder in await find_holders(self._documents, [address]))
        return {"name": name} if name and not is_known else {}


def _path(link: LinkedRequest) -> str:
    return f"form_requests/{link.request_id}"


def _state(stored: Snapshot, link: LinkedRequest) -> RequestState:
    """Whether the link, which has not expired, confirms something: each works once."""
    if not stored.exists or stored["form"] != link.form_id:
        return "gone"
    void = stored.get("void_until")
    return "used" if stored.get("is_done") or (void and link.until <= void) else "open"
