"""A mail as a mailbox shows it, in the editor and on the page of a campaign, on the whole stack."""

from __future__ import annotations

import pytest
from playwright.sync_api import FrameLocator, Locator, Page, expect

from local.stack import Stack
from tests.site.browsing import SLOW_TIMEOUT, call
from tests.site.page_checks import SCREENSHOTS, check_page
from tests.site.test_campaign_pages import cards, enter, finish, prepare

pytestmark = [pytest.mark.stack, pytest.mark.browser]

BODY = """Dear **{{ name }}**,

- <script>document.title = "run"</script>
- [Come in](https://shop.example/sale)"""
MESSAGE = {"subject": "Hello {{ first_name }}", "body": BODY}
DARK, LIGHT = "rgb(34, 37, 43)", "rgb(255, 255, 255)"


def frame_in(part: Page | Locator) -> tuple[Locator, FrameLocator]:
    """The frame of the mail, and what is in it."""
    element = part.locator("iframe.mail-frame")
    expect(element).to_be_visible(timeout=SLOW_TIMEOUT)
    return element, element.content_frame


def test_editor_shows_the_mail_light_dark_narrow_and_wide(page: Page, stack: Stack, errors: list[str]) -> None:
    """The real HTML, in a sandbox without scripts; Back leaves the editor and not only the frame."""
    enter(page, stack)
    campaign = prepare(page, people=2, names=["Asha Rao", "Bela Nair"], message=MESSAGE)
    page.goto(f"{stack.site}/campaigns")
    page.goto(f"{stack.site}/campaigns/{campaign}/edit")
    preview = page.get_by_role("complementary", name="Preview for real people")
    expect(preview.locator(".message-bubble")).to_contain_text("Dear **", timeout=SLOW_TIMEOUT)
    preview.get_by_role("tab", name="As a mail").click()
    element, mail = frame_in(preview)
    expect(mail.locator("strong")).not_to_be_empty(timeout=SLOW_TIMEOUT)
    expect(mail.get_by_text('<script>document.title = "run"</script>')).to_be_visible()
    expect(element).to_have_attribute("sandbox", "")
    box = element.bounding_box()
    assert box
    assert box["width"] < 400
    expect(mail.locator(".card")).to_have_css("background-color", LIGHT)
    preview.get_by_role("button", name="Dark").click()
    _, mail = frame_in(preview)
    expect(mail.locator(".card")).to_have_css("background-color", DARK)
    page.screenshot(path=SCREENSHOTS / "mail-in-editor-dark.png")
    preview.get_by_role("button", name="As wide as a desktop").click()
    dialog = page.get_by_role("dialog", name="The mail on a desktop")
    element, mail = frame_in(dialog)
    expect(mail.locator(".card")).to_have_css("background-color", DARK)
    dialog.get_by_role("button", name="Light").click()
    element, mail = frame_in(dialog)
    expect(mail.locator(".card")).to_have_css("background-color", LIGHT)
    box = element.bounding_box()
    assert box
    assert box["width"] > 620
    page.screenshot(path=SCREENSHOTS / "mail-on-a-desktop.png")
    dialog.get_by_role("button", name="Close").click()
    page.go_back()
    expect(page).to_have_url(f"{stack.site}/campaigns")


def test_page_of_a_campaign_shows_the_mail_that_was_sent(page: Page, stack: Stack, errors: list[str]) -> None:
    """For one person, with their values; and of the campaign, in every variant. An SMS has only its text."""
    enter(page, stack)
    campaign = prepare(page, people=4, message=MESSAGE)
    finish(page, stack, campaign)
    page.locator("#people").get_by_role("row").filter(has_text="आशा राव").click()  # the only name that mails use
    sheet = page.get_by_role("dialog")
    sheet.get_by_role("tab", name="As a mail").click()
    _, mail = frame_in(sheet)
    expect(mail.locator("strong")).not_to_be_empty(timeout=SLOW_TIMEOUT)
    expect(mail.locator("strong")).not_to_contain_text("{{ name }}")
    page.screenshot(path=SCREENSHOTS / "mail-of-a-person.png")
    page.keyboard.press("Escape")

    def show_mail(shown: Page) -> None:
        cards(shown)
        tab = shown.get_by_role("tab", name="As a mail").or_(shown.get_by_role("tab", name="ई-मेल जैसा"))
        tab.click()
        frame_in(shown)

    check_page(page, "campaign-mail", url=page.url, ready=show_mail)
    sms = prepare(page, people=1, message={"body": "Hello"}, channel="sms")
    page.goto(f"{stack.site}/campaigns/{sms}")
    cards(page)
    expect(page.get_by_text("Hello", exact=True)).to_be_visible()
    expect(page.get_by_role("tab", name="As a mail")).to_have_count(0)


def test_link_of_a_mail_opens_its_page(page: Page, stack: Stack, errors: list[str]) -> None:
    """Under its own policy, with its style, and on a phone."""
    enter(page, stack)
    rendered = call(page, "api => api.campaigns.mail(text)", text={"subject": "Hi", "body": "**Hello**"})
    answer = page.request.post(f"{stack.site}{rendered['page']}", form={"html": rendered["html"]})
    assert answer.ok
    page.set_viewport_size({"width": 390, "height": 844})
    page.route(
        "**/api/view/shown",
        lambda route: route.fulfill(body=answer.body(), headers={**answer.headers, "content-type": "text/html"}),
    )
    page.goto(f"{stack.site}/api/view/shown")
    expect(page.locator(".card")).to_have_css("padding-top", "20px")
    page.screenshot(path=SCREENSHOTS / "mail-on-a-phone.png")
