"""Who opens a mail and follows its links is counted once, machines apart, and no link leads anywhere else."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from common.events import MessageReady, Receipt, ReceiptsReported, TrackingChoice, UtmTags
from common.ids import message_id
from common.mail.layout import MailLook
from common.mail.links import LinkedMessage, MessageLinks, link_id
from common.mail.markdown import find_links
from common.mail.tracking import Tracking, with_utm_tags
from common.storage.documents import Create, Delete, Query, Update, Where
from receipts.composition import ReceiptsFunction, ReceiptsSettings
from receipts.composition import compose as compose_receipts
from receipts.machines import is_machine
from receipts.recorder import ReceiptRecorder
from receipts.vendor_receipts import parse
from tests.component.test_api_campaigns import CampaignsApiFixture
from tests.component.test_smtp_vendor import message
from tests.in_memory_herald import InMemoryHerald, InMemoryVendor
from tests.support import HASHER, SETTINGS, ApiClient, customer_id, planned_pages
from vendor.vendor import Accepted, Rejected
from vendor.vendors.smtp.mail import MailComposer, SenderSettings

CAMPAIGN = "c0ffee"
SALE, HELP, OWN = "https://shop.example/sale?a=1", "https://shop.example/help", "https://shop.example/p/7"
LINKS = MessageLinks(SecretStr(SETTINGS["SUPPRESSION_KEY"]))
BROWSER = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"
APPLE = "Mozilla/5.0"
GMAIL = "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)"


def linked(person: str, attempt: int = 1) -> LinkedMessage:
    return LinkedMessage(campaign_id=CAMPAIGN, customer_id=person, attempt=attempt)


def click_link(person: str, url: str = SALE, *, attempt: int = 1) -> str:
    return LINKS.click_url(linked(person, attempt), url, link=link_id(url))


class Readers:
    """Three people with a message of a campaign, their browsers, and the machines on the way."""

    def __init__(self, herald: InMemoryHerald) -> None:
        self.herald = herald
        self.people = [customer_id("external_id", str(number)) for number in range(3)]
        self.seconds = 0.0
        function = self._function(lambda _seconds: asyncio.sleep(0.05))
        self.call = ApiClient(function.app)
        self.ledger = function.ledger
        self.sent: list[ReceiptsReported] = []

    @classmethod
    async def with_messages(cls, **campaign: Any) -> Readers:
        readers = cls(InMemoryHerald())
        await readers.herald.add_customers(3)
        stored = {"state": "running", "channel": "email", "vendor": "smtp", "links": [SALE, HELP], **campaign}
        await readers.herald.documents.commit(
            [Create(f"campaigns/{CAMPAIGN}", stored), *planned_pages(CAMPAIGN, readers.people)]
        )
        return readers

    async def open_second_attempt(self, person: int) -> None:
        """As a retry does after a failure, which is not in the ledger here."""
        ids = {"campaign_id": CAMPAIGN, "customer_id": self.people[person]}
        opening = {"kind": "retried", "replaces": "failed", "attempt": 2, "at": self.herald.now}
        receipt = {**ids, **opening, "message_id": message_id(CAMPAIGN, self.people[person])}
        await self.ledger.record([Receipt.model_validate(receipt)])

    async def ask(self, link: str, method: str = "GET", **headers: str) -> httpx.Response:
        return await self.call(method, link, by=None, headers={"user-agent": BROWSER, **headers})

    async def click(self, person: int, url: str = SALE, *, method: str = "GET", **headers: str) -> httpx.Response:
        """One click; then a minute passes."""
        answer = await self.ask(click_link(self.people[person], url), method, **headers)
        await self.record()
        self.herald.now += timedelta(minutes=1)
        return answer

    async def open(self, person: int, **headers: str) -> httpx.Response:
        answer = await self.ask(LINKS.open_url(linked(self.people[person])), **headers)
        await self.record()
        return answer

    async def record(self, *, times: int = 2) -> None:
        """Delivers everything that was reported several times, in instances that take real time to wait."""
        events = self.reported()
        self.sent += events
        for _ in range(times):
            recorder = self.recorder(lambda _seconds: asyncio.sleep(0.05))
            await asyncio.gather(*(recorder.record(event) for event in events))

    def reported(self) -> list[ReceiptsReported]:
        """What was reported since the last call."""
        events = [event for event in self.herald.publisher.events if isinstance(event, ReceiptsReported)]
        self.herald.publisher.events.clear()
        return events

    def recorder(self, sleep: Callable[[float], Awaitable[object]]) -> ReceiptRecorder:
        """That of another instance."""
        return self._function(sleep).recorder

    def _function(self, sleep: Callable[[float], Awaitable[object]]) -> ReceiptsFunction:
        return compose_receipts(
            documents=self.herald.documents,
            publisher=self.herald.publisher,
            settings=ReceiptsSettings(SETTINGS),
            clock=lambda: self.herald.now,
            monotonic=lambda: self.seconds,
            sleep=sleep,
        )

    async def numbers(self) -> dict[str, Any]:
        """What the counters say, which must be what the ledger has."""
        statistics = await self.ledger.statistics(CAMPAIGN)
        assert await self.ledger.discrepancy(CAMPAIGN, statistics) is None
        kinds = {kind: number for kind, number in statistics.kinds.items() if number}
        return kinds | ({"links": dict(statistics.links)} if statistics.links else {})


async def test_click_leads_on_and_counts_once_for_each_person_and_link() -> None:
    """A second click on the same link counts nothing; one on another link counts for that link only."""
    readers = await Readers.with_messages()
    answer = await readers.click(0)
    assert (answer.status_code, answer.headers["location"]) == (302, SALE)
    assert answer.headers["cache-control"] == "private, no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    await readers.click(0)
    await readers.click(0, HELP)
    await readers.click(1)
    assert await readers.numbers() == {
        "opened": 2,
        "clicked": 2,
        "link_clicked": 3,
        "links": {link_id(SALE): 2, link_id(HELP): 1},
    }


async def test_person_counts_once_whatever_the_attempt() -> None:
    """A mail that was sent again has links of its own; they are the same person's. Machines count for each attempt."""
    readers = await Readers.with_messages()
    await readers.open_second_attempt(0)
    for attempt in (2, 1, 2):
        await readers.ask(LINKS.open_url(linked(readers.people[0], attempt)), **{"user-agent": APPLE})
        await readers.ask(click_link(readers.people[0], attempt=attempt))
        await readers.record()
        readers.herald.now += timedelta(minutes=1)
    assert await readers.numbers() == {
        "retried": 1, "failed": -1, "opened": 1, "clicked": 1, "link_clicked": 1, "machine_opened": 2,
        "links": {link_id(SALE): 1},
    }  # fmt: skip
    engagements = await readers.herald.documents.query(
        Query(collection="receipts", where=[Where("kind", "in", ["opened", "clicked"])])
    )
    assert len(engagements) == 2


async def test_what_older_code_counted_for_a_second_attempt_is_not_counted_again() -> None:
    """Its receipts have the attempt in their id."""
    readers = await Readers.with_messages()
    await readers.open_second_attempt(0)
    message_of_0 = message_id(CAMPAIGN, readers.people[0])
    ids = {"message": message_of_0, "campaign": CAMPAIGN, "customer": readers.people[0], "attempt": 2}
    stored = {"opened": {}, "clicked": {}, f"link_clicked-{link_id(SALE)}": {"link": link_id(SALE)}}
    for slot, details in stored.items():
        kind = slot.partition("-")[0]
        document = {**ids, **details, "kind": kind, "slot": kind, "at": readers.herald.now}
        await readers.herald.documents.commit([Create(f"receipts/{message_of_0}.{slot}.2", document)])
    await readers.ask(click_link(readers.people[0], attempt=2))
    await readers.ask(LINKS.open_url(linked(readers.people[0], 2)))
    await readers.record()
    assert (await readers.ledger.statistics(CAMPAIGN)).kinds["opened"] == 0
    receipts = await readers.herald.documents.query(Query(collection="receipts"))
    assert len(receipts) == len(stored) + 1


async def test_links_that_differ_from_person_to_person_are_counted_together() -> None:
    """Otherwise the counters would grow with every person."""
    readers = await Readers.with_messages()
    await readers.click(0, OWN)
    await readers.click(1, OWN + "1")
    assert await readers.numbers() == {"opened": 2, "clicked": 2, "link_clicked": 2, "links": {"other": 2}}


async def test_opening_is_counted_once_and_machines_apart() -> None:
    """The image of a proxy says nothing about the person, who may open the message later."""
    readers = await Readers.with_messages()
    for agent in (APPLE, GMAIL, APPLE):
        answer = await readers.open(0, **{"user-agent": agent})
        assert (answer.status_code, answer.headers["content-type"]) == (200, "image/gif")
    assert await readers.numbers() == {"machine_opened": 1}
    await readers.open(0)
    await readers.open(0)
    assert await readers.numbers() == {"machine_opened": 1, "opened": 1}


async def test_head_prefetching_and_scanners_are_no_people() -> None:
    """They are led on as people are, and count as machines, once for a message."""
    readers = await Readers.with_messages()
    assert (await readers.click(0, method="HEAD")).headers["location"] == SALE
    await readers.click(0, HELP, **{"sec-purpose": "prefetch;prerender"})
    await readers.click(1, **{"user-agent": "Barracuda Sentinel (EE)"})
    assert await readers.numbers() == {"machine_clicked": 2}


async def test_all_links_at_once_are_a_scanner_whatever_its_name() -> None:
    """Nobody follows two links of a message within a second. Another person at the same moment is a person, and so is
    the same one later."""
    readers = await Readers.with_messages()
    first, second = readers.people[:2]
    for link in (click_link(first, SALE), click_link(first, HELP), click_link(first, OWN), click_link(second)):
        await readers.ask(link)
        readers.herald.now += timedelta(milliseconds=200)
    await readers.record()
    assert await readers.numbers() == {
        "machine_clicked": 1, "opened": 1, "clicked": 1, "link_clicked": 1, "links": {link_id(SALE): 1},
    }  # fmt: skip
    readers.herald.now += timedelta(minutes=1)
    await readers.click(0)
    assert (await readers.numbers())["links"] == {link_id(SALE): 2}


async def test_scanner_is_known_in_a_backlog() -> None:
    """The clicks are judged long after they were made, and not all at once: what counts is when they were made."""
    readers = await Readers.with_messages()
    for link in (SALE, HELP):
        await readers.ask(click_link(readers.people[0], link))
    readers.herald.now += timedelta(minutes=5)
    sale, help_ = readers.reported()
    later = asyncio.Event()

    async def sleep(_seconds: float) -> None:
        await later.wait()

    first = asyncio.create_task(readers.recorder(sleep).record(sale))
    await asyncio.sleep(0.05)
    second = asyncio.create_task(readers.recorder(sleep).record(help_))
    await asyncio.sleep(0.05)
    later.set()
    await asyncio.gather(first, second)
    assert await readers.numbers() == {"machine_clicked": 1}


async def test_link_that_is_followed_again_and_again_is_reported_a_few_times() -> None:
    """It leads on each time; a person and a machine, and each link, are limited apart. Later it is reported again."""
    readers = await Readers.with_messages()
    link, image = click_link(readers.people[0]), LINKS.open_url(linked(readers.people[0]))
    for _ in range(10):
        assert (await readers.ask(link)).headers["location"] == SALE
        assert (await readers.ask(image)).status_code == 200
        assert (await readers.ask(link, "HEAD")).status_code == 302
    assert Counter(event.receipts[0].kind for event in readers.reported()) == {
        "link_clicked": 3, "opened": 3, "machine_clicked": 3,
    }  # fmt: skip
    await readers.ask(click_link(readers.people[0], HELP))
    readers.seconds += 60
    await readers.ask(link)
    assert len(readers.reported()) == 2


async def test_link_of_an_erased_person_leads_on_and_records_nothing() -> None:
    """Nothing is stored about somebody who is gone, although their mail is still in a mailbox."""
    readers = await Readers.with_messages()
    await readers.herald.documents.commit([Delete(f"customers/{readers.people[0]}")])
    assert (await readers.click(0)).headers["location"] == SALE
    assert (await readers.open(0)).status_code == 200
    assert await readers.numbers() == {}
    assert not await readers.herald.documents.query(Query(collection="visits"))


async def test_link_of_a_merged_person_is_that_persons() -> None:
    """The message is found under the customer into whom the record was merged."""
    readers = await Readers.with_messages()
    person = readers.people[0]
    stored = await readers.herald.documents.get(f"customers/{person}")
    await readers.herald.documents.commit(
        [Create("customers/abc", dict(stored.data or {})), Update(stored.path, {"merged_into": "abc"})]
    )
    await readers.click(0)
    assert (await readers.numbers())["clicked"] == 1


async def test_clicks_after_the_receipts_were_removed_count_nothing() -> None:
    """The statistics stay as they were: nobody knows any more who clicked before."""
    readers = await Readers.with_messages()
    await readers.herald.documents.commit([Update(f"campaigns/{CAMPAIGN}", {"purged_at": readers.herald.now})])
    await readers.click(0)
    assert await readers.numbers() == {}


async def test_folded_counters_keep_the_clicks() -> None:
    """When the records of a campaign are removed, its numbers stay."""
    readers = await Readers.with_messages()
    await readers.click(0)
    before = await readers.ledger.statistics(CAMPAIGN)
    await readers.ledger.fold(CAMPAIGN)
    after = await readers.ledger.statistics(CAMPAIGN)
    assert (after.links, after.kinds) == (before.links, before.kinds)
    assert after.links == {link_id(SALE): 1}


PERSON = "ab" * 16
TOKEN = click_link(PERSON).rpartition("/")[2]
FORGED = [
    "/api/c/x",
    "/api/c/...",
    "/api/c/%ff%00",
    "/api/c/" + "a" * 5_000,
    "/api/c/" + TOKEN[:-1] + ("0" if TOKEN[-1] != "0" else "1"),
    "/api/c/" + TOKEN.replace(PERSON, "cd" * 16),
    click_link(PERSON).replace(link_id(SALE), link_id(HELP)),
    MessageLinks(SecretStr("another key of somebody")).click_url(linked(PERSON), "https://evil.example", link="x"),
    LINKS.open_url(linked(PERSON)).replace("/api/o/", "/api/c/"),
    LINKS.unsubscribe_url(linked(PERSON)).replace("/api/unsubscribe/", "/api/o/"),
    "/api/o/x",
]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("link", FORGED)
async def test_link_that_herald_did_not_make_leads_nowhere(link: str, method: str) -> None:
    """There is no open redirect: any change of a link, and a link for another purpose, gets a plain page."""
    readers = await Readers.with_messages()
    answer = await readers.ask(link, method if "/api/c/" in link else "GET")
    assert answer.status_code == 404
    assert "location" not in answer.headers
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert not readers.herald.publisher.events


def test_token_has_no_personal_data() -> None:
    """The ids in it are hashes with the deployment's key."""
    assert HASHER.customer_id("email", "asha@example.com") != "asha@example.com"
    assert "asha" not in click_link(HASHER.customer_id("email", "asha@example.com"))


async def test_vendor_cannot_report_what_herald_sees_itself() -> None:
    """A callback with such a kind is refused, and its own fields of a receipt are not read."""
    ids = {"message_id": message_id(CAMPAIGN, PERSON), "campaign_id": CAMPAIGN, "customer_id": PERSON}
    event = {**ids, "at": "2026-01-01"}
    for kind in ("link_clicked", "machine_opened", "machine_clicked"):
        assert [error.field for error in parse([{**event, "kind": kind}]).refused] == ["events.0.kind"]
    [receipt] = parse([{**event, "kind": "opened", "tracked": True, "link": "x", "replaces": "sent"}]).receipts
    assert (receipt.tracked, receipt.link, receipt.replaces) == (False, None, None)


@pytest.mark.parametrize(
    ("agent", "expected"),
    [
        (BROWSER, False),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148", False),
        ("Mozilla/4.0 (compatible; ms-office; MSOffice 16)", False),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Thunderbird/140.0", False),
        (APPLE, True),
        (GMAIL, True),
        ("", True),
        ("YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html", True),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/42.0.2311.135 "
            "Safari/537.36 Edge/12.246 Mozilla/5.0",
            True,
        ),
        ("python-requests/2.32", True),
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 HeadlessChrome/130.0.0.0 Safari/537.36", True),
        ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", True),
    ],
)
def test_machines_are_known_by_their_names(agent: str, expected: bool) -> None:
    """Browsers and mail programs are people's; libraries, scanners and proxies are not."""
    assert is_machine({"user-agent": agent}) is expected


def composed(body: str, *, is_tracking: bool = False, **fields: Any) -> Mapping[str, str]:
    """The two parts of a mail to a message's recipient, and its header to unsubscribe."""
    composer = MailComposer(
        sender=SenderSettings(sender="news@shop.example"),
        look=MailLook(shop_name="Rao's Shop"),
        links=LINKS,
        hasher=HASHER,
        is_tracking=is_tracking,
    )
    mail = message_from_bytes(composer.compose(message(body=body, **fields)).content, policy=default)
    parts = {part.get_content_subtype(): str(part.get_content()) for part in mail.iter_parts()}
    return {**parts, "unsubscribe": str(mail["List-Unsubscribe"])}


BODY = f"Dear Asha\n\n[Come in]({SALE}) or write to [us](mailto:us@shop.example)\n\nhttps://shop.example/help"


def test_links_of_a_tracked_mail_lead_over_herald_in_both_parts() -> None:
    """All but those to mailboxes, and never the one to unsubscribe. An image is at the end."""
    mail = composed(BODY, is_tracking=True)
    for part in (mail["html"], mail["plain"]):
        assert part.count("/api/c/") == 2
        assert SALE not in part
        assert "mailto:us@shop.example" in part or "us@shop.example" in part
        assert "/api/unsubscribe/" in part
    assert mail["html"].count("/api/o/") == 1
    assert 'width="1" height="1" alt=""' in mail["html"]
    assert "/api/o/" not in mail["plain"]
    assert "/api/c/" not in mail["unsubscribe"]
    token = mail["html"].partition("/api/c/")[2].partition('"')[0]
    read = LINKS.read_click(token)
    assert read
    assert (read.address, read.link) == (SALE, link_id(SALE))


@pytest.mark.parametrize(
    ("deployment", "campaign", "expected"),
    [(False, None, False), (True, None, True), (False, True, True), (True, False, False)],
)
def test_campaign_decides_and_otherwise_the_deployment(deployment: bool, campaign: bool | None, expected: bool) -> None:
    """By default nobody is tracked. A test message never is."""
    choice = TrackingChoice(enabled=campaign)
    assert ("/api/c/" in composed(BODY, is_tracking=deployment, tracking=choice)["html"]) is expected
    test = composed(BODY, is_tracking=deployment, tracking=choice, campaign_id="test-5d4c0a")
    assert "/api/c/" not in test["html"] + test["plain"]
    assert "/api/o/" not in test["html"]


UTM = UtmTags(source="herald", medium="email", campaign="diwali sale")


@pytest.mark.parametrize(
    ("address", "tagged"),
    [
        ("https://a.example", "https://a.example?utm_source=herald&utm_medium=email&utm_campaign=diwali%20sale"),
        ("https://a.example/?x=1#top", "https://a.example/?x=1&utm_source=herald&utm_medium=email&utm_campaign=diwali%20sale#top"),
        ("https://a.example/?utm_source=own", "https://a.example/?utm_source=own&utm_medium=email&utm_campaign=diwali%20sale"),
        ("https://a.example/?q=a%2Bb&empty=", "https://a.example/?q=a%2Bb&empty=&utm_source=herald&utm_medium=email&utm_campaign=diwali%20sale"),
    ],
)  # fmt: skip
def test_tags_are_added_where_the_author_has_none(address: str, tagged: str) -> None:
    """The author's own tags are kept, and nothing else of the address changes."""
    assert with_utm_tags(address, UTM) == tagged


def test_tagged_link_is_the_same_link_in_the_numbers() -> None:
    """Links are counted as the author wrote them; tags work without tracking, too."""
    tracking = Tracking(links=LINKS, message=linked(PERSON), utm=UTM)
    read = LINKS.read_click(tracking.change_link(SALE).rpartition("/")[2])
    assert read
    assert (read.link, read.address) == (link_id(SALE), with_utm_tags(SALE, UTM))
    assert Tracking(links=LINKS, message=None, utm=UTM).change_link(SALE) == with_utm_tags(SALE, UTM)


def test_long_address_is_not_tracked() -> None:
    """Some mail programs cut off very long links."""
    address = "https://shop.example/" + "a" * 2_000
    assert Tracking(links=LINKS, message=linked(PERSON)).change_link(address) == address


def test_links_of_a_message_are_found_in_their_order() -> None:
    """Each once, as the mail has them; images and mailboxes are no links."""
    body = f"{BODY}\n\n![x](https://shop.example/x.png) [again]({SALE}) <{OWN}>"
    assert find_links(body) == [SALE, HELP, OWN]


async def test_tracked_receipt_of_an_unknown_campaign_is_not_recorded() -> None:
    """The campaign was deleted, or the link is of another deployment with the same key."""
    readers = await Readers.with_messages()
    seen = Receipt(
        message_id=message_id("abc", PERSON), campaign_id="abc", customer_id=PERSON, kind="opened",
        at=readers.herald.now, tracked=True,
    )  # fmt: skip
    await readers.herald.receipts_function().recorder.record(ReceiptsReported(receipts=[seen]))
    assert not await readers.herald.documents.query(Query(collection="receipts"))


async def test_statistics_have_each_link_of_the_message_and_the_others_together() -> None:
    """In the order of the message, also those that nobody followed; a link with a person's value is not one of them."""
    api = CampaignsApiFixture()
    await api.customers()
    body = f"[Come in]({SALE}) {HELP} [yours](https://shop.example/p/{{{{city}}}})"
    draft = {"message": {"subject": "Sale", "body": body}, "tracking": {"enabled": True, "utm": {"campaign": "diwali"}}}
    created = (await api.campaign(text="spend > 10000", **draft)).json()
    assert created["tracking"] == {
        "enabled": True, "utm": {"source": "herald", "medium": "email", "campaign": "diwali"},
    }  # fmt: skip
    path = f"/api/campaigns/{created['id']}"
    assert (await api.call("POST", f"{path}/launch")).is_success
    big = customer_id("external_id", "big")
    ids = {"message_id": message_id(created["id"], big), "campaign_id": created["id"], "customer_id": big}
    seen = [("link_clicked", link_id(HELP)), ("link_clicked", "other"), ("machine_opened", None), ("opened", None)]
    await api.ledger.record(
        [Receipt.model_validate({**ids, "kind": kind, "at": api.now, "link": link}) for kind, link in seen]
    )
    statistics = (await api.call("GET", f"{path}/statistics")).json()
    assert statistics["links"] == [
        {"url": SALE, "people": 0}, {"url": HELP, "people": 1}, {"url": None, "people": 1},
    ]  # fmt: skip
    assert (statistics["opened"], statistics["machine_opened"], statistics["machine_clicked"]) == (1, 1, 0)


class ChoiceRecordingVendor(InMemoryVendor):
    """Keeps the choices of the messages that it gets."""

    def __init__(self) -> None:
        super().__init__()
        self.choices: set[TrackingChoice] = set()

    async def send(self, message: MessageReady) -> Accepted | Rejected:
        self.choices.add(message.tracking)
        return await super().send(message)


async def test_delivery_reads_the_choice_of_the_campaign_when_it_sends() -> None:
    """A message that waits needs not carry it, and a copy from a retry has the same."""
    herald = InMemoryHerald()
    vendor = herald.vendor = ChoiceRecordingVendor()
    herald.restart()
    await herald.add_customers(3)
    await herald.launch(tracking={"enabled": True, "utm": None})
    await herald.work()
    assert vendor.choices == {TrackingChoice(enabled=True)}
