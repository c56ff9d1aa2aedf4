"""The page behind the link of a message lets its reader leave some topics, or everything."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import urlencode

import httpx
import pytest

from common.storage.documents import Create, Query, Update
from customers.commands.upsert import CustomerUpserts
from customers.model.customer import CustomerInput
from tests.component.test_consent_topics import NEWSLETTER, OFFERS
from tests.component.test_unsubscribe import (
    FORGED,
    INBOX,
    LINK,
    LINKS,
    MESSAGE,
    ONE_CLICK,
    PERSON,
    WITH_ADDRESS,
    MailReader,
    has_new_address,
)
from tests.support import HASHER

BOTH = ("newsletter", "offers")


async def reader_with_topics() -> MailReader:
    reader = await MailReader.with_message()
    await reader.herald.documents.commit([Create("settings/topics", {"topics": [NEWSLETTER, OFFERS]})])
    return reader


async def choose(
    reader: MailReader,
    *wanted: str,
    link: str = WITH_ADDRESS,
    shown: tuple[str, ...] = BOTH,
    ticked_before: tuple[str, ...] = (),
) -> httpx.Response:
    """Saves the choice as a browser sends it; then a minute passes."""
    fields = [("choice", "topics"), *(("shown", name) for name in shown), *(("topic", name) for name in wanted)]
    fields += [("ticked", name) for name in ticked_before]
    answer = await reader.call("POST", link, by=None, content=urlencode(fields).encode(), headers=ONE_CLICK)
    await reader.herald.work()
    reader.herald.now += timedelta(minutes=1)
    return answer


async def consents(reader: MailReader) -> tuple[dict[str, str], dict[str, bool]]:
    """What is stored with the address, and with the person."""
    address = await reader.herald.documents.get(HASHER.path(INBOX))
    person = await reader.herald.documents.get(f"customers/{PERSON}")
    return {name: one["state"] for name, one in address.get("consents", {}).items()}, person.get("consent", {})


def ticked(page: str) -> set[str]:
    return set(re.findall(r'name="topic" value="(\w+)" checked', page))


async def test_choice_is_kept_shown_and_changed_again() -> None:
    """Who takes a box away says no to this topic alone; who ticks it again says yes. GET changes nothing."""
    reader = await reader_with_topics()
    page = await reader.open(WITH_ADDRESS)
    assert ticked(page.text) == {"newsletter", "offers"}
    assert await consents(reader) == ({}, {})
    saved = await choose(reader, "newsletter")
    assert (saved.status_code, "Your choice is saved" in saved.text) == (200, True)
    assert await consents(reader) == ({"email_offers": "denied"}, {"email_offers": False})
    assert ticked((await reader.open(WITH_ADDRESS)).text) == {"newsletter"}
    person = await reader.herald.documents.get(f"customers/{PERSON}")
    assert person["consents"]["email_offers"]["source"] == "preference page"
    await choose(reader, "newsletter", "offers")
    assert await consents(reader) == ({"email_offers": "granted"}, {"email_offers": True})
    assert await reader.suppressed_because() is None


async def test_page_of_a_spanish_mail_marks_the_topics_that_have_no_spanish_name() -> None:
    """Topics have names in English and Hindi, as the team wrote them: a program is to read these as English."""
    page = await (await reader_with_topics()).open(f"{WITH_ADDRESS}?language=es", **{"accept-language": "en"})
    assert "<h1>¿Qué quiere recibir?</h1>" in page.text
    assert '<span lang="en">Offers</span></label>' in page.text
    assert "<button>Guardar mi elección</button>" in page.text


async def test_box_that_stays_ticked_on_an_old_page_does_not_undo_a_newer_no() -> None:
    """The page was open while the reader left a topic elsewhere."""
    reader = await reader_with_topics()
    page = await reader.open(WITH_ADDRESS)
    before = set(re.findall(r'name="ticked" value="(\w+)"', page.text))
    assert before == ticked(page.text)
    await choose(reader, "newsletter", ticked_before=BOTH)
    assert await consents(reader) == ({"email_offers": "denied"}, {"email_offers": False})
    await choose(reader, "offers", ticked_before=BOTH)
    said = {"email_offers": "denied", "email_newsletter": "denied"}
    assert await consents(reader) == (said, dict.fromkeys(said, False))


async def test_choice_holds_for_messages_that_wait() -> None:
    """A campaign about the topic is paused when its reader leaves it."""
    reader = await reader_with_topics()
    herald = reader.herald
    await herald.launch(topic="offers")
    await herald.work(max_events=65)
    await herald.act(lambda lifecycle: lifecycle.pause)
    await herald.work()
    await choose(reader, "newsletter")
    await herald.act(lambda lifecycle: lifecycle.resume)
    await herald.tick()
    assert (await herald.ledger.statistics("c")).skipped_reasons == {"left_topic": 1}


async def test_choice_holds_for_all_who_have_the_address() -> None:
    """Also for a customer who gets it later."""
    reader = await reader_with_topics()
    upserts = CustomerUpserts(reader.herald.documents, hashes=HASHER, clock=lambda: reader.herald.now)
    await upserts.upsert([CustomerInput(external_id="twin", email=INBOX.value)])
    await choose(reader, "newsletter")
    await upserts.upsert([CustomerInput(external_id="later", email=INBOX.value)])
    stored = await reader.herald.documents.query(Query(collection="customers"))
    assert [one["consent"] for one in stored] == [{"email_offers": False}] * 3


async def test_choice_is_about_the_address_that_the_message_went_to() -> None:
    """The customer has another one by now: the old mailbox does not speak for it, and gets nothing about the topic."""
    reader = await reader_with_topics()
    await has_new_address(reader)
    await choose(reader, "newsletter")
    address, person = await consents(reader)
    assert (address, person) == ({"email_offers": "denied"}, {})
    herald = reader.herald
    assert (await herald.documents.get(HASHER.path(INBOX)))["unflagged"] is True
    await herald.documents.commit([Update(f"customers/{PERSON}", {"email": INBOX.value})])
    herald.now += timedelta(days=2)
    herald.restart()
    await herald.launch(topic="offers")
    await herald.work()
    assert (await herald.ledger.statistics("c")).skipped_reasons == {"left_topic": 1}


async def test_earlier_choice_that_comes_again_does_not_undo_a_newer_one() -> None:
    """Pub/Sub delivers an event again, after the person has changed their mind."""
    reader = await reader_with_topics()
    body = b"choice=topics&shown=newsletter&shown=offers&topic=newsletter"
    await reader.call("POST", WITH_ADDRESS, by=None, content=body, headers=ONE_CLICK)
    earlier = reader.herald.publisher.events[-1]
    await reader.herald.work()
    reader.herald.now += timedelta(minutes=1)
    await choose(reader, *BOTH)
    assert await reader.herald.deliver(earlier)
    assert await consents(reader) == ({"email_offers": "granted"}, {"email_offers": True})


async def test_choice_of_topics_that_were_not_shown_or_do_not_exist_says_nothing() -> None:
    """An admin added a topic while the page was open; somebody makes names up."""
    reader = await reader_with_topics()
    await choose(reader, shown=("newsletter", "made_up"))
    assert await consents(reader) == ({"email_newsletter": "denied"}, {"email_newsletter": False})


async def test_one_click_and_nothing_at_all_leave_everything() -> None:
    """What mail programs send has no choice; neither has the second button of the page."""
    reader = await reader_with_topics()
    await reader.click(WITH_ADDRESS)
    assert await reader.suppressed_because() == "unsubscribed"
    nothing = await reader_with_topics()
    await nothing.call("POST", WITH_ADDRESS, by=None, content=b"", headers=ONE_CLICK)
    await nothing.herald.work()
    assert await nothing.suppressed_because() == "unsubscribed"


async def test_body_that_is_no_form_leaves_everything() -> None:
    """Somebody who says no must be heard, whatever their program sends."""
    reader = await reader_with_topics()
    body = b"&".join(b"topic=%d" % n for n in range(500))
    await reader.call("POST", WITH_ADDRESS, by=None, content=body, headers=ONE_CLICK)
    await reader.herald.work()
    assert await reader.suppressed_because() == "unsubscribed"


async def test_link_without_an_address_has_no_topics() -> None:
    """A link of older code: nobody knows whose topics these would be."""
    reader = await reader_with_topics()
    assert ticked((await reader.open(LINK)).text) == set()


async def test_page_is_in_the_language_of_the_reader_and_shows_no_address() -> None:
    """A label cannot break out of the page."""
    reader = await reader_with_topics()
    evil = {"name": "evil", "labels": {"en": "<script>x</script>", "hi": "<b>समाचार</b>"}}
    await reader.herald.documents.commit([Update("settings/topics", {"topics": [NEWSLETTER, evil]})])
    hindi, english = await reader.open(WITH_ADDRESS, **{"Accept-Language": "hi"}), await reader.open(WITH_ADDRESS)
    assert "समाचार पत्र" in hindi.text
    assert "&lt;b&gt;" in hindi.text
    assert "<script" not in english.text
    assert "p0@example.com" not in english.text


@pytest.mark.parametrize("link", FORGED)
async def test_choice_by_a_link_that_herald_did_not_make_does_nothing(link: str) -> None:
    """The same answer as for people who exist."""
    reader = await reader_with_topics()
    assert (await choose(reader, "newsletter", link=link)).status_code == 404
    assert await consents(reader) == ({}, {})


async def test_link_of_another_purpose_chooses_nothing() -> None:
    """The signature of a link that counts an open is none for the page."""
    token = LINKS.open_url(MESSAGE).rpartition("/")[2]
    reader = await reader_with_topics()
    assert (await choose(reader, link=f"/api/unsubscribe/{token}")).status_code == 404
