"""Who follows the link in a message gets no more."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta

import httpx
import pytest
from pydantic import SecretStr

from common.ids import message_id
from common.mail.links import LinkedMessage, MessageLinks
from common.storage.documents import Create, Delete, Put, Query, Update, Where
from customers.commands.suppress import SuppressionList
from customers.commands.upsert import CustomerUpserts
from customers.model.customer import CustomerInput
from tests.in_memory_herald import NOW, InMemoryHerald
from tests.support import HASHER, SETTINGS, ApiClient, customer_id, email, planned_pages

PERSON = customer_id("external_id", "0")
INBOX = email("p0@example.com")
CAMPAIGN = "c0ffee"
LINKS = MessageLinks(SecretStr(SETTINGS["SUPPRESSION_KEY"]))
MESSAGE = LinkedMessage(campaign_id=CAMPAIGN, customer_id=PERSON, attempt=1)
LINK = LINKS.unsubscribe_url(MESSAGE)
ONE_CLICK = {"content-type": "application/x-www-form-urlencoded"}


class MailReader:
    """Somebody with a message of a campaign, and their mail program."""

    def __init__(self, herald: InMemoryHerald) -> None:
        self.herald = herald
        self.call = ApiClient(herald.receipts_function().app)

    @classmethod
    async def with_message(cls, *, database_time: datetime = NOW) -> MailReader:
        herald = InMemoryHerald(database_time=database_time)
        await herald.add_customers(1)
        sent = {"campaign": CAMPAIGN, "customer": PERSON, "to": INBOX.value, "channel": "email", "vendor": "smtp"}
        await herald.documents.commit(
            [
                Create(f"campaigns/{CAMPAIGN}", {"state": "running", "channel": "email", "vendor": "smtp"}),
                Create(f"claims/{message_id(CAMPAIGN, PERSON)}", {**sent, "at": herald.now}),
                *planned_pages(CAMPAIGN, [PERSON]),
            ]
        )
        return cls(herald)

    async def open(self, link: str = LINK, **headers: str) -> httpx.Response:
        return await self.call("GET", link, by=None, headers=headers)

    async def click(self, link: str = LINK) -> httpx.Response:
        """As a mail program does it by RFC 8058; then a minute passes."""
        answer = await self.call("POST", link, by=None, content=b"List-Unsubscribe=One-Click", headers=ONE_CLICK)
        await self.herald.work()
        self.herald.now += timedelta(minutes=1)
        return answer

    async def suppressed_because(self) -> str | None:
        stored = await self.herald.documents.get(HASHER.path(INBOX))
        reason: str | None = stored.get("suppressions", {}).get("email", {}).get("reason")
        return reason


async def test_opening_the_link_changes_nothing_and_the_button_does() -> None:
    """Scanners and mail programs open links; only a POST counts."""
    reader = await MailReader.with_message()
    page = await reader.open()
    await reader.herald.work()
    assert page.status_code == 200
    assert '<form method="post"><button>Yes, unsubscribe</button></form>' in page.text
    assert await reader.suppressed_because() is None
    done = await reader.click()
    assert (done.status_code, "You are unsubscribed" in done.text) == (200, True)
    assert await reader.suppressed_because() == "unsubscribed"
    assert (await reader.herald.ledger.statistics(CAMPAIGN)).kinds["unsubscribed"] == 1


async def test_second_click_counts_once_but_is_heard_after_a_new_consent() -> None:
    """A person who came back and says no again is suppressed again."""
    reader = await MailReader.with_message()
    await reader.click()
    await reader.click()
    assert (await reader.herald.ledger.statistics(CAMPAIGN)).kinds["unsubscribed"] == 1
    suppressions = SuppressionList(reader.herald.documents, hashes=HASHER, clock=lambda: reader.herald.now)
    await suppressions.lift(INBOX, reason="asked by phone", by="admin@example.com")
    assert await reader.suppressed_because() is None
    await reader.click()
    assert await reader.suppressed_because() == "unsubscribed"


async def test_link_works_after_the_claim_is_deleted() -> None:
    """The customer's address of now stands for the one that the message went to."""
    reader = await MailReader.with_message()
    await reader.herald.documents.commit([Delete(f"claims/{message_id(CAMPAIGN, PERSON)}")])
    await reader.click()
    assert await reader.suppressed_because() == "unsubscribed"


async def test_link_in_a_message_to_a_merged_customer_works() -> None:
    """The customer whom the record became a part of has the address now."""
    reader = await MailReader.with_message()
    person = await reader.herald.documents.get(f"customers/{PERSON}")
    await reader.herald.documents.commit(
        [
            Create("customers/abc", {**(person.data or {}), "id": "abc"}),
            Put(f"customers/{PERSON}", {"merged_into": "abc", "bucket": person["bucket"]}),
            Delete(f"claims/{message_id(CAMPAIGN, PERSON)}"),
        ]
    )
    await reader.click()
    assert await reader.suppressed_because() == "unsubscribed"


NEW_INBOX = email("new@example.com")
WITH_ADDRESS = LINKS.unsubscribe_url(replace(MESSAGE, address_hash=HASHER.hash(INBOX)))


async def has_new_address(reader: MailReader) -> None:
    """The claim is gone, and the customer has another address by now."""
    await reader.herald.documents.commit(
        [
            Update(f"customers/{PERSON}", {"email": NEW_INBOX.value}),
            Delete(f"claims/{message_id(CAMPAIGN, PERSON)}"),
        ]
    )


async def test_link_is_about_the_address_that_the_message_went_to() -> None:
    """Whoever reads the old mailbox says no for that mailbox, and not for the one that the customer has now."""
    reader = await MailReader.with_message()
    await has_new_address(reader)
    assert (await reader.click(WITH_ADDRESS)).status_code == 200
    assert await reader.suppressed_because() == "unsubscribed"
    assert not (await reader.herald.documents.get(HASHER.path(NEW_INBOX))).exists
    assert not (await reader.herald.documents.get(f"customers/{PERSON}")).get("suppressed")
    stored = await reader.herald.documents.get(HASHER.path(INBOX))
    assert (stored["kind"], list(stored["suppressions"])) == ("email", ["email"])


async def test_link_with_an_address_suppresses_all_who_have_it() -> None:
    """As long as the customer has the address, it is known by more than its hash, also without the claim."""
    reader = await MailReader.with_message()
    await reader.herald.documents.commit([Delete(f"claims/{message_id(CAMPAIGN, PERSON)}")])
    await reader.click(WITH_ADDRESS)
    assert await reader.suppressed_because() == "unsubscribed"
    assert (await reader.herald.documents.get(f"customers/{PERSON}"))["suppressed"] == ["email"]


async def test_address_that_is_known_by_its_hash_only_gets_nothing_under_any_record() -> None:
    """Another customer has it by now, who cannot be found by the hash; later instances know of it, too."""
    reader = await MailReader.with_message(database_time=NOW + timedelta(days=2))
    herald = reader.herald
    await has_new_address(reader)
    upserts = CustomerUpserts(herald.documents, hashes=HASHER, clock=lambda: herald.now)
    await upserts.upsert([CustomerInput(external_id="another", email=INBOX.value, name="B")])
    await reader.click(WITH_ADDRESS)
    herald.now += timedelta(days=2)
    herald.restart()
    await herald.launch()
    await herald.work()
    statistics = await herald.ledger.statistics("c")
    assert (statistics.kinds["sent"], statistics.skipped_reasons) == (1, {"suppressed": 1})
    claims = await herald.documents.query(Query(collection="claims", where=[Where("campaign", "==", "c")]))
    assert {claim["to"] for claim in claims if not claim.get("skip_reason")} == {NEW_INBOX.value}


async def test_address_that_is_known_by_its_hash_only_can_be_written_to_after_it_was_lifted() -> None:
    """By an admin, who knows the address."""
    reader = await MailReader.with_message(database_time=NOW + timedelta(days=2))
    herald = reader.herald
    await has_new_address(reader)
    await reader.click(WITH_ADDRESS)
    suppressions = SuppressionList(herald.documents, hashes=HASHER, clock=lambda: herald.now)
    await suppressions.lift(INBOX, reason="asked by phone", by="admin@example.com")
    await herald.documents.commit([Update(f"customers/{PERSON}", {"email": INBOX.value})])
    herald.now += timedelta(days=2)
    herald.restart()
    await herald.launch()
    await herald.work()
    assert (await herald.ledger.statistics("c")).kinds["sent"] == 1


async def test_link_works_after_the_person_was_erased() -> None:
    """The claim has no address any more, but the link knows its hash."""
    reader = await MailReader.with_message()
    claim = Update(f"claims/{message_id(CAMPAIGN, PERSON)}", {"to": "", "customer": "erased"})
    await reader.herald.documents.commit([Delete(f"customers/{PERSON}"), claim])
    await reader.click(WITH_ADDRESS)
    assert await reader.suppressed_because() == "unsubscribed"


async def test_link_of_older_code_is_about_the_address_of_now() -> None:
    """It does not say to which address the message went: somebody who says no must be heard."""
    reader = await MailReader.with_message()
    await has_new_address(reader)
    await reader.click(LINK)
    assert (await reader.herald.documents.get(HASHER.path(NEW_INBOX)))["suppressions"]["email"][
        "reason"
    ] == "unsubscribed"


FORGED = [
    WITH_ADDRESS.replace(HASHER.hash(INBOX), HASHER.hash(NEW_INBOX)),
    LINK[:-1] + ("0" if LINK[-1] != "0" else "1"),
    LINK.replace(PERSON, "0" * 32),
    LINK.replace(".1.", ".2."),
    MessageLinks(SecretStr("another key of somebody")).unsubscribe_url(MESSAGE),
    "/api/unsubscribe/x",
    "/api/unsubscribe/...",
    "/api/unsubscribe/%ff%00",
    "/api/unsubscribe/" + "a" * 5_000,
]


@pytest.mark.parametrize("link", FORGED)
async def test_link_that_herald_did_not_make_does_nothing(link: str) -> None:
    """The page says so, and nobody learns whether the person exists."""
    reader = await MailReader.with_message()
    assert (await reader.open(link)).status_code == 404
    assert (await reader.click(link)).status_code == 404
    assert await reader.suppressed_because() is None


async def test_page_runs_nothing_and_is_kept_by_nobody() -> None:
    """No script, no frame, no cache, no referrer with the link; the style is the one that the policy names."""
    page = await (await MailReader.with_message()).open()
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert page.headers["cache-control"] == "private, no-store"
    assert page.headers["referrer-policy"] == "no-referrer"
    assert "<script" not in page.text
    assert "p0@example.com" not in page.text


@pytest.mark.parametrize(
    ("languages", "language"),
    [("hi-IN,hi;q=0.9,en;q=0.8", "hi"), ("ru,en;q=0.5", "en"), ("de-CH,en", "de"), ("", "en"), ("xx", "en")],
)
async def test_page_speaks_the_readers_language(languages: str, language: str) -> None:
    """English where there are no texts."""
    page = await (await MailReader.with_message()).open(**{"accept-language": languages})
    assert re.findall('lang="(..)"', page.text) == [language]


@pytest.mark.parametrize(
    ("named", "language"),
    [
        ("hi", "hi"),
        ("hi,de", "hi"),
        ("ta", "fr"),
        ('"><script>', "fr"),
        ("%0d%0aX-Header:%201", "fr"),
        ("x" * 20_000, "fr"),
    ],
)
async def test_page_speaks_the_language_that_the_link_names(named: str, language: str) -> None:
    """Nobody signs that part of a link: whatever stands there names a language, or counts for nothing."""
    reader = await MailReader.with_message()
    page = await reader.open(f"{LINK}?language={named}", **{"accept-language": "fr"})
    assert page.status_code == 200
    assert f'<html lang="{language}" dir="ltr">' in page.text
    assert "<script" not in page.text
    assert "x-header" not in page.headers
    done = await reader.click(f"{LINK}?language={named}")
    assert done.status_code == 200
    assert await reader.suppressed_because() == "unsubscribed"


async def test_link_of_a_later_attempt_works_after_its_records_are_deleted() -> None:
    """Of a campaign whose receipts are not kept any more, nobody knows the second attempt."""
    reader = await MailReader.with_message()
    later = LINKS.unsubscribe_url(LinkedMessage(campaign_id=CAMPAIGN, customer_id=PERSON, attempt=2))
    assert (await reader.click(later)).status_code == 200
    assert await reader.suppressed_because() == "unsubscribed"
