"""Forms on other sites: who asks gets one mail, and is known, and agrees, only after the click in it."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from common.addresses.topics import TOPICS_PATH
from common.events import MessageReady
from common.ids import campaign_id_of_form, message_id
from common.mail.links import LinkedMessage, LinkedRequest, MessageLinks
from common.storage.documents import Delete, Put, Query, Snapshot, Update, Where, Write
from common.storage.memory import MemoryDocuments
from customers.commands.suppress import SuppressionInput, SuppressionList
from customers.commands.upsert import CustomerUpserts
from customers.composition import CustomersFunction, CustomersSettings
from customers.forms.requests import ASK_AGAIN_AFTER, LINK_LIFETIME, MAX_ASKS, PENDING_FOR
from customers.model.customer import CustomerInput
from customers.model.form import DELETED_FORMS_KEPT, DELETED_FORMS_PATH
from receipts.record_dead_letter import DeadLetter
from tests.crash_points import SimulatedCrash
from tests.in_memory_herald import NOW, InMemoryHerald
from tests.support import HASHER, SETTINGS, ApiClient, customer_id, email, identity_from_token, logged_actions
from vendor.vendor import Accepted, Rejected, VendorUnavailable

SHOP = "https://shop.example"
INBOX = email("asha@example.com")
PERSON = customer_id("email", INBOX.value)
LINKS = MessageLinks(SecretStr(SETTINGS["SUPPRESSION_KEY"]), public_url=SETTINGS["PUBLIC_URL"])
FORM: dict[str, Any] = {
    "name": "Footer of the shop",
    "topics": ["offers"],
    "thank_you": "Look into your mailbox & press the button.",
    "allowed_origins": [SHOP],
    "vendor": "simulator",
    "confirmation": {
        "subject": "Please confirm",
        "body": "You asked for **offers**.",
        "button": "Yes, I want them",
    },
}
TOPICS = [{"name": "offers", "labels": {"en": "Offers", "hi": "ऑफ़र"}}]

COLLECTIONS = (
    *("activities", "addresses", "audience", "audit_outbox", "claims", "counters", "customers", "dead_letters"),
    *("deferred", "form_counts", "form_requests", "forms", "idempotency", "inboxes", "pacing", "receipts", "visits"),
)


class KeepingMailServer:
    """Keeps the mails. It recognizes no keys, as a mail server: a mail that is sent twice arrives twice."""

    def __init__(self) -> None:
        self.concurrency_limit = asyncio.Semaphore(100)
        self.mails: list[MessageReady] = []
        self.failures_left = 0
        self.refusal: Rejected | None = None

    async def send(self, message: MessageReady) -> Accepted | Rejected:
        if self.failures_left:
            self.failures_left -= 1
            raise VendorUnavailable("The vendor is down.", may_have_accepted=False)
        if self.refusal:
            return self.refusal
        self.mails.append(message)
        await asyncio.sleep(0)
        return Accepted(final=True)


class FormSite:
    """A site with a form, its visitors, and their mailboxes."""

    form: str

    def __init__(self) -> None:
        self.herald = InMemoryHerald(vendor_name="smtp", copies=2)
        self.herald.vendor = self.vendor = KeepingMailServer()
        self.herald.restart()
        self.seconds = 0.0
        self.restart()

    def restart(self) -> None:
        """A new instance of the function, which remembers nothing."""
        function = CustomersFunction(
            documents=self.herald.documents,
            publisher=self.herald.publisher,
            open_access=MemoryDocuments,
            verify_id_token=identity_from_token,
            settings=CustomersSettings({**SETTINGS, "VENDORS": "smtp,simulator"}),
            clock=lambda: self.herald.now,
            monotonic=lambda: self.seconds,
        )
        self.call = ApiClient(function.app)

    @classmethod
    async def with_form(cls, **fields: Any) -> FormSite:
        shop = cls()
        await shop.herald.documents.commit([Put(TOPICS_PATH, {"topics": TOPICS})])
        created = await shop.call("POST", "/api/forms", json=FORM | {"vendor": "smtp"} | fields)
        assert created.status_code == 201, created.text
        shop.form = created.json()["id"]
        return shop

    async def wait(self, time: timedelta) -> None:
        self.herald.now += time
        self.seconds += time.total_seconds()

    async def send(self, form: dict[str, str] | None = None, **headers: str) -> httpx.Response:
        """As a browser sends a form without a script, from the site of the shop."""
        sent = {"email": INBOX.value} if form is None else form
        return await self.call(
            "POST", f"/api/forms/{self.form}", by=None, data=sent, headers={"origin": SHOP, **headers}
        )

    async def send_json(self, **fields: Any) -> httpx.Response:
        sent = {"email": INBOX.value, **fields}
        return await self.call("POST", f"/api/forms/{self.form}", by=None, json=sent, headers={"origin": SHOP})

    async def link(self) -> str:
        """The link in the newest mail, once all that waits is delivered."""
        await self.herald.work()
        [link] = re.findall(r"\]\(https://herald\.example(/api/confirm/[^)]+)\)$", self.vendor.mails[-1].body)
        return str(link)

    async def ask(self) -> str:
        """Somebody asks; the link in their mailbox."""
        assert (await self.send()).status_code == 200
        return await self.link()

    async def open(self, link: str, **headers: str) -> httpx.Response:
        return await self.call("GET", link, by=None, headers=headers)

    async def press(self, link: str) -> httpx.Response:
        return await self.call("POST", link, by=None, data={})

    async def person(self) -> Snapshot:
        return await self.herald.documents.get(f"customers/{PERSON}")

    async def consents(self) -> dict[str, str]:
        return {name: one["state"] for name, one in (await self.person()).get("consents", {}).items()}

    async def request(self) -> Snapshot:
        [stored] = await self.herald.documents.query(Query(collection="form_requests"))
        return stored

    async def counts(self) -> tuple[int, int]:
        [form] = (await self.call("GET", "/api/forms")).json()["items"]
        return form["asked"], form["confirmed"]

    async def suppress(self, *, reason: str = "unsubscribed") -> None:
        suppressions = SuppressionList(self.herald.documents, hashes=HASHER, clock=lambda: self.herald.now)
        await suppressions.suppress([SuppressionInput(email=INBOX.value, reason=reason)], by="smtp")
        await self.wait(timedelta(seconds=1))

    async def suppressed_because(self) -> str | None:
        stored = await self.herald.documents.get(HASHER.path(INBOX))
        reason: str | None = stored.get("suppressions", {}).get("email", {}).get("reason")
        return reason


async def test_who_confirms_becomes_a_customer_who_agrees() -> None:
    """To the channel and the topics of the form, from the click on, with where it comes from."""
    shop = await FormSite.with_form()
    link = await shop.ask()
    await shop.wait(timedelta(hours=2))
    page = await shop.open(link, **{"accept-language": "hi"})
    assert (page.status_code, "<li>ऑफ़र</li>" in page.text, "<form method=" in page.text) == (200, True, True)
    assert not (await shop.person()).exists
    done = await shop.press(link)
    assert (done.status_code, "You get our messages from now on" in done.text) == (200, True)
    person = await shop.person()
    said = {"state": "granted", "at": shop.herald.now, "source": f"form {shop.form}: Footer of the shop"}
    for name in ("email", "email_offers"):
        assert said.items() <= person["consents"][name].items()
    assert person["email"] == INBOX.value
    assert person["consent"] == {"email": True, "email_offers": True}
    assert await shop.counts() == (1, 1)


async def test_mail_is_the_authors_own_and_goes_to_the_address() -> None:
    """Nothing that was written into the form stands in it: nobody can send their own words to others."""
    shop = await FormSite.with_form()
    await shop.send({"email": " Asha@Example.com ", "name": "Win money at evil.example"})
    link = await shop.link()
    [sent] = shop.vendor.mails
    assert (sent.to, sent.subject, sent.name) == (INBOX.value, "Please confirm", None)
    assert sent.body == f"You asked for **offers**.\n\n[Yes, I want them](https://herald.example{link})"
    assert sent.transactional
    assert INBOX.value not in link
    assert "evil" not in sent.model_dump_json()


async def test_pages_behind_the_link_speak_the_language_of_the_mail() -> None:
    """It is that of the site with the form, so its reader knows it."""
    words = {"subject": "Bitte bestätigen", "body": "Sie haben uns um **Angebote** gebeten.", "button": "Ja, bitte"}
    shop = await FormSite.with_form(confirmation=words)
    link = await shop.ask()
    assert link.endswith("?language=de")
    page = await shop.open(link, **{"accept-language": "en"})
    assert '<html lang="de" dir="ltr">' in page.text
    assert "<h1>Möchten Sie unsere Nachrichten?</h1>" in page.text
    assert "<button>Ja, ich möchte sie</button>" in page.text
    assert "<h1>Danke</h1>" in (await shop.press(link)).text
    assert await shop.consents() == {"email": "granted", "email_offers": "granted"}
    assert "<h1>Das ist schon bestätigt</h1>" in (await shop.open(link)).text


async def test_opening_the_link_changes_nothing() -> None:
    """Scanners of mail open links; only the button counts."""
    shop = await FormSite.with_form()
    link = await shop.ask()
    before = await shop.request()
    for _ in range(3):
        await shop.open(link)
    assert await shop.request() == before
    assert not (await shop.person()).exists
    assert await shop.counts() == (1, 0)


async def test_twenty_at_once_get_one_mail() -> None:
    """Whatever instance they come to, and although every event is delivered twice."""
    shop = await FormSite.with_form()
    instances = []
    for _ in range(20):
        shop.restart()
        instances.append(shop.call)
    calls = [
        call("POST", f"/api/forms/{shop.form}", by=None, json={"email": INBOX.value}, headers={"origin": SHOP})
        for call in instances
    ]
    answers = await asyncio.gather(*calls)
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.text for answer in answers}) == 1
    await shop.herald.work()
    assert [sent.to for sent in shop.vendor.mails] == [INBOX.value]
    assert await shop.counts() == (1, 0)


async def test_form_sent_again_and_again_sends_three_mails_a_day() -> None:
    """One in fifteen minutes; the links of all of them work, one of them once."""
    shop = await FormSite.with_form()
    links = []
    for _ in range(12):
        await shop.send()
        links.append(await shop.link())
        await shop.wait(ASK_AGAIN_AFTER / 2)
    assert len(shop.vendor.mails) == len(set(links)) == MAX_ASKS
    assert "Thank you" in (await shop.press(links[0])).text
    for link in links:
        assert "This is confirmed already" in (await shop.press(link)).text
    await shop.wait(LINK_LIFETIME)
    await shop.send()
    await shop.link()
    assert len(shop.vendor.mails) == MAX_ASKS + 1


async def test_hits_of_one_address_cost_no_write_and_soon_no_read() -> None:
    """Of a flood, an instance looks at three at once; the answer stays the same."""
    shop = await FormSite.with_form()
    await shop.ask()
    before = await shop.request()
    await shop.herald.documents.commit([Delete(before.path)])
    answers = [await shop.send() for _ in range(10)]
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.text for answer in answers}) == 1
    await shop.herald.documents.commit([Delete((await shop.request()).path)])
    await shop.send()
    assert await shop.herald.documents.query(Query(collection="form_requests")) == []


async def test_replay_of_a_link_changes_nothing() -> None:
    """Nor does the link of an earlier mail confirm a later request, of which its owner may know nothing."""
    shop = await FormSite.with_form()
    first = await shop.ask()
    await shop.press(first)
    person = await shop.person()
    await shop.wait(timedelta(hours=1))
    assert "This is confirmed already" in (await shop.press(first)).text
    assert "This is confirmed already" in (await shop.open(first)).text
    assert await shop.person() == person
    await shop.suppress()
    await shop.send()
    second = await shop.link()
    assert second != first
    assert "This is confirmed already" in (await shop.press(first)).text
    assert await shop.suppressed_because() == "unsubscribed"
    assert await shop.counts() == (2, 1)


async def test_two_clicks_at_once_count_once() -> None:
    """Two tabs of one person."""
    shop = await FormSite.with_form()
    link = await shop.ask()
    answers = await asyncio.gather(*(shop.press(link) for _ in range(5)))
    assert all(answer.status_code == 200 for answer in answers)
    assert await shop.counts() == (1, 1)
    assert await shop.consents() == {"email": "granted", "email_offers": "granted"}


async def test_click_goes_on_although_another_one_finishes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """Right after the first one is written down, another instance does all that follows from it."""
    shop = await FormSite.with_form()
    link = await shop.ask()
    first, commit = shop.call, shop.herald.documents.commit
    shop.restart()

    async def overtaken(writes: Sequence[Write]) -> None:
        await commit(writes)
        monkeypatch.undo()
        assert (await shop.press(link)).status_code == 200

    monkeypatch.setattr(shop.herald.documents, "commit", overtaken)
    assert (await first("POST", link, by=None, data={})).status_code == 200
    assert await shop.counts() == (1, 1)
    assert await shop.consents() == {"email": "granted", "email_offers": "granted"}
    assert (await shop.request())["to"] is None


async def test_expired_link_does_not_work_and_nothing_is_left() -> None:
    """All that is kept of somebody who does not confirm expires with the link: the request, and the mail's claim."""
    shop = await FormSite.with_form()
    link = await shop.ask()
    asked = NOW
    for collection in ("form_requests", "claims"):
        [stored] = await shop.herald.documents.query(Query(collection=collection))
        assert stored["expires_at"] == asked + LINK_LIFETIME
    await shop.wait(LINK_LIFETIME)
    for answer in (await shop.open(link), await shop.press(link)):
        assert (answer.status_code, "This link does not work" in answer.text) == (404, True)
    assert not (await shop.person()).exists
    found = [await shop.herald.documents.query(Query(collection=name)) for name in COLLECTIONS]
    kept = {
        one.path.partition("/")[0] for some in found for one in some if INBOX.value in json.dumps(one.data, default=str)
    }
    assert kept == {"form_requests", "claims"}


async def test_confirmed_request_keeps_nothing_of_the_person() -> None:
    """They are a customer now, with all rights of one; the request only knows that its links are used up."""
    shop = await FormSite.with_form()
    await shop.send({"email": INBOX.value, "name": "Asha Rao"})
    await shop.press(await shop.link())
    stored = await shop.request()
    assert (stored["to"], stored["name"], stored["is_done"]) == (None, None, True)
    assert (await shop.person())["name"] == "Asha Rao"


async def test_erasure_removes_what_somebody_asked_for() -> None:
    """The request and the mail with its link are gone at once, so that nobody can confirm for an erased person."""
    shop = await FormSite.with_form()
    upserts = CustomerUpserts(shop.herald.documents, hashes=HASHER, clock=lambda: shop.herald.now)
    await upserts.upsert([CustomerInput(email=INBOX.value, name="Asha")])
    link = await shop.ask()
    assert (await shop.call("DELETE", f"/api/customers/{PERSON}")).status_code == 204
    found = [await shop.herald.documents.query(Query(collection=name)) for name in COLLECTIONS]
    assert INBOX.value not in json.dumps([one.data for some in found for one in some], default=str)
    assert (await shop.press(link)).status_code == 404


async def test_erasure_removes_what_somebody_asked_for_with_a_form_that_is_deleted() -> None:
    """It is found by the id of the form, which is kept alone until its requests have expired."""
    shop = await FormSite.with_form()
    upserts = CustomerUpserts(shop.herald.documents, hashes=HASHER, clock=lambda: shop.herald.now)
    await upserts.upsert([CustomerInput(email=INBOX.value, name="Asha")])
    await shop.ask()
    first = shop.form
    for _ in range(2):
        assert (await shop.call("DELETE", f"/api/forms/{shop.form}")).status_code == 204
        shop.form = (await shop.call("POST", "/api/forms", json=FORM | {"vendor": "smtp"})).json()["id"]
    assert (await shop.call("DELETE", f"/api/customers/{PERSON}")).status_code == 204
    found = [await shop.herald.documents.query(Query(collection=name)) for name in COLLECTIONS]
    assert INBOX.value not in json.dumps([one.data for some in found for one in some], default=str)
    await shop.wait(DELETED_FORMS_KEPT)
    assert (await shop.call("DELETE", f"/api/forms/{shop.form}")).status_code == 204
    noted = await shop.herald.documents.get(DELETED_FORMS_PATH)
    assert first not in noted["forms"]
    assert list(noted["forms"]) == [shop.form]


async def test_two_forms_deleted_at_once_are_both_noted() -> None:
    """Both deletions write one note; the one that comes second does it again over what it finds then."""
    shop = await FormSite.with_form()
    other = (await shop.call("POST", "/api/forms", json=FORM | {"vendor": "smtp"})).json()["id"]
    answers = await asyncio.gather(*(shop.call("DELETE", f"/api/forms/{form}") for form in (shop.form, other)))
    assert {answer.status_code for answer in answers} == {204}
    assert set((await shop.herald.documents.get(DELETED_FORMS_PATH))["forms"]) == {shop.form, other}


FORGED = [
    "/api/confirm/x",
    "/api/confirm/...",
    "/api/confirm/%ff%00",
    "/api/confirm/" + "a" * 5_000,
    LINKS.unsubscribe_url(LinkedMessage(campaign_id="c", customer_id="0", attempt=1)).replace(
        "https://herald.example/api/unsubscribe", "/api/confirm"
    ),
]


async def test_link_that_herald_did_not_make_does_nothing() -> None:
    """Tampered, of another form, of another purpose, with another key, or with a later time."""
    shop = await FormSite.with_form()
    link = await shop.ask()
    request = LINKS.read_confirm(link.rpartition("/")[2], now=shop.herald.now)
    assert request
    late = LinkedRequest(form_id=request.form_id, request_id=request.request_id, until=NOW + timedelta(days=400))
    tampered = [
        *FORGED,
        link[:-1] + ("0" if link[-1] != "0" else "1"),
        link.replace(shop.form, "0" * 20),
        re.sub(r"\.(\d+)\.", lambda found: f".{int(found[1]) + 86_400}.", link),
        MessageLinks(SecretStr("another key"), public_url="").confirm_url(late),
        link.replace("/api/confirm/", "/api/unsubscribe/"),
    ]
    for one in tampered:
        assert (await shop.press(one)).status_code == 404, one
        assert (await shop.open(one)).status_code == 404, one
    assert not (await shop.person()).exists


async def test_link_of_another_form_confirms_nothing() -> None:
    """A request belongs to one form."""
    shop = await FormSite.with_form()
    await shop.ask()
    stored = await shop.request()
    other = (await shop.call("POST", "/api/forms", json=FORM | {"vendor": "smtp", "name": "Other"})).json()["id"]
    mixed = LinkedRequest(form_id=other, request_id=stored.id, until=stored["expires_at"])
    link = LINKS.confirm_url(mixed).removeprefix(SETTINGS["PUBLIC_URL"])
    assert (await shop.press(link)).status_code == 404


async def test_robot_that_fills_the_hidden_field_gets_the_same_answer_and_nothing_else() -> None:
    """No mail, no request, no number."""
    shop = await FormSite.with_form()
    person, robot = (
        await shop.send_json(),
        await shop.send_json(email="ben@example.com", website="https://spam.example"),
    )
    assert (person.status_code, person.text) == (robot.status_code, robot.text)
    await shop.herald.work()
    assert len(shop.vendor.mails) == 1
    assert await shop.counts() == (1, 0)


@pytest.mark.parametrize("reason", ["bounced", "complained", "erased", "asked by phone"])
async def test_suppressed_address_gets_no_mail_and_the_answer_does_not_say_so(reason: str) -> None:
    """Delivery looks at it; the form does not even ask, so that its answer cannot tell."""
    shop = await FormSite.with_form()
    await shop.suppress(reason=reason)
    suppressed, other = await shop.send_json(), await shop.send_json(email="ben@example.com")
    assert (suppressed.status_code, suppressed.text) == (other.status_code, other.text)
    await shop.herald.work()
    assert [sent.to for sent in shop.vendor.mails] == ["ben@example.com"]
    claims = await shop.herald.documents.query(Query(collection="claims"))
    assert not any(claim.get("to") == INBOX.value for claim in claims)


async def test_who_unsubscribed_comes_back_by_their_own_click() -> None:
    """The suppression that they asked for is lifted, which the audit log says; the newest statement is their yes."""
    shop = await FormSite.with_form()
    upserts = CustomerUpserts(shop.herald.documents, hashes=HASHER, clock=lambda: shop.herald.now)
    no = {"email": {"state": "denied", "at": NOW.isoformat()}}
    await upserts.upsert([CustomerInput.model_validate({"email": INBOX.value, "name": "Asha", "consent": no})])
    await shop.suppress()
    await shop.wait(timedelta(days=1))
    link = await shop.ask()
    assert await shop.suppressed_because() == "unsubscribed"
    await shop.press(link)
    assert await shop.suppressed_because() is None
    assert (await shop.person())["suppressed"] == []
    assert await shop.consents() == {"email": "granted", "email_offers": "granted"}
    [entry] = await logged_actions(shop.herald.documents, "suppression lifted")
    assert (entry["by"], entry["reason"]) == (f"form {shop.form}", "confirmed by a link")


@pytest.mark.parametrize("reason", ["bounced", "complained", "erased"])
async def test_click_lifts_no_other_suppression(reason: str) -> None:
    """Of an address that was suppressed between the mail and the click."""
    shop = await FormSite.with_form()
    link = await shop.ask()
    await shop.suppress(reason=reason)
    await shop.press(link)
    assert await shop.suppressed_because() == reason
    assert (await shop.person())["suppressed"] == ["email"]


@pytest.mark.parametrize("reason", ["bounced", "complained", "erased", "asked by phone"])
async def test_unsubscribing_after_another_no_is_no_way_back(reason: str) -> None:
    """A mail program unsubscribes for whoever reports spam, and an old mail has its link for ever: the other reason
    still holds, for a new mail and for a link that was sent before, until a member lifts it."""
    shop = await FormSite.with_form()
    link = await shop.ask()
    for one in (reason, "unsubscribed"):
        await shop.suppress(reason=one)
    await shop.press(link)
    assert (await shop.person())["suppressed"] == ["email"]
    await shop.wait(ASK_AGAIN_AFTER)
    await shop.send()
    await shop.herald.work()
    assert len(shop.vendor.mails) == 1
    suppressions = SuppressionList(shop.herald.documents, hashes=HASHER, clock=lambda: shop.herald.now)
    await suppressions.lift(INBOX, reason="asked by phone", by="admin@example.com")
    await shop.suppress()
    await shop.wait(ASK_AGAIN_AFTER)
    await shop.press(await shop.ask())
    assert await shop.suppressed_because() is None


async def test_unsubscribing_after_the_click_wins() -> None:
    """Also if the process died after the click, and the button is pressed again: the first press counts."""
    shop = await FormSite.with_form()
    link = await shop.ask()
    stored = await shop.request()
    await shop.herald.documents.commit([Update(stored.path, {"confirmed_at": shop.herald.now})])
    await shop.wait(timedelta(minutes=1))
    await shop.suppress()
    upserts = CustomerUpserts(shop.herald.documents, hashes=HASHER, clock=lambda: shop.herald.now)
    no = {"email": {"state": "denied", "at": shop.herald.now.isoformat()}}
    await upserts.upsert([CustomerInput.model_validate({"email": INBOX.value, "consent": no})])
    await shop.wait(timedelta(minutes=1))
    await shop.press(link)
    assert await shop.suppressed_because() == "unsubscribed"
    assert await shop.consents() == {"email": "denied", "email_offers": "granted"}


@pytest.mark.parametrize("commits", [0, 1, 2])
async def test_click_is_finished_by_the_next_one_if_the_process_dies(commits: int) -> None:
    """Before any of its commits: at the end it counts once, and the person agrees as of the first press."""
    shop = await FormSite.with_form()
    link = await shop.ask()
    first = shop.herald.now
    with DyingCommits(shop.herald.documents, commits), pytest.raises(SimulatedCrash):
        await shop.press(link)
    shop.restart()
    await shop.wait(timedelta(minutes=5))
    assert (await shop.press(link)).status_code == 200
    assert (await shop.request())["is_done"]
    assert await shop.counts() == (1, 1)
    said = (await shop.person())["consents"]["email"]
    assert (said["state"], said["at"]) == ("granted", first if commits else shop.herald.now)


async def test_form_sent_between_a_click_and_its_end_changes_nothing() -> None:
    """The click that was cut off is finished with its own time, and nobody is asked again: they have confirmed."""
    shop = await FormSite.with_form()
    link = await shop.ask()
    with DyingCommits(shop.herald.documents, 1), pytest.raises(SimulatedCrash):
        await shop.press(link)
    await shop.wait(timedelta(minutes=1))
    await shop.suppress()
    await shop.wait(ASK_AGAIN_AFTER)
    await shop.send()
    await shop.herald.work()
    assert len(shop.vendor.mails) == 1
    assert (await shop.press(link)).status_code == 200
    assert await shop.suppressed_because() == "unsubscribed"


async def test_mail_is_published_by_the_next_request_if_the_process_dies(monkeypatch: pytest.MonkeyPatch) -> None:
    """The request is written before its mail: nobody is asked twice, and nobody waits for ever."""

    async def die(_: object) -> None:
        raise SimulatedCrash()

    shop = await FormSite.with_form()
    with monkeypatch.context() as patched:
        patched.setattr(shop.herald.publisher, "publish", die)
        with pytest.raises(SimulatedCrash):
            await shop.send()
    await shop.wait(PENDING_FOR - timedelta(seconds=1))
    await shop.send()
    await shop.herald.work()
    assert shop.vendor.mails == []
    await shop.wait(timedelta(seconds=1))
    await shop.press(await shop.ask())
    assert len(shop.vendor.mails) == 1
    assert await shop.counts() == (1, 1)


async def test_form_can_be_sent_again_although_the_process_died_after_the_publishing() -> None:
    """The mail arrived, and its owner has confirmed; the mark that it is to be published is still there."""
    shop = await FormSite.with_form()
    with DyingCommits(shop.herald.documents, 1), pytest.raises(SimulatedCrash):
        await shop.send()
    await shop.press(await shop.link())
    await shop.wait(PENDING_FOR)
    assert (await shop.send()).status_code == 200
    await shop.herald.work()
    assert len(shop.vendor.mails) == 1


async def test_mail_that_was_sent_is_not_sent_again_when_its_event_comes_again() -> None:
    """Long after the lease, to a vendor that recognizes no keys."""
    shop = await FormSite.with_form()
    await shop.ask()
    [sent] = shop.vendor.mails
    await shop.wait(timedelta(minutes=10))
    await shop.herald.publisher.publish([sent])
    await shop.herald.work()
    assert len(shop.vendor.mails) == 1
    assert await shop.herald.documents.query(Query(collection="receipts")) == []


async def test_mail_waits_for_a_vendor_that_is_down() -> None:
    """It is not deferred, because no campaign would release it, and not given up: somebody waits for it."""
    shop = await FormSite.with_form()
    shop.vendor.failures_left = 3
    await shop.press(await shop.ask())
    assert [sent.to for sent in shop.vendor.mails] == [INBOX.value]
    assert shop.herald.failed_deliveries >= 3
    assert await shop.herald.documents.query(Query(collection="deferred")) == []
    assert await shop.consents() == {"email": "granted", "email_offers": "granted"}


async def test_mail_waits_for_the_rate_of_its_vendor(monkeypatch: pytest.MonkeyPatch) -> None:
    """A campaign may use up the rate for a while."""
    shop = await FormSite.with_form()
    slots = iter([shop.herald.now + timedelta(minutes=1)])

    async def wait_for_slot(_: object) -> datetime | None:
        return next(slots, None)

    monkeypatch.setattr(shop.herald.deliverer, "_wait_for_slot", wait_for_slot)
    await shop.ask()
    assert [sent.to for sent in shop.vendor.mails] == [INBOX.value]
    assert shop.herald.failed_deliveries >= 1


async def test_mail_that_no_function_could_process_leaves_no_address() -> None:
    """After an hour of failures it is a dead letter; what is kept of it has no address, and expires."""
    shop = await FormSite.with_form()
    await shop.send()
    [event] = shop.herald.publisher.events
    shop.herald.publisher.events = []
    letter = DeadLetter(subscription="deliveries", data=event.encode(), reason="Given up after 20 attempts.")
    await shop.herald.receipts_function().dead_letter_recorder.record(letter)
    [claim] = await shop.herald.documents.query(Query(collection="claims"))
    assert claim["expires_at"] == shop.herald.now + timedelta(days=1)
    names = ("claims", "dead_letters", "receipts")
    found = [await shop.herald.documents.query(Query(collection=name)) for name in names]
    assert INBOX.value not in json.dumps([one.data for some in found for one in some], default=str)


async def test_customer_who_is_known_keeps_their_name_and_gets_the_consent() -> None:
    """Found by the address, whatever identifies them; of several, the oldest."""
    shop = await FormSite.with_form(topics=[])
    upserts = CustomerUpserts(shop.herald.documents, hashes=HASHER, clock=lambda: shop.herald.now)
    for number in ("1", "2"):
        await upserts.upsert([CustomerInput(external_id=number, email=INBOX.value, name="Asha Rao")])
        await shop.wait(timedelta(minutes=1))
    await shop.send({"email": INBOX.value, "name": "Somebody else"})
    await shop.press(await shop.link())
    customers = await shop.herald.documents.query(
        Query(collection="customers", where=[Where("email", "==", INBOX.value)])
    )
    by_number = {one["external_id"]: one for one in customers}
    assert {one["name"] for one in customers} == {"Asha Rao"}
    assert [by_number[number]["consent"] for number in ("1", "2")] == [{"email": True}, {}]


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"email": "nobody"}, "email"),
        ({"email": f"{'a' * 250}@example.com"}, "email"),
        ({"email": "a@example.com\r\nBcc: b@example.com"}, "email"),
        ({}, "email"),
        ({"email": "a@example.com", "name": "x" * 101}, "name"),
        ({"email": "a@example.com", "name": "a\nb"}, "name"),
    ],
)
async def test_form_that_is_not_valid_says_which_field(form: dict[str, str], field: str) -> None:
    """To a program as a problem, to a reader as a page in their language."""
    shop = await FormSite.with_form()
    answer = await shop.call("POST", f"/api/forms/{shop.form}", by=None, json=form, headers={"origin": SHOP})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)
    assert answer.headers["access-control-allow-origin"] == SHOP
    page = await shop.send(form, **{"accept-language": "hi"})
    assert (page.status_code, "कुछ छूट गया है" in page.text) == (422, True)
    assert await shop.counts() == (0, 0)


@pytest.mark.parametrize("body", [b"\xff\xfe", b"[]", b"null", b'{"email": 1}', b'{"email": "\\ud800@example.com"}'])
async def test_json_that_is_none_is_refused(body: bytes) -> None:
    """With a problem, and nothing is kept."""
    shop = await FormSite.with_form()
    headers = {"content-type": "application/json", "origin": SHOP}
    answer = await shop.call("POST", f"/api/forms/{shop.form}", by=None, content=body, headers=headers)
    assert answer.status_code == 422


async def test_form_without_a_script_shows_the_thank_you_or_leads_on() -> None:
    """The text of the author is text."""
    shop = await FormSite.with_form(thank_you="<b>Thanks</b>")
    page = await shop.send()
    assert (page.status_code, "&lt;b&gt;Thanks&lt;/b&gt;" in page.text) == (200, True)
    await shop.call("PUT", f"/api/forms/{shop.form}", json=FORM | {"redirect_url": f"{SHOP}/thanks"})
    await shop.wait(timedelta(seconds=31))
    page = await shop.send()
    assert (page.status_code, page.headers["location"]) == (303, f"{SHOP}/thanks")
    answer = (await shop.send_json()).json()
    assert answer == {"message": FORM["thank_you"], "redirect_url": f"{SHOP}/thanks"}


async def test_only_the_sites_of_the_form_may_have_it() -> None:
    """A browser says where a form stands; a program that says nothing is no browser, and has no cookie to misuse."""
    shop = await FormSite.with_form()
    path, body = f"/api/forms/{shop.form}", {"email": INBOX.value}
    for origin in ("https://evil.example", "null", "https://shop.example.evil.example", "http://shop.example"):
        answer = await shop.call("POST", path, by=None, json=body, headers={"origin": origin})
        assert answer.status_code == 403, origin
        assert "access-control-allow-origin" not in answer.headers
        assert (await shop.call("OPTIONS", path, by=None, headers={"origin": origin})).status_code == 403
    preflight = await shop.call("OPTIONS", path, by=None, headers={"origin": SHOP})
    assert preflight.status_code == 204
    assert preflight.headers["access-control-allow-origin"] == SHOP
    assert preflight.headers["access-control-allow-headers"] == "content-type"
    assert preflight.headers["vary"] == "Origin"
    assert (await shop.call("POST", path, by=None, json=body)).status_code == 202
    assert (await shop.send_json()).headers["access-control-allow-origin"] == SHOP


async def test_page_that_hides_its_site_is_accepted_only_if_the_form_says_so() -> None:
    """As with the referrer policy `no-referrer`; the refusal says what to do. One mail is sent, as always."""
    shop = await FormSite.with_form()
    refused = await shop.send(origin="null")
    assert (refused.status_code, "strict-origin" in refused.json()["detail"]) == (403, True)
    changed = await shop.call(
        "PUT", f"/api/forms/{shop.form}", json=FORM | {"vendor": "smtp", "accepts_hidden_sites": True}
    )
    assert changed.json()["accepts_hidden_sites"] is True
    await shop.wait(timedelta(seconds=31))
    for _ in range(2):
        page = await shop.send(origin="null")
        assert page.status_code == 200
        assert "access-control-allow-origin" not in page.headers
    await shop.press(await shop.link())
    assert len(shop.vendor.mails) == 1
    assert await shop.consents() == {"email": "granted", "email_offers": "granted"}


async def test_form_that_accepts_hidden_sites_refuses_others_and_scripts_without_a_site() -> None:
    """A script of a page has an origin, whatever the referrer policy is: `null` is that of a sandboxed frame."""
    shop = await FormSite.with_form(accepts_hidden_sites=True)
    path, body = f"/api/forms/{shop.form}", {"email": INBOX.value}
    assert (await shop.send(origin="https://evil.example")).status_code == 403
    assert (await shop.call("POST", path, by=None, json=body, headers={"origin": "null"})).status_code == 403
    assert (await shop.call("OPTIONS", path, by=None, headers={"origin": "null"})).status_code == 403
    assert (await shop.send_json()).headers["access-control-allow-origin"] == SHOP


async def test_usual_port_is_not_in_what_a_browser_says() -> None:
    """A browser leaves out the port 443 of https: so does the form, or it would refuse its own site."""
    shop = await FormSite.with_form(allowed_origins=["https://Shop.example:443/", "https://shop.example:8443"])
    [form] = (await shop.call("GET", "/api/forms")).json()["items"]
    assert form["allowed_origins"] == [SHOP, "https://shop.example:8443"]
    assert (await shop.send()).status_code == 200


async def test_one_client_and_one_form_have_a_limit() -> None:
    """The bucket is in memory: what is refused costs nothing."""
    shop = await FormSite.with_form()
    from_there = {"x-forwarded-for": "203.0.113.7"}
    answers = [await shop.send({"email": f"a{n}@example.com"}, **from_there) for n in range(151)]
    assert [answer.status_code for answer in answers] == [200] * 150 + [429]
    assert int(answers[-1].headers["retry-after"]) >= 1
    assert (await shop.send({"email": "b@example.com"}, **{"x-forwarded-for": "203.0.113.8"})).status_code == 429
    await shop.wait(timedelta(seconds=30))
    assert (await shop.send({"email": "b@example.com"}, **{"x-forwarded-for": "203.0.113.8"})).status_code == 200


async def test_body_that_is_too_large_is_refused() -> None:
    """A form takes 10 kB."""
    shop = await FormSite.with_form()
    answer = await shop.send({"email": INBOX.value, "other": "x" * 10_000})
    assert answer.status_code == 413


REFUSED: list[tuple[str, Any, str, str]] = [
    ("name", "", "name", "too_short"),
    ("name", "a\nb", "name", "invalid"),
    ("channel", "sms", "channel", "option"),
    ("topics", ["unheard_of"], "topics.0", "not_found"),
    ("thank_you", " ", "thank_you", "too_short"),
    ("redirect_url", "http://shop.example", "redirect_url", "web_address"),
    ("redirect_url", "javascript:alert(1)", "redirect_url", "web_address"),
    ("redirect_url", "https://user@evil.example", "redirect_url", "web_address"),
    ("redirect_url", "https://shop.example/\r\nSet-Cookie: a=b", "redirect_url", "web_address"),
    ("allowed_origins", [], "allowed_origins", "too_short"),
    ("allowed_origins", ["*"], "allowed_origins.0", "web_address"),
    ("allowed_origins", ["http://shop.example"], "allowed_origins.0", "web_address"),
    ("allowed_origins", ["https://shop.example/path"], "allowed_origins.0", "web_address"),
    ("vendor", "twilio", "vendor", "not_available"),
    ("vendor", "nobody", "vendor", "not_available"),
]


@pytest.mark.parametrize(("name", "value", "field", "code"), REFUSED)
async def test_form_with_a_wrong_setting_is_refused(name: str, value: Any, field: str, code: str) -> None:
    """When it is saved, and not when somebody sends it."""
    shop = await FormSite.with_form()
    for method, path in (("POST", "/api/forms"), ("PUT", f"/api/forms/{shop.form}")):
        answer = await shop.call(method, path, json=FORM | {name: value})
        assert answer.status_code == 422, answer.text
        [error] = answer.json()["errors"]
        assert (error["field"], error["code"]) == (field, code)


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("button", "a](https://evil.example)[b", "invalid"),
        ("body", "Dear {{ name }}", "unknown_field"),
        ("subject", "", "too_short"),
    ],
)
async def test_mail_of_a_form_has_no_fields_and_one_link(name: str, value: str, code: str) -> None:
    """Nothing is known of the person, and the button leads to the confirmation."""
    shop = await FormSite.with_form()
    mail = FORM["confirmation"] | {name: value}
    answer = await shop.call("POST", "/api/forms", json=FORM | {"confirmation": mail})
    [error] = answer.json()["errors"]
    assert (error["field"], error["code"]) == (f"confirmation.{name}", code)


async def test_form_is_changed_and_deleted() -> None:
    """A link that was sent before grants what its page shows; of a deleted form it does not work."""
    shop = await FormSite.with_form()
    link = await shop.ask()
    changed = await shop.call("PUT", f"/api/forms/{shop.form}", json=FORM | {"topics": [], "name": "New"})
    assert (changed.status_code, changed.json()["name"], changed.json()["asked"]) == (200, "New", 1)
    assert "<li>" not in (await shop.open(link)).text
    assert (await shop.call("DELETE", f"/api/forms/{shop.form}")).status_code == 204
    assert (await shop.press(link)).status_code == 404
    assert not (await shop.person()).exists
    assert (await shop.call("GET", "/api/forms")).json() == {"items": []}
    await shop.wait(timedelta(seconds=31))
    assert (await shop.send()).status_code == 404
    assert (await shop.call("DELETE", f"/api/forms/{shop.form}")).status_code == 404
    whats = ["form created", "form changed", "form deleted"]
    assert [len(await logged_actions(shop.herald.documents, what)) for what in whats] == [1, 1, 1]


async def test_topic_that_is_gone_is_neither_shown_nor_granted() -> None:
    """People agree to what their page shows."""
    shop = await FormSite.with_form()
    link = await shop.ask()
    await shop.herald.documents.commit([Put(TOPICS_PATH, {"topics": []})])
    assert "<li>" not in (await shop.open(link)).text
    await shop.press(link)
    assert await shop.consents() == {"email": "granted"}


async def test_form_whose_vendor_is_gone_says_that_it_does_not_work_now() -> None:
    """Nobody waits for a mail that nobody can send."""
    shop = await FormSite.with_form()
    await shop.herald.documents.commit([Update(f"forms/{shop.form}", {"vendor": "twilio"})])
    assert (await shop.send_json()).status_code == 503
    assert await shop.counts() == (0, 0)


async def test_pages_run_nothing_and_are_kept_by_nobody() -> None:
    """No script, no frame, no cache, no referrer with the link."""
    shop = await FormSite.with_form()
    link = await shop.ask()
    for page in (await shop.open(link), await shop.send(), await shop.press(link)):
        assert "default-src 'none'" in page.headers["content-security-policy"]
        assert "unsafe" not in page.headers["content-security-policy"]
        assert page.headers["cache-control"] == "private, no-store"
        assert page.headers["referrer-policy"] == "no-referrer"
        assert INBOX.value not in page.text


async def test_mail_of_a_form_has_an_id_of_no_campaign() -> None:
    """So it is in no number of a campaign."""
    shop = await FormSite.with_form()
    await shop.ask()
    [sent] = shop.vendor.mails
    stored = await shop.request()
    assert sent.campaign_id == campaign_id_of_form(shop.form)
    assert sent.message_id == message_id(sent.campaign_id, f"{stored.id} {stored['asked_at'].isoformat()}")


class DyingCommits:
    """The process dies right after a number of further commits."""

    def __init__(self, documents: Any, commits: int) -> None:
        self._documents = documents
        self._left = commits
        self._commit = documents.commit

    def __enter__(self) -> None:
        async def commit(writes: Any) -> None:
            if not writes:
                return
            if not self._left:
                raise SimulatedCrash()
            self._left -= 1
            await self._commit(writes)

        self._documents.commit = commit

    def __exit__(self, *_: object) -> None:
        self._documents.commit = self._commit
