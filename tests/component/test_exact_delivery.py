"""No send where there is an outcome, and no new idempotency key unless the vendor itself said that it failed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta

import pytest

from common.errors import Refused, Unavailable
from common.events import Event, MessageReady, Receipt, ReceiptsReported, RecipientSelected, Retry
from common.ids import message_id
from common.messages.ledger import Statistics
from common.pubsub.push import PushMessage
from common.storage.documents import Delete, Query, Snapshot, Update
from receipts.composition import ReceiptsSettings
from receipts.composition import compose as compose_receipts
from receipts.record_dead_letter import DeadLetter
from tests.in_memory_herald import InMemoryHerald
from tests.support import SETTINGS
from vendor.vendor import Accepted, Rejected, VendorUnavailable

OUTCOMES = frozenset({"sent", "failed", "skipped", "unknown"})


class SentVendor:
    """Sends every message at once, unless it is told otherwise."""

    def __init__(self, herald: InMemoryHerald) -> None:
        self._vendor = herald.vendor
        self.answer: Accepted | Rejected | VendorUnavailable = Accepted(final=True)
        herald.vendor.send = self.send

    async def send(self, message: MessageReady) -> Accepted | Rejected:
        self._vendor.sent_keys.append(message.idempotency_key)
        if isinstance(self.answer, VendorUnavailable):
            raise self.answer
        return self.answer


def sends(herald: InMemoryHerald) -> SentVendor:
    return SentVendor(herald)


async def dead_letter(herald: InMemoryHerald, event: Event) -> None:
    """Pub/Sub gives the event up."""
    function = compose_receipts(
        documents=herald.documents,
        publisher=herald.publisher,
        settings=ReceiptsSettings(SETTINGS),
        clock=lambda: herald.now,
    )
    attributes = {"subscription": event.topic, "reason": "Given up."}
    pushed = PushMessage(data=event.encode(), attributes=attributes, subscription="dead-letters", attempt=1)
    await function.dead_letter_recorder.record(DeadLetter.from_push(pushed))


async def statistics(herald: InMemoryHerald) -> Statistics:
    """The statistics, after comparing them with the ledger."""
    numbers = await herald.ledger.statistics("c")
    assert await herald.ledger.discrepancy("c", numbers) is None
    outcomes = [numbers.kinds.get(kind, 0) for kind in ("sent", "failed", "skipped", "unknown")]
    assert numbers.audience == sum(outcomes) + numbers.pending
    return numbers


def nonzero(totals: Mapping[str, int]) -> dict[str, int]:
    return {kind: number for kind, number in totals.items() if number}


async def retry(herald: InMemoryHerald) -> None:
    await herald.lifecycle.retry(await herald.campaign(), by="me")
    await herald.work()


async def expire_documents(herald: InMemoryHerald) -> None:
    """Deletes what Firestore would have deleted by now."""
    for claim in await herald.documents.query(Query(collection="claims")):
        if claim.get("expires_at") and claim["expires_at"] <= herald.now:
            await herald.documents.commit([Delete(claim.path)])


async def report(herald: InMemoryHerald, person: str, kind: str, *, attempt: int = 1) -> None:
    """The vendor reports by callback."""
    ids = {"message_id": message_id("c", person), "campaign_id": "c", "customer_id": person, "attempt": attempt}
    receipt = Receipt.model_validate({**ids, "kind": kind, "at": herald.now})
    await herald.publisher.publish([ReceiptsReported(receipts=[receipt])])
    await herald.work()


async def test_copies_of_dead_lettered_recipients_are_not_sent_and_a_retry_keeps_the_key() -> None:
    """Personalization fails for 75 minutes; the copies of the watchdog outlive the originals."""
    herald = InMemoryHerald()
    people = await herald.add_customers(20)
    sends(herald)
    await herald.launch()
    originals: list[RecipientSelected] = []
    personalize = herald.handlers[RecipientSelected]

    async def refuse(recipient: RecipientSelected) -> None:
        originals.append(recipient)

    herald.handlers[RecipientSelected] = refuse
    await herald.work()
    for original in originals:
        await dead_letter(herald, original)
    assert (await statistics(herald)).kinds["failed"] == 20
    herald.handlers[RecipientSelected] = personalize
    await herald.publisher.publish(originals)  # the copies
    await herald.work()
    assert herald.vendor.sent_keys == []
    await retry(herald)
    assert sorted(herald.vendor.sent_keys) == sorted(message_id("c", person) for person in people)
    assert (await statistics(herald)).totals["sent"] == 20


async def test_retry_without_the_first_claim_keeps_the_key_that_the_vendor_may_have() -> None:
    """The vendor failed the first attempt and never reports on the second: the third has the second's key."""
    herald = InMemoryHerald()
    [person] = await herald.add_customers(1)
    message, vendor = message_id("c", person), sends(herald)
    vendor.answer = Rejected("The mailbox is full.", permanent=False)
    await herald.launch()
    await herald.work()
    vendor.answer = Accepted(final=False)
    await retry(herald)
    while (await statistics(herald)).pending:
        await herald.tick(minutes=60)
    await herald.documents.commit([Delete(f"claims/{message}")])
    await retry(herald)
    assert set(herald.vendor.sent_keys) == {message, f"{message}.2"}


async def test_accepted_message_after_a_weekends_pause_is_unknown_and_not_posted_again() -> None:
    """The vendor has forgotten the key by then. Its late report still replaces the assumption."""
    herald = InMemoryHerald()
    [person] = await herald.add_customers(1)
    sends(herald).answer = Accepted(final=False)
    await herald.launch()
    await herald.work()
    await herald.lifecycle.pause(await herald.campaign(), by="me")
    herald.now += timedelta(days=3)
    await herald.lifecycle.resume(await herald.campaign(), by="me")
    for _ in range(4):
        await herald.tick(minutes=11)
    assert herald.vendor.sent_keys == [message_id("c", person)]
    assert (await statistics(herald)).totals["unknown"] == 1
    assert (await herald.campaign())["state"] == "finished"
    await report(herald, person, "sent")
    assert (await statistics(herald)).totals["sent"] == 1


@pytest.mark.parametrize(
    ("answer", "kind"),
    [(Accepted(final=True), "sent"), (Rejected("The mailbox does not exist.", permanent=True, bounced=True), "failed")],
)
@pytest.mark.parametrize("has_ended", [False, True])
async def test_final_answer_that_cannot_be_reported_is_kept(
    monkeypatch: pytest.MonkeyPatch, answer: Accepted | Rejected, kind: str, has_ended: bool
) -> None:
    """Pub/Sub is down after the send. Days later the vendor has forgotten the key, but its answer is known; also to a
    copy that comes when the campaign is cancelled."""
    herald = InMemoryHerald()
    [person] = await herald.add_customers(1)
    sends(herald).answer = answer
    pushed: list[Event] = []
    deliver, herald.handlers[MessageReady] = herald.handlers[MessageReady], _note_in(pushed)
    await herald.launch()
    await herald.work()
    with monkeypatch.context() as broken:
        broken.setattr(herald.publisher, "publish", _refuse)
        with pytest.raises(Unavailable):
            await deliver(pushed[0])
    herald.handlers[MessageReady] = deliver
    await (herald.lifecycle.cancel if has_ended else herald.lifecycle.pause)(await herald.campaign(), by="me")
    herald.now += timedelta(days=3)
    if not has_ended:
        await herald.lifecycle.resume(await herald.campaign(), by="me")
    await herald.publisher.publish(pushed)
    await herald.work()
    await herald.tick(minutes=11)
    assert herald.vendor.sent_keys == [message_id("c", person)]
    assert nonzero((await statistics(herald)).totals).keys() & OUTCOMES == {kind}
    assert [one["kind"] for one in herald.documents.stored("receipts") if one["kind"] == "bounced"] == (
        ["bounced"] if kind == "failed" else []
    )


def _note_in(events: list[Event]) -> Callable[[Event], Awaitable[None]]:
    async def note(event: Event) -> None:
        events.append(event)

    return note


async def _refuse(events: Sequence[Event]) -> None:
    raise Unavailable("Pub/Sub is down.")


async def test_accepted_message_pushed_again_is_acknowledged() -> None:
    """It is neither refused until the lease ends nor posted again after it."""
    herald = InMemoryHerald()
    await herald.add_customers(1)
    sends(herald).answer = Accepted(final=False)
    pushed: list[MessageReady] = []
    deliver = herald.handlers[MessageReady]

    async def record_and_deliver(message: MessageReady) -> None:
        pushed.append(message)
        await deliver(message)

    herald.handlers[MessageReady] = record_and_deliver
    await herald.launch()
    await herald.work()
    assert await herald.deliver(pushed[0])
    herald.now += timedelta(minutes=6)
    assert await herald.deliver(pushed[0])
    assert len(herald.vendor.sent_keys) == 1


async def test_page_published_again_after_91_days_sends_to_nobody_twice() -> None:
    """Fan-out died before it marked the page; the campaign was paused for 91 days."""
    herald = InMemoryHerald(finishes_early=False)
    people = await herald.add_customers(5)
    sends(herald)
    await herald.launch()
    await herald.work()
    pages = await herald.documents.query(Query(collection="pages", id_from="c.", id_before="c.~"))
    await herald.documents.commit([Update(page.path, {"done": 0, "last": 0}) for page in pages])
    await herald.lifecycle.pause(await herald.campaign(), by="me")
    herald.now += timedelta(days=91)
    await expire_documents(herald)
    await herald.lifecycle.resume(await herald.campaign(), by="me")
    await herald.work()
    await herald.tick()
    assert Counter(herald.vendor.sent_keys) == Counter(message_id("c", person) for person in people)


async def test_late_report_replaces_an_assumed_failure_without_a_retry() -> None:
    """It is counted once, however often it comes; opens and sends agree."""
    herald = InMemoryHerald()
    [person] = await herald.add_customers(1)
    sends(herald).answer = Accepted(final=False)
    await herald.launch()
    await herald.work()
    while (await statistics(herald)).pending:
        await herald.tick(minutes=10)
    assert (await statistics(herald)).totals["failed"] == 1
    for _ in range(2):
        await report(herald, person, "sent")
    numbers = await statistics(herald)
    assert (numbers.totals["sent"], numbers.totals["failed"], numbers.retryable) == (1, 0, 0)
    await report(herald, person, "failed")
    assert (await statistics(herald)).totals["sent"] == 1


async def test_report_and_retry_of_one_failure_count_once() -> None:
    """The report replaces the failure first; the retry finds the next attempt done."""
    herald = InMemoryHerald()
    [person] = await herald.add_customers(1)
    sends(herald).answer = Accepted(final=False)
    await herald.launch()
    await herald.work()
    while (await statistics(herald)).pending:
        await herald.tick(minutes=60)
    sent = len(herald.vendor.sent_keys)
    await herald.lifecycle.retry(await herald.campaign(), by="me")
    await report(herald, person, "sent")
    await herald.work()
    await herald.tick()
    assert nonzero((await statistics(herald)).totals) == {"audience": 1, "sent": 1}
    assert len(herald.vendor.sent_keys) <= sent + 1
    assert set(herald.vendor.sent_keys) == {message_id("c", person)}


async def test_outcome_of_someone_whom_no_page_plans_is_refused(caplog: pytest.LogCaptureFixture) -> None:
    """Otherwise the campaign would have more outcomes than people, for ever."""
    herald = InMemoryHerald()
    people = await herald.add_customers(4, spend=100)
    await herald.add_customers(1, spend=1)
    sends(herald)
    await herald.launch("spend >= 100")
    await herald.work()
    await report(herald, people[0], "failed")
    assert nonzero((await statistics(herald)).totals) == {"audience": 3, "sent": 3}
    assert "not in the audience" in caplog.text


async def test_negative_pending_is_an_alarm(caplog: pytest.LogCaptureFixture) -> None:
    """Counters and ledger may agree with each other, and still not with the pages."""
    herald = InMemoryHerald(finishes_early=False)
    people = await herald.add_customers(2)
    sends(herald)
    await herald.launch()
    await herald.work()
    stranger = {"message_id": message_id("c", "x"), "campaign_id": "c", "customer_id": "x", "kind": "failed"}
    await herald.ledger.record([Receipt.model_validate({**stranger, "at": herald.now})])
    await herald.tick()
    assert people
    assert "pending_negative" in {record.__dict__.get("event") for record in caplog.records}


def take_retries(herald: InMemoryHerald) -> list[Retry]:
    """The commands of a retry, taken out of the queue."""
    commands = [event for event in herald.publisher.events if isinstance(event, Retry)]
    herald.publisher.events = [event for event in herald.publisher.events if not isinstance(event, Retry)]
    return commands


async def request_retry_of_failures(herald: InMemoryHerald) -> list[Retry]:
    """Asks for a retry before anybody of a campaign has failed; everybody will. Returns its commands."""
    await herald.add_customers(10)
    sends(herald).answer = Rejected("The mailbox is full.", permanent=False)
    await herald.launch()
    await herald.lifecycle.retry(await herald.campaign(), by="me")
    return take_retries(herald)


async def test_retry_command_delivered_again_opens_nothing_in_a_finished_campaign() -> None:
    """Its first delivery found no failures; people failed; a tick finished the campaign meanwhile."""
    herald = InMemoryHerald(finishes_early=False)
    commands = await request_retry_of_failures(herald)
    for command in commands:
        await herald.handlers[Retry](command)
    commands += [event for event in herald.publisher.events if isinstance(event, Retry)]
    await herald.work()

    read = herald.documents.get
    late: list[Snapshot] = []

    async def read_before_the_finish(path: str, **options: object) -> Snapshot:
        """The campaign as the command read it before the tick."""
        if path == "campaigns/c" and late:
            return late[0]
        return await read(path, **options)  # type: ignore[arg-type]

    before = await herald.campaign()
    await herald.tick()
    assert (await herald.campaign())["state"] == "finished"
    late.append(Snapshot(path=before.path, data={**(before.data or {}), "retrying": True}, version=None, at=before.at))
    herald.documents.get = read_before_the_finish  # type: ignore[method-assign]
    for command in commands:
        await herald.deliver(command)
    herald.documents.get = read  # type: ignore[method-assign]
    herald.publisher.events = []
    numbers = await statistics(herald)
    assert (numbers.pending, numbers.totals) == (0, (await herald.campaign())["totals"])


async def test_retry_that_has_ended_opens_nothing_although_a_slow_command_still_runs() -> None:
    """The command has read its shard before the end of the retry; its commit has that version as precondition."""
    herald = InMemoryHerald(finishes_early=False)
    commands = await request_retry_of_failures(herald)
    read, stale, is_slow = herald.documents.get, dict[str, Snapshot](), False

    async def read_before_the_end(path: str, **options: object) -> Snapshot:
        """The campaign and the shards as a command reads them that began before the retry ended."""
        if is_slow and path in stale:
            return stale.pop(path)
        found = await read(path, **options)  # type: ignore[arg-type]
        is_open = found.get("retrying") or found.get("done") is False
        if path.startswith(("retries/", "campaigns/")) and is_open and not is_slow:
            stale.setdefault(path, found)
        return found

    herald.documents.get = read_before_the_end  # type: ignore[method-assign]
    for command in commands:
        await herald.handlers[Retry](command)
    shards = take_retries(herald)
    for command in shards:
        await herald.handlers[Retry](command)
    await herald.work()
    await herald.tick()
    assert (await herald.campaign())["state"] == "finished"
    is_slow, begun = True, dict(stale)
    for command in shards:
        stale = dict(begun)
        with suppress(Unavailable):  # delivered again, it finds that the retry has ended
            await herald.handlers[Retry](command)
    assert not [one for one in herald.documents.stored("receipts") if one["kind"] == "retried"]


async def test_second_retry_publishes_only_the_last_attempts() -> None:
    """The first attempts failed too, and the second ones have their outcomes: nothing is published for them."""
    herald = InMemoryHerald()
    people = await herald.add_customers(10)
    sends(herald).answer = Rejected("The mailbox is full.", permanent=False)
    await herald.launch()
    await herald.work()
    for _ in range(2):
        await herald.lifecycle.retry(await herald.campaign(), by="me")
        published: list[Event] = []
        while retries := take_retries(herald):
            for command in retries:
                await herald.handlers[Retry](command)
            published += [event for event in herald.publisher.events if not isinstance(event, Retry)]
            herald.publisher.events = [event for event in herald.publisher.events if isinstance(event, Retry)]
        assert len([event for event in published if hasattr(event, "customer_id")]) == len(people)
        herald.publisher.events = published
        await herald.work()


async def test_retry_after_the_erasure_of_a_customer_finishes() -> None:
    """The message goes by its own id: the customer has none any more."""
    herald = InMemoryHerald()
    people = await herald.add_customers(3)
    vendor = sends(herald)
    vendor.answer = Rejected("The mailbox is full.", permanent=False)
    await herald.launch()
    await herald.work()
    await herald.tick()
    for person in people[:2]:
        receipt, claim = f"receipts/{message_id('c', person)}.outcome", f"claims/{message_id('c', person)}"
        await herald.documents.commit([Update(receipt, {"customer": "erased", "to": None}), Delete(claim)])
    vendor.answer = Accepted(final=True)
    await retry(herald)
    await herald.tick()
    assert nonzero((await statistics(herald)).totals) == {"audience": 3, "sent": 1, "skipped": 2}
    assert (await herald.campaign())["state"] == "finished"


async def test_retry_runs_in_parallel_shards() -> None:
    """Each shard has its own failures; together they have all of them."""
    herald = InMemoryHerald()
    people = await herald.add_customers(100)
    vendor = sends(herald)
    vendor.answer = Rejected("The mailbox is full.", permanent=False)
    await herald.launch()
    await herald.work()
    await herald.tick()
    vendor.answer = Accepted(final=True)
    await herald.lifecycle.retry(await herald.campaign(), by="me")
    await herald.work(max_events=1)
    assert len([event for event in herald.publisher.events if isinstance(event, Retry)]) > 10
    await herald.work()
    await herald.tick()
    keys = [key for key in herald.vendor.sent_keys if "." in key]
    assert sorted(keys) == sorted(f"{message_id('c', person)}.2" for person in people)
    assert (await herald.campaign())["state"] == "finished"


def unknown_alerts(caplog: pytest.LogCaptureFixture) -> list[tuple[str, int]]:
    """The campaigns and numbers of messages in the log entries that the alert is on."""
    details = [vars(record) for record in caplog.records if vars(record).get("event") == "outcome_unknown"]
    return [(detail["campaign"], detail["messages"]) for detail in details]


async def test_unknown_outcome_is_logged_when_the_watchdog_finds_it(caplog: pytest.LogCaptureFixture) -> None:
    """The function that fans out records it itself, so that no receipt is published."""
    await herald_with_unknown_message()
    assert unknown_alerts(caplog) == [("c", 1)]


async def test_unknown_outcome_is_logged_when_delivery_reports_it(caplog: pytest.LogCaptureFixture) -> None:
    """Also if the answer to the first commit was lost; not if the message has another outcome already."""
    herald = InMemoryHerald()
    [person, other] = await herald.add_customers(2)
    sends(herald).answer = Accepted(final=False)
    await herald.launch()
    await herald.work()
    await report(herald, other, "sent")
    for _ in range(2):
        await report(herald, person, "unknown")
        await report(herald, other, "unknown")
    assert unknown_alerts(caplog) == [("c", 1), ("c", 1)]
    assert (await statistics(herald)).totals["unknown"] == 1


async def test_unknown_messages_are_sent_again_only_if_a_person_decides_so() -> None:
    """With the same key, and once for each decision."""
    herald, person = await herald_with_unknown_message()
    await retry(herald)
    assert (len(herald.vendor.sent_keys), (await statistics(herald)).totals["unknown"]) == (1, 1)
    await herald.tick()
    sends(herald)
    await herald.lifecycle.retry(await herald.campaign(), by="me", scope="unknown")
    await herald.work()
    assert herald.vendor.sent_keys == [message_id("c", person)] * 2
    assert (await statistics(herald)).totals["sent"] == 1


async def test_unknown_messages_recorded_as_failed_are_not_retried() -> None:
    """A person's decision is an assumption, too: a report of the vendor replaces it."""
    herald, person = await herald_with_unknown_message()
    await herald.lifecycle.retry(await herald.campaign(), by="me", scope="unknown_as_failed")
    await herald.work()
    numbers = await statistics(herald)
    assert (numbers.totals["failed"], numbers.totals["unknown"], numbers.retryable) == (1, 0, 0)
    await herald.tick()
    assert (await herald.campaign())["state"] == "finished"
    await report(herald, person, "sent")
    assert (await statistics(herald)).totals["sent"] == 1
    assert len(herald.vendor.sent_keys) == 1


async def herald_with_unknown_message() -> tuple[InMemoryHerald, str]:
    """A finished campaign whose only message the vendor may have, and has forgotten."""
    herald = InMemoryHerald()
    [person] = await herald.add_customers(1)
    sends(herald).answer = Accepted(final=False)
    await herald.launch()
    await herald.work()
    await herald.tick()
    herald.now += timedelta(days=3)
    for _ in range(3):
        await herald.tick(minutes=11)
    assert (await herald.campaign())["state"] == "finished"
    return herald, person


async def test_wrong_settings_of_the_vendor_let_everybody_wait(caplog: pytest.LogCaptureFixture) -> None:
    """A rotated secret fails nobody, however long it takes; when it is right, everybody is sent to once."""
    vendors = pytest.importorskip("vendor.vendor")
    herald = InMemoryHerald()
    people = await herald.add_customers(30)
    vendor = sends(herald)
    vendor.answer = vendors.VendorMisconfigured("401 Unauthorized")
    await herald.launch()
    await herald.work()
    for _ in range(20):
        await herald.tick(minutes=10)
    assert (await statistics(herald)).pending == 30
    assert "vendor_misconfigured" in {record.__dict__.get("event") for record in caplog.records}
    vendor.answer, herald.vendor.sent_keys = Accepted(final=True), []
    for _ in range(4):
        await herald.tick(minutes=10)
    assert sorted(herald.vendor.sent_keys) == sorted(message_id("c", person) for person in people)


async def test_cancel_while_the_settings_are_wrong_skips_everybody() -> None:
    """The vendor surely has none of the messages, so that it need not be asked."""
    vendors = pytest.importorskip("vendor.vendor")
    herald = InMemoryHerald()
    await herald.add_customers(10)
    sends(herald).answer = vendors.VendorMisconfigured("401 Unauthorized")
    await herald.launch()
    await herald.work()
    await herald.lifecycle.cancel(await herald.campaign(), by="me")
    for _ in range(3):
        await herald.tick(minutes=6)
    assert (await statistics(herald)).skipped_reasons == {"cancelled": 10}


async def test_claims_are_deleted_90_days_after_the_end_of_their_campaign() -> None:
    """From then on nobody knows what the vendor has, so that the campaign cannot be retried."""
    herald = InMemoryHerald()
    await herald.add_customers(3)
    sends(herald)
    await herald.launch()
    await herald.work()
    await herald.tick()
    await herald.tick(minutes=89 * 24 * 60)
    assert len(await herald.documents.query(Query(collection="claims"))) == 3
    await herald.tick(minutes=2 * 24 * 60)
    assert await herald.documents.query(Query(collection="claims")) == []
    with pytest.raises(Refused, match="no longer stored"):
        await retry(herald)
