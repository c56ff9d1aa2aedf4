"""A no of a person holds whatever happens to their mailbox before and after it, until somebody lifts the no itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from common.addresses.address import Address
from common.addresses.state import AddressState
from common.errors import Conflict, Refused
from common.events import Receipt, ReceiptsReported
from common.ids import message_id
from common.storage.documents import Create, Put, Write
from customers.commands.suppress import SuppressionInput, SuppressionList
from customers.forms.requests import ASK_AGAIN_AFTER
from tests.component.test_callback_consequences import INBOX, PERSON, herald_with_messages
from tests.component.test_forms import FormSite
from tests.component.test_merge_customers import KEPT, OTHER, MergeFixture
from tests.in_memory_herald import InMemoryHerald
from tests.support import AT, HASHER

SOFT = "bounced three times"
HISTORIES: list[tuple[list[str], str | None]] = [
    (["unsubscribed", "bounced", "lift"], "unsubscribed"),
    (["unsubscribed", SOFT, "lift"], "unsubscribed"),
    (["unsubscribed", "bounced", "lift", "lift"], None),
    (["unsubscribed", "bounced", "lift", "bounced", "lift"], "unsubscribed"),
    (["unsubscribed", "lift", "bounced", "lift"], None),
    (["complained", "bounced", "lift"], "complained"),
    (["asked by phone", "bounced", "lift"], "asked by phone"),
    (["erased", "bounced", "lift"], "erased"),
    (["unsubscribed", "complained", "bounced", "lift"], "complained"),
    (["bounced", "unsubscribed", "lift"], None),
    (["bounced", "unsubscribed", "bounced", "lift"], "unsubscribed"),
    (["bounced", "lift"], None),
    (["bounced", SOFT, "lift"], None),
]
"""What happened to an address, in order, and why it is suppressed at the end."""


class AddressHistory:
    """One address, and what happens to it: a minute passes after each event."""

    def __init__(self) -> None:
        self.herald = InMemoryHerald()
        self.list = SuppressionList(self.herald.documents, hashes=HASHER, clock=lambda: self.herald.now)

    async def happen(self, *events: str, address: Address = INBOX, channels: tuple[str, ...] = ()) -> None:
        for event in events:
            if event == "lift":
                await self.list.lift(address, reason="asked us", by="admin@example.com")
            else:
                entry = SuppressionInput.model_validate({address.kind: address.value, "reason": event})
                await self.list.suppress([entry.model_copy(update={"channels": channels})], by="me")
            self.herald.now += timedelta(minutes=1)

    async def reason(self, address: Address = INBOX, channel: str = "email") -> str | None:
        stored = await self.herald.documents.get(HASHER.path(address))
        assert bool(stored.get("suppressed")) == bool(stored.get("suppressions"))
        reason: str | None = stored.get("suppressions", {}).get(channel, {}).get("reason")
        return reason

    async def flags(self) -> list[str]:
        customer = await self.herald.documents.get(f"customers/{PERSON}")
        flags: list[str] = customer["suppressed"]
        return flags


@pytest.mark.parametrize(("history", "reason"), HISTORIES)
async def test_lifting_a_bounce_leaves_the_no(history: list[str], reason: str | None) -> None:
    """With the flags of the customer, and when and by whom it was said. Lifting the no ends everything."""
    address = AddressHistory()
    await address.herald.add_customers(1)
    await address.happen(*history)
    assert await address.reason() == reason
    assert await address.flags() == (["email"] if reason else [])


@pytest.mark.parametrize("keeps_the_other", [False, True])
@pytest.mark.parametrize(("history", "reason"), HISTORIES)
async def test_no_at_an_address_that_a_merge_drops_holds_for_the_person(
    history: list[str], reason: str | None, keeps_the_other: bool
) -> None:
    """Whichever record is kept. What is only about the mailbox, or was lifted, says nothing about the person."""
    api = MergeFixture()
    await api.add_members("manager")
    api.kept, api.other = await api.add(KEPT), await api.add(OTHER)
    keep, drop, dropped = (api.kept, api.other, OTHER) if not keeps_the_other else (api.other, api.kept, KEPT)
    address = AddressHistory()
    address.list = SuppressionList(api.documents, hashes=HASHER, clock=lambda: address.herald.now)
    await address.happen(*history, address=Address(kind="email", value=str(dropped["email"])))
    await api.merge(keep=keep, merge=drop)
    customer = await api.get(keep)
    assert customer["consent"] == ({"email": False} if reason else {})
    assert customer["suppressed"] == []


@pytest.mark.parametrize("keeps_the_other", [False, True])
async def test_unsubscription_then_bounce_then_merge_is_a_no(keeps_the_other: bool) -> None:
    """The bounce is not lifted. Whoever has the kept address later says no, too."""
    api = MergeFixture()
    await api.add_members("manager")
    api.kept, api.other = await api.add(KEPT), await api.add(OTHER)
    keep, drop, dropped = (api.kept, api.other, OTHER) if not keeps_the_other else (api.other, api.kept, KEPT)
    for reason in ("unsubscribed", "bounced"):
        await api.call("POST", "/api/suppressions", json={"email": dropped["email"], "reason": reason})
    preview = await api.merge(keep=keep, merge=drop, confirm=False)
    assert preview["customer"]["consent"] == {"email": False}
    await api.merge(keep=keep, merge=drop)
    assert (await api.get(keep))["consent"] == {"email": False}


async def test_bounce_of_one_channel_does_not_lift_the_no_of_another() -> None:
    """A phone number has two. Only the flags of what was lifted go."""
    address, phone = AddressHistory(), Address(kind="phone", value="+919876543210")
    await address.herald.add_customers(1)
    stored = await address.herald.documents.get(f"customers/{PERSON}")
    await address.herald.documents.commit([Put(stored.path, {**(stored.data or {}), "phone": phone.value})])
    await address.happen("unsubscribed", address=phone, channels=("whatsapp",))
    await address.happen("bounced", address=phone, channels=("sms",))
    assert await address.flags() == ["sms", "whatsapp"]
    await address.happen("lift", address=phone)
    assert await address.flags() == ["whatsapp"]
    assert await address.reason(phone, "whatsapp") == "unsubscribed"
    assert await address.reason(phone, "sms") is None


@pytest.mark.parametrize("kinds", [("unsubscribed", "bounced"), ("bounced", "unsubscribed")])
async def test_both_reports_at_once_are_both_known(kinds: tuple[str, str]) -> None:
    """One commit records them; the bounce is shown, and the no is left when it is lifted."""
    herald = await herald_with_messages(1)
    ids = {"message_id": message_id("c0", PERSON), "campaign_id": "c0", "customer_id": PERSON, "at": herald.now}
    receipts = [Receipt.model_validate({**ids, "kind": kind, "permanent": kind == "bounced"}) for kind in kinds]
    await herald.publisher.publish([ReceiptsReported(receipts=receipts)])
    await herald.work()
    stored = await herald.documents.get(HASHER.path(INBOX))
    assert stored["suppressions"]["email"]["reason"] == "bounced"
    suppressions = SuppressionList(herald.documents, hashes=HASHER, clock=lambda: herald.now)
    left = await suppressions.lift(INBOX, reason="asked us", by="admin@example.com")
    assert left["email"]["reason"] == "unsubscribed"
    state = AddressState.from_snapshot(await herald.documents.get(HASHER.path(INBOX)))
    assert (set(state.suppressed), set(state.left)) == ({"email"}, {"email"})


@pytest.mark.parametrize(("before", "comes_back"), [(["unsubscribed"], True), (["complained", "unsubscribed"], False)])
async def test_who_unsubscribed_can_come_back_after_the_bounce_is_lifted(before: list[str], comes_back: bool) -> None:
    """By a form, as before the bounce. Who complained as well cannot, as before the bounce."""
    shop = await FormSite.with_form()
    for reason in (*before, "bounced"):
        await shop.suppress(reason=reason)
    await shop.send()
    await shop.herald.work()
    assert shop.vendor.mails == []
    suppressions = SuppressionList(shop.herald.documents, hashes=HASHER, clock=lambda: shop.herald.now)
    await suppressions.lift(Address(kind="email", value="asha@example.com"), reason="works again", by="admin")
    await shop.wait(ASK_AGAIN_AFTER)
    await shop.send()
    await shop.herald.work()
    assert len(shop.vendor.mails) == int(comes_back)
    if comes_back:
        await shop.press(await shop.link())
    assert await shop.suppressed_because() == (None if comes_back else "unsubscribed")


async def test_no_that_older_code_has_stored_is_known_below_a_bounce() -> None:
    """It had one reason for an address, without the no below it."""
    address = AddressHistory()
    entry = {"reason": "unsubscribed", "by": "smtp", "at": AT}
    stored = {"kind": "email", "at": AT, "changes": 1, "suppressed": True, "suppressions": {"email": entry}}
    await address.herald.documents.commit([Create(HASHER.path(INBOX), stored)])
    await address.happen("bounced", "lift")
    kept = (await address.herald.documents.get(HASHER.path(INBOX)))["suppressions"]["email"]
    assert kept == {**entry, "refusal": entry}


async def test_lifting_says_what_is_left() -> None:
    """The admin of an API program, and the site, learn that the address is still suppressed, and why."""
    api = MergeFixture()
    await api.add_members("admin")
    body: dict[str, Any] = {"email": "asha@example.com"}
    for reason in ("unsubscribed", "bounced"):
        await api.call("POST", "/api/suppressions", json=body | {"reason": reason})
    lift = body | {"reason": "mailbox works"}
    first = (await api.call("POST", "/api/suppressions/lift", json=lift)).json()["remaining"]
    assert (first["channels"], first["reason"]) == (["email"], "unsubscribed")
    [item] = (await api.call("GET", "/api/suppressions")).json()["items"]
    assert (item["reason"], item["by"], item["at"]) == (first["reason"], first["by"], first["at"])
    assert (await api.call("POST", "/api/suppressions/lift", json=lift)).json() == {"remaining": None}
    assert (await api.call("POST", "/api/suppressions/lift", json=lift)).status_code == 404


async def test_lift_that_is_sent_twice_does_not_end_the_no_below(monkeypatch: pytest.MonkeyPatch) -> None:
    """The second request means the bounce, too. Nor does a commit whose answer was lost, and which is built again."""
    address = AddressHistory()
    await address.happen("unsubscribed", "bounced")
    commit = address.herald.documents.commit

    async def lose_answer(writes: Sequence[Write]) -> None:
        monkeypatch.undo()
        await commit(writes)
        raise Conflict("The answer was lost, and the client has sent it again.")

    monkeypatch.setattr(address.herald.documents, "commit", lose_answer)
    left = await address.list.lift(INBOX, reason="asked us", by="admin@example.com", lifts="bounced")
    assert left["email"]["reason"] == await address.reason() == "unsubscribed"
    with pytest.raises(Refused, match="unsubscribed"):
        await address.list.lift(INBOX, reason="asked us", by="admin@example.com", lifts="bounced")
    assert await address.reason() == "unsubscribed"
    assert await address.list.lift(INBOX, reason="asked us", by="admin@example.com", lifts="unsubscribed") == {}


async def test_address_twice_in_one_list_keeps_both_reasons_and_all_channels() -> None:
    """A list of another system has a row for each event."""
    address, phone = AddressHistory(), Address(kind="phone", value="+919876543210")
    rows: list[dict[str, Any]] = [
        {"email": INBOX.value, "reason": "unsubscribed"},
        {"phone": phone.value, "channels": ["sms"]},
        {"email": INBOX.value, "reason": "bounced"},
        {"phone": phone.value, "channels": ["whatsapp"]},
    ]
    await address.list.suppress([SuppressionInput.model_validate(row) for row in rows], by="me")
    assert (await address.reason(phone, "sms"), await address.reason(phone, "whatsapp")) == ("by hand", "by hand")
    await address.happen("lift")
    assert await address.reason() == "unsubscribed"
