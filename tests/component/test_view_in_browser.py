"""A mail in a browser: its recipient sees what was sent, and nobody else sees anything."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from campaigns.composition import CampaignsFunction, CampaignsSettings
from common.addresses.address import Address
from common.events import MessageReady, TrackingChoice, UtmTags
from common.ids import campaign_id_of_tests, message_id
from common.mail.layout import MailLook, page_policy
from common.mail.links import LinkedMessage, MessageLinks
from common.messages.redactions import redact_claim
from common.storage.documents import Create, Delete, Query, Update
from common.storage.memory import MemoryDocuments
from tests.in_memory_herald import FixedTextModel, InMemoryHerald
from tests.support import HASHER, SETTINGS, ApiClient, customer_id, identity_from_token
from vendor.vendors.smtp.mail import MailComposer, SenderSettings

PERSON, OTHER = customer_id("external_id", "0"), customer_id("external_id", "1")
CAMPAIGN = "c0ffee"
INBOX = "asha@example.com"
KEY = SecretStr(SETTINGS["SUPPRESSION_KEY"])
BODY = "Dear **Asha**,\n\n- one\n- दो\n\n[Come in](https://shop.example/sale)"
LINKS = MessageLinks(KEY, public_url=SETTINGS["PUBLIC_URL"])
LINKED = LinkedMessage(campaign_id=CAMPAIGN, customer_id=PERSON, attempt=1)
CLAIM = f"claims/{message_id(CAMPAIGN, PERSON)}"


def mail(**fields: Any) -> MessageReady:
    values: dict[str, Any] = {
        "message_id": message_id(CAMPAIGN, PERSON),
        "campaign_id": CAMPAIGN,
        "customer_id": PERSON,
        "channel": "email",
        "vendor": "smtp",
        "to": INBOX,
        "name": "Asha",
        "subject": "Asha, <something> for you",
        "body": "Dear **Asha**,\n\n[Come in](https://shop.example/sale)",
        "preview": "Only today",
        "personalized_by": "template",
    }
    return MessageReady(**values | fields)


def composed(message: MessageReady, *, is_tracking: bool = True) -> tuple[str, str]:
    """The two parts of the mail as a vendor sends it: text and HTML."""
    composer = MailComposer(
        sender=SenderSettings(sender="news@shop.example"),
        look=MailLook(),
        links=LINKS,
        hasher=HASHER,
        is_tracking=is_tracking,
    )
    made = composer.compose_message(message)
    plain, html = made.get_body(("plain",)), made.get_body(("html",))
    assert plain
    assert html
    return plain.get_content(), html.get_content()


def view_link(html: str) -> str:
    """The only link of the mail that leads to its page."""
    [link] = re.findall(r'href="https://herald.example(/api/view/[^"]+)"', html)
    return str(link)


class Team:
    """Members who look at a mail before it is sent."""

    def __init__(self) -> None:
        self.herald = InMemoryHerald()
        function = CampaignsFunction(
            documents=self.herald.documents,
            publisher=self.herald.publisher,
            open_access=MemoryDocuments,
            create_model=FixedTextModel,
            verify_id_token=identity_from_token,
            settings=CampaignsSettings(SETTINGS),
            clock=lambda: self.herald.now,
        )
        self.ask = ApiClient(function.app)
        self.receipts = ApiClient(self.herald.receipts_function().app)

    async def render(self, **text: Any) -> dict[str, str]:
        answer = await self.ask("POST", "/api/campaigns/mail", json={"subject": "Hi", "body": BODY, **text})
        assert answer.status_code == 200, answer.text
        rendered: dict[str, str] = answer.json()
        return rendered

    async def show(self, page: str, **form: str) -> httpx.Response:
        """As a form in a browser does it: every line break is two characters."""
        sent = {name: value.replace("\n", "\r\n") for name, value in form.items()}
        return await self.receipts("POST", page, by=None, data=sent)


class Inbox:
    """Somebody with a mail that was sent."""

    def __init__(self, herald: InMemoryHerald) -> None:
        self.herald = herald
        self.call = ApiClient(herald.receipts_function().app)

    @classmethod
    async def with_mail(cls, message: MessageReady, **campaign: Any) -> Inbox:
        herald = InMemoryHerald()
        fields = {"state": "running", "channel": "email", "vendor": "smtp"} | campaign
        await herald.documents.commit([Create(f"campaigns/{message.campaign_id}", fields)])
        await herald.claims.acquire(message)
        return cls(herald)

    async def open(self, link: str, **headers: str) -> httpx.Response:
        return await self.call("GET", link, by=None, headers=headers)


async def test_link_in_the_mail_shows_the_mail_as_it_was_sent() -> None:
    """The same text, links and footer; but without the image that counts, and with links that lead straight on."""
    message = mail()
    plain, html = composed(message)
    inbox = await Inbox.with_mail(message)
    page = await inbox.open(view_link(html))
    assert page.status_code == 200
    assert f"View in browser: https://herald.example{view_link(html)}" in plain
    _, untracked = composed(message, is_tracking=False)
    as_sent = re.sub(r"<a [^>]*>View in browser</a> &#183; ", "", untracked)
    assert page.text == as_sent
    assert "/api/o/" in html
    assert "/api/o/" not in page.text
    assert "/api/c/" not in page.text


async def test_page_counts_nothing_and_changes_nothing() -> None:
    """Whoever looks at the page has not opened the mail: it may be somebody to whom it was forwarded."""
    message = mail()
    inbox = await Inbox.with_mail(message)
    await inbox.open(view_link(composed(message)[1]))
    assert inbox.herald.publisher.events == []
    assert await inbox.herald.documents.query(Query(collection="receipts")) == []


async def test_page_has_the_tags_of_the_campaigns_links() -> None:
    """They are a part of the message."""
    utm = UtmTags(source="herald", medium="email", campaign="sale")
    message = mail(tracking=TrackingChoice(utm=utm))
    inbox = await Inbox.with_mail(message, tracking={"enabled": None, "utm": utm.model_dump()})
    page = await inbox.open(view_link(composed(message)[1]))
    assert "https://shop.example/sale?utm_source=herald&amp;utm_medium=email&amp;utm_campaign=sale" in page.text


async def test_page_runs_nothing_and_is_kept_by_nobody() -> None:
    """Its policy allows the one style sheet, images and nothing else; no cache, no search engine, no referrer."""
    message = mail(body="<script>alert(1)</script> ![x](javascript:alert(1)) ![y](http://shop.example/y.png)")
    inbox = await Inbox.with_mail(message)
    page = await inbox.open(view_link(composed(message)[1]))
    policy = page.headers["content-security-policy"]
    assert policy == page_policy(page.text)
    assert policy.startswith("default-src 'none'; img-src https:; style-src-elem 'sha256-")
    assert "script" not in policy
    assert "sandbox allow-popups" in policy
    assert "allow-same-origin" not in policy
    assert page.headers["cache-control"] == "private, no-store"
    assert page.headers["referrer-policy"] == "no-referrer"
    assert page.headers["x-robots-tag"] == "noindex"
    assert "<script" not in page.text
    assert INBOX not in page.text


async def test_page_of_an_erased_person_says_that_the_message_is_gone() -> None:
    """In the reader's language, and with nothing of the message."""
    message = mail()
    inbox = await Inbox.with_mail(message)
    claim = await inbox.herald.documents.get(CLAIM)
    await inbox.herald.documents.commit([redact_claim(claim)])
    page = await inbox.open(view_link(composed(message)[1]), **{"accept-language": "hi-IN"})
    assert page.status_code == 410
    assert "यह संदेश अब नहीं है" in page.text
    assert "Asha" not in page.text


@pytest.mark.parametrize(
    "change",
    [
        Delete(CLAIM),
        Update(CLAIM, {"skip_reason": "suppressed"}),
        Update(CLAIM, {"channel": "sms"}),
        Update(CLAIM, {"subject": None, "body": None}),
    ],
)
async def test_message_that_is_not_kept_or_was_no_mail_is_gone(change: Delete | Update) -> None:
    """Claims are deleted some time after the campaign; one that was skipped was never sent."""
    message = mail()
    inbox = await Inbox.with_mail(message)
    await inbox.herald.documents.commit([change])
    page = await inbox.open(view_link(composed(message)[1]))
    assert (page.status_code, "This message is gone" in page.text) == (410, True)


VIEW = LINKS.view_url(LINKED).removeprefix(SETTINGS["PUBLIC_URL"])


@pytest.mark.parametrize(
    "link",
    [
        VIEW.replace(PERSON, OTHER),
        VIEW.replace(CAMPAIGN, "facade"),
        VIEW.replace(".1.", ".2."),
        VIEW[:-1] + ("0" if VIEW[-1] != "0" else "1"),
        LINKS.open_url(LINKED).replace("https://herald.example/api/o/", "/api/view/"),
        LINKS.unsubscribe_url(LINKED).replace("https://herald.example/api/unsubscribe/", "/api/view/"),
        VIEW.replace("/api/view/", "/api/unsubscribe/"),
        MessageLinks(SecretStr("another key of somebody")).view_url(LINKED),
        "/api/view/x",
        "/api/view/%ff%00",
    ],
)
async def test_link_that_herald_did_not_make_shows_nothing(link: str) -> None:
    """Nobody gets from their own link to another person's message, and a link of one purpose is none of another."""
    inbox = await Inbox.with_mail(mail())
    others = mail(message_id=message_id(CAMPAIGN, OTHER), customer_id=OTHER, to="b@example.com")
    await inbox.herald.claims.acquire(others)
    page = await inbox.open(link)
    assert page.status_code == 404
    assert "Come in" not in page.text


async def test_link_to_unsubscribe_on_the_page_is_the_mails_own() -> None:
    """It is about the address that the mail went to."""
    message = mail()
    inbox = await Inbox.with_mail(message)
    page = await inbox.open(view_link(composed(message)[1]))
    address_hash = HASHER.hash(Address(kind="email", value=INBOX))
    assert LINKS.unsubscribe_url(replace(LINKED, address_hash=address_hash)) in page.text


@pytest.mark.parametrize("fields", [{"transactional": True}, {"campaign_id": campaign_id_of_tests(CAMPAIGN)}])
async def test_message_without_a_link_to_unsubscribe_has_none_on_its_page(fields: dict[str, Any]) -> None:
    """A message that people need, and a test message, which can be viewed as long as its claim is kept."""
    ids = {"message_id": message_id(str(fields.get("campaign_id", CAMPAIGN)), PERSON)}
    message = mail(**ids, **fields)
    inbox = await Inbox.with_mail(message)
    page = await inbox.open(view_link(composed(message)[1]))
    assert (page.status_code, "unsubscribe" in page.text) == (200, False)


async def test_text_is_rendered_as_the_mail_that_people_get() -> None:
    """The same layout as in the mailbox; the links of the footer lead nowhere, so that nobody unsubscribes others."""
    message = mail(body=BODY, subject="Hi", preview="Only today")
    rendered = await Team().render(preview="Only today")
    _, html = composed(message, is_tracking=False)
    assert rendered["html"] == re.sub(r'href="https://herald.example/api/[^"]+"', 'href="#"', html)
    needed = await Team().render(transactional=True)
    assert "Unsubscribe" not in needed["html"]
    tagged = await Team().render(utm={"source": "herald", "medium": "email", "campaign": "sale"})
    assert "utm_campaign=sale" in tagged["html"]


async def test_rendered_page_is_shown_to_the_browser_that_posts_it() -> None:
    """It comes back as it was, under the policy that lets it do nothing; the site may have it in a frame."""
    team = Team()
    rendered = await team.render()
    page = await team.show(rendered["page"], html=rendered["html"])
    assert (page.status_code, page.text) == (200, rendered["html"])
    assert "frame-ancestors 'self'; sandbox" in page.headers["content-security-policy"]


@pytest.mark.parametrize(("scheme", "media"), [("light", "not all"), ("dark", "all")])
async def test_page_is_shown_as_in_a_light_or_dark_mailbox(scheme: str, media: str) -> None:
    """Whatever the browser's own setting is; the policy allows the changed style sheet."""
    team = Team()
    rendered = await team.render(subject="(prefers-color-scheme: dark)")
    page = await team.show(rendered["page"], html=rendered["html"], scheme=scheme)
    assert f"@media {media} {{\n  body, .page" in page.text
    assert f":root {{ color-scheme: {scheme};" in page.text
    assert "<title>(prefers-color-scheme: dark)</title>" in page.text
    assert page.headers["content-security-policy"] == page_policy(page.text)


async def test_page_that_herald_did_not_make_or_made_long_ago_is_not_shown() -> None:
    """Otherwise anybody could show anything under the address of the shop."""
    team = Team()
    rendered = await team.render()
    html, page = rendered["html"], rendered["page"]
    assert (await team.show(page, html=html + "<p>Send us your password</p>")).status_code == 404
    assert (await team.show(page)).status_code == 404
    later = page.replace("/api/view/1", "/api/view/2")
    assert (await team.show(later, html=html)).status_code == 404
    assert (await team.show(VIEW, html=html)).status_code == 404
    team.herald.now += timedelta(days=1)
    assert (await team.show(page, html=html)).status_code == 404


async def test_longest_text_in_hindi_can_be_shown() -> None:
    """A form writes each letter of it with nine characters."""
    team = Team()
    rendered = await team.render(body="नमस्ते " * 4_285)
    assert (await team.show(rendered["page"], html=rendered["html"], scheme="dark")).status_code == 200


@pytest.mark.parametrize(
    ("text", "language", "unsubscribe", "page_language", "heading"),
    [
        ({"language": "es", "body": "Solo hoy"}, "es", "Darse de baja", "es", "¿Darse de baja?"),
        ({"language": None, "body": "Liebe Asha, wir haben etwas für Sie"}, "de", "Abmelden", "de", "Abmelden?"),
        ({"language": "default", "body": "प्रिय आशा, आपके लिए"}, "hi", "सदस्यता छोड़ें", "hi", "सदस्यता छोड़ें?"),
        ({"language": "ta", "body": "இன்று மட்டும்"}, "ta", "Unsubscribe", "fr", "Se désabonner ?"),
        ({"language": "en", "body": "Only today"}, "en", "Unsubscribe", "fr", "Se désabonner ?"),
    ],
)
async def test_footer_and_the_pages_behind_it_speak_the_mails_language(
    text: dict[str, Any], language: str, unsubscribe: str, page_language: str, heading: str
) -> None:
    """Whatever the reader's browser speaks, which is French. It decides only where the words of the mail are English:
    that may be the text for everybody. The page of the mail is the same as the mail."""
    message = mail(subject="…", preview=None, **text)
    plain, html = composed(message, is_tracking=False)
    inbox = await Inbox.with_mail(message)
    assert f'<html lang="{language}"' in html
    [(link, name)] = re.findall(r'href="https://herald.example(/api/unsubscribe/[^"]+)"[^>]*>([^<]*)<', html)
    assert name == unsubscribe
    assert f"{unsubscribe}: https://herald.example{link}" in plain
    page = await inbox.open(link, **{"accept-language": "fr"})
    assert f'<html lang="{page_language}" dir="ltr">' in page.text
    assert f"<h1>{heading}</h1>" in page.text
    shown = await inbox.open(view_link(html))
    assert f">{unsubscribe}</a>" in shown.text
    assert f"https://herald.example{link}" in shown.text


async def test_link_to_a_mail_that_is_gone_speaks_its_language() -> None:
    """The claim with the text is deleted: only the link still says which language it had."""
    message = mail(language="pt")
    inbox = await Inbox.with_mail(message)
    await inbox.herald.documents.commit([Delete(CLAIM)])
    page = await inbox.open(view_link(composed(message)[1]), **{"accept-language": "en"})
    assert page.status_code == 410
    assert "<h1>Esta mensagem não existe mais</h1>" in page.text


async def test_look_before_sending_has_the_footer_of_its_language() -> None:
    """That of the text that the editor names, or of its words."""
    team = Team()
    assert ">Se désabonner</a>" in (await team.render(body="…", language="fr"))["html"]
    assert ">Darse de baja</a>" in (await team.render(body="Hola, nuestra tienda", language="default"))["html"]
    assert ">Unsubscribe</a>" in (await team.render(body="…", language="tlh"))["html"]
